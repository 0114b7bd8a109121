{#- In statements of 100, which is the most. https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_external-table.html -#}
{% macro redshift__add_partitions(table, partitions) %}
    {% for some in partitions | batch(100) %}
        {% do run_query('alter table ' ~ raw_name(table) ~ ' add if not exists ' ~ some | join(' ')) %}
    {% endfor %}
{% endmacro %}
