{#- All in one statement. https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-alter-table.html -#}
{% macro spark__add_partitions(table, partitions) %}
    {% do run_query('alter table ' ~ raw_name(table) ~ ' add if not exists ' ~ partitions | join(' ')) if partitions %}
{% endmacro %}
