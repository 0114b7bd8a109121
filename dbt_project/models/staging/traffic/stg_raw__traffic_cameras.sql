with source as (
    select * from {{ source('raw', 'traffic_cameras') }}
)

select
    rtrim(event_id) as event_id,
    rtrim(camera_id) as camera_id,
    rtrim(vehicle_id) as vehicle_id,
    event_time,
    location,
    {{ coordinate('location', 1) }} as latitude,
    {{ coordinate('location', 2) }} as longitude,
    rtrim(snapshot_uri) as snapshot_uri,
    detected_vehicles,
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
