{#- The hour that a checked row belongs to: an event time that cannot be right gives way to Kafka's. -#}
{% macro event_hour() -%}
date_trunc(
        'hour',
        case when invalid_reason = 'event_time_out_of_range' then _kafka_timestamp else event_time end
    )
{%- endmacro %}
