{#- The hours of a raw table's partitions, ascending, as texts of `hour_text`. -#}
{% macro spark_partition_hours(table) %}
    {% set hours = [] %}
    {% for (partition,) in run_query("show partitions raw." ~ table).rows %}
        {% do hours.append(partition | replace('landed_date=', '') | replace('/landed_hour=', ' ')) %}
    {% endfor %}
    {{ return(hours | sort) }}
{% endmacro %}
