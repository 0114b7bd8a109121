{#- CREATE TABLE of one of the project's own state tables; `columns` as in 'model varchar(128), through_ms bigint'. -#}
{% macro create_table_sql(relation, columns) %}{{ return(adapter.dispatch('create_table_sql')(relation, columns)) }}{% endmacro %}

{% macro default__create_table_sql(relation, columns) %}
    {{ exceptions.raise_compiler_error("create_table_sql is not written for " ~ target.type ~ ": add " ~ target.type ~ "__create_table_sql") }}
{% endmacro %}

{% macro spark__create_table_sql(relation, columns) %}create table if not exists {{ relation }} ({{ columns }}) using delta{% endmacro %}

{% macro redshift__create_table_sql(relation, columns) %}create table if not exists {{ relation }} ({{ columns }}){% endmacro %}

{% macro duckdb__create_table_sql(relation, columns) %}create table if not exists {{ relation }} ({{ columns }}){% endmacro %}
