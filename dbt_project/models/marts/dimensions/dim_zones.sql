with zones as (
    select * from {{ ref('zones') }}
),

sensors as (
    select * from {{ ref('sensors') }}
)

select
    zones.zone_id,
    zones.zone_name,
    zones.city,
    zones.min_latitude,
    zones.max_latitude,
    zones.min_longitude,
    zones.max_longitude,
    count(sensors.sensor_id) as sensor_count
from zones
left join sensors
    on {{ in_zone('sensors.latitude', 'sensors.longitude') }}
group by
    zones.zone_id, zones.zone_name, zones.city,
    zones.min_latitude, zones.max_latitude, zones.min_longitude, zones.max_longitude
