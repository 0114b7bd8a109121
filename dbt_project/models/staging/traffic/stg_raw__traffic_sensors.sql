with source as (
    select * from {{ source('raw', 'traffic_sensors') }}
)

select
    {{ without_trailing_blanks('event_id') }} as event_id,
    {{ without_trailing_blanks('sensor_id') }} as sensor_id,
    {{ without_trailing_blanks('road_id') }} as road_id,
    event_time,
    location,
    {{ coordinate('location', 1) }} as latitude,
    {{ coordinate('location', 2) }} as longitude,
    vehicle_count,
    average_speed_kmh,
    occupancy_pct,
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
