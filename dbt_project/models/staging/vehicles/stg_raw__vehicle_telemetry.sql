with source as (
    select * from {{ source('raw', 'vehicle_telemetry') }}
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
    {{ without_trailing_blanks('make') }} as make,
    {{ without_trailing_blanks('model') }} as model,
    year,
    {{ without_trailing_blanks('fuel_type') }} as fuel_type,
    case when not {{ is_blank('trip_id') }} then {{ without_trailing_blanks('trip_id') }} end as trip_id,
    case when not {{ is_blank('route_id') }} then {{ without_trailing_blanks('route_id') }} end as route_id,
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
