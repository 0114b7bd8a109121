{% macro duckdb__create_table_sql(relation, columns) %}create table if not exists {{ relation }} ({{ columns }}){% endmacro %}
