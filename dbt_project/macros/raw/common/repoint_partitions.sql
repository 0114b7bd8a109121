{#-
    Points the partitions of compacted hours at the large files. A reader sees the same rows before and after: the small
    files stay until `python -m ingest expire`. `compacted`: {table: [datetime]}, from new_compactions.
-#}
{% macro repoint_partitions(compacted) %}
    {% for table, hours in compacted.items() %}
        {% for hour in hours %}
            {% do run_query('alter table ' ~ raw_name(table) ~ ' ' ~ partition_sql(table, hour, 'set location', 'compacted')) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
