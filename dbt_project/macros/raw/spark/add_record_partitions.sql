{#- Spark lists the folders. -#}
{% macro spark__add_record_partitions(hours, first) %}
    {% do run_query("msck repair table raw.compacted_hours") if first %}
    {% do add_partitions('compacted_hours', hours) %}
{% endmacro %}
