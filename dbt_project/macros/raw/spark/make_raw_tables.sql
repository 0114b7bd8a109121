{#- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-create-table-datasource.html -#}
{% macro spark__make_raw_tables() %}
    {% for statement in spark_raw_changes() %}
        {% do run_query(statement) %}
    {% endfor %}
{% endmacro %}
