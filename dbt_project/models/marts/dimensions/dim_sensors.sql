with sensors as (
    select * from {{ ref('sensors') }}
),

roads as (
    select * from {{ ref('roads') }}
),

zones as (
    select * from {{ ref('zones') }}
)

select
    sensors.sensor_id,
    sensors.road_id,
    roads.road_name,
    roads.city,
    zones.zone_id,
    sensors.latitude,
    sensors.longitude,
    sensors.sample_interval_s,
    cast(3600 / sensors.sample_interval_s as integer) as samples_due_per_hour
from sensors
left join roads on sensors.road_id = roads.road_id
left join zones
    on {{ in_zone('sensors.latitude', 'sensors.longitude') }}
