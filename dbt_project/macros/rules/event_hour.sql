{#- The hour that a checked row belongs to: an event time that cannot be right gives way to Kafka's, or to that of the
    landing if Kafka's is not known: NULL, or out of the years that landing takes (docs/landing.md), as raw of before
    that bound has it. -#}
{% macro event_hour() -%}
date_trunc(
        'hour',
        case
            when invalid_reason is null or invalid_reason <> 'event_time_out_of_range' then event_time
            when _kafka_timestamp >= timestamp '1970-01-01 00:00:00'
                and _kafka_timestamp < timestamp '2262-01-01 00:00:00' then _kafka_timestamp
            else _landed_at
        end
    )
{%- endmacro %}
