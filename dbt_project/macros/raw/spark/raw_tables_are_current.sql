{#- Asks for the columns of each table, so that a run makes no statement that changes nothing. -#}
{% macro spark__raw_tables_are_current() %}{{ return(not spark_raw_changes()) }}{% endmacro %}
