with roads as (
    select * from {{ ref('roads') }}
),

sensors as (
    select
        road_id,
        count(*) as sensor_count
    from {{ ref('sensors') }}
    group by road_id
),

legs as (
    select
        road_id,
        count(distinct route_id) as route_count
    from {{ ref('route_roads') }}
    group by road_id
)

select
    roads.road_id,
    roads.road_name,
    roads.city,
    roads.start_latitude,
    roads.start_longitude,
    roads.end_latitude,
    roads.end_longitude,
    roads.length_km,
    roads.speed_limit_kmh,
    roads.lanes,
    coalesce(sensors.sensor_count, 0) as sensor_count,
    coalesce(legs.route_count, 0) as route_count
from roads
left join sensors on roads.road_id = sensors.road_id
left join legs on roads.road_id = legs.road_id
