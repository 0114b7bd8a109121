with quarantined as (
    {%- for entity in entities() %}
    select
        event_id,
        event_time,
        event_hour,
        invalid_reason,
        _kafka_topic,
        _kafka_generation,
        _kafka_partition,
        _kafka_offset,
        _kafka_timestamp,
        _landed_at,
        _built_ms
    from {{ ref('int_' ~ entity ~ '_quarantine') }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    _kafka_topic as topic,
    _kafka_generation as generation,
    _kafka_partition as partition_id,
    _kafka_offset as record_offset,
    date_trunc('hour', _landed_at) as landing_hour,
    event_id,
    event_time,
    event_hour,
    invalid_reason,
    {{ invalid_field('invalid_reason', '_kafka_topic') }} as invalid_field,
    {{ epoch_ms('_kafka_timestamp') }} - {{ epoch_ms('event_time') }} as event_to_kafka_ms,
    _built_ms
from quarantined
