with routes as (
    select * from {{ ref('routes') }}
),

legs as (
    select
        route_roads.route_id,
        count(*) as road_count,
        min(roads.speed_limit_kmh) as lowest_speed_limit_kmh
    from {{ ref('route_roads') }} as route_roads
    left join {{ ref('roads') }} as roads on route_roads.road_id = roads.road_id
    group by route_roads.route_id
)

select
    routes.route_id,
    routes.route_name,
    routes.origin_city,
    routes.destination_city,
    routes.distance_km,
    routes.free_flow_minutes,
    coalesce(legs.road_count, 0) as road_count,
    legs.lowest_speed_limit_kmh
from routes
left join legs on routes.route_id = legs.route_id
