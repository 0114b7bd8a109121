{#- Is the event time too far ahead of the Kafka timestamp, or too far behind? That also bounds what can be reopened.
    A Kafka timestamp that is not known vouches for no event time. -#}
{% macro event_time_is_off() -%}
(
            _kafka_timestamp is null
            or {{ epoch_ms('_kafka_timestamp') }} - {{ epoch_ms('event_time') }}
                not between -{{ var('event_ahead_ms') }} and {{ var('event_behind_ms') }}
        )
{%- endmacro %}
