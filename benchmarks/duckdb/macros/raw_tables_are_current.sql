{% macro duckdb__raw_tables_are_current() %}{{ return(false) }}{% endmacro %}
