with source as (
    select * from {{ source('raw', 'emergency_incidents') }}
)

select
    {{ without_trailing_blanks('event_id') }} as event_id,
    {{ without_trailing_blanks('incident_id') }} as incident_id,
    {{ without_trailing_blanks('incident_type') }} as incident_type,
    event_time,
    location,
    {{ coordinate('location', 1) }} as latitude,
    {{ coordinate('location', 2) }} as longitude,
    {{ without_trailing_blanks('status') }} as status,
    severity,
    {{ without_trailing_blanks('description') }} as description,
    landed_date as _landed_date,
    landed_hour as _landed_hour,
    _kafka_topic,
    _kafka_generation,
    _kafka_partition,
    _kafka_offset,
    _kafka_timestamp,
    _landed_at,
    _rescued
from source
