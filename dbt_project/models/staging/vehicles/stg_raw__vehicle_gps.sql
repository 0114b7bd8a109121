with source as (
    select * from {{ source('raw', 'vehicle_gps') }}
)

select
    {{ without_trailing_blanks('event_id') }} as event_id,
    {{ without_trailing_blanks('vehicle_id') }} as vehicle_id,
    event_time,
    location,
    {{ coordinate('location', 1) }} as latitude,
    {{ coordinate('location', 2) }} as longitude,
    speed_kmh,
    heading,
    {{ without_trailing_blanks('vehicle_type') }} as vehicle_type,
    accuracy_m,
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
