{#- What landing adds to each row, as columns of a SELECT. -#}
{% macro landing_columns() -%}
_kafka_topic,
    _kafka_generation,
    _kafka_partition,
    _kafka_offset,
    _kafka_timestamp,
    _landed_at,
    _rescued,
    _landed_date,
    _landed_hour
{%- endmacro %}
