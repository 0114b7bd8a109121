with source as (
    select * from {{ source('raw', 'vehicle_telemetry') }}
)

select
    rtrim(event_id) as event_id,
    rtrim(vehicle_id) as vehicle_id,
    event_time,
    location,
    {{ coordinate('location', 1) }} as latitude,
    {{ coordinate('location', 2) }} as longitude,
    speed_kmh,
    heading,
    rtrim(make) as make,
    rtrim(model) as model,
    year,
    rtrim(fuel_type) as fuel_type,
    nullif(rtrim(trip_id), '') as trip_id,
    nullif(rtrim(route_id), '') as route_id,
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
