with trips as (
    select * from {{ ref('int_trips') }}
),

routes as (
    select
        routes.*,
        zones.zone_id as destination_zone_id,
        {{ milli('routes.free_flow_minutes') }} as planned_milli_minutes
    from {{ ref('routes') }} as routes
    left join {{ ref('zones') }} as zones
        on {{ in_zone('routes.destination_latitude', 'routes.destination_longitude') }}
),

joined as (
    select
        trips.*,
        routes.origin_city,
        routes.destination_city,
        routes.destination_zone_id,
        routes.planned_milli_minutes,
        {{ milli('routes.distance_km') }} as route_metres,
        case
            when {{ millimetres_between(
                'trips.last_latitude', 'trips.last_longitude',
                'routes.destination_latitude', 'routes.destination_longitude'
            ) }}
                <= 1000 * {{ var('arrival_radius_m') }} then 1
            else 0
        end as arrived
    from trips
    left join routes on trips.route_id = routes.route_id
),

measured as (
    select
        *,
        {{ rounded_ratio('100 * distance_mm', '1000 * route_metres', 2) }} as driven_pct
    from joined
)

select
    vehicle_id,
    trip_id,
    event_hour,
    route_id,
    origin_city,
    destination_city,
    vehicle_type,
    origin_zone_id,
    destination_zone_id,
    last_zone_id,
    departed_at,
    last_seen_at,
    case when arrived = 1 then last_seen_at end as arrived_at,
    arrived = 1 as has_arrived,
    {{ rounded_ratio('duration_ms', 60000, 2) }} as duration_minutes,
    {{ to_double('planned_milli_minutes') }} / 1000 as planned_minutes,
    case
        when arrived = 1 then {{ rounded_ratio('duration_ms - 60 * planned_milli_minutes', 60000, 2) }}
    end as delay_minutes,
    {{ rounded_ratio('distance_mm', 1000000, 3) }} as distance_km,
    case when arrived = 1 or driven_pct > 100 then {{ to_double(100) }} else driven_pct end as progress_pct,
    {{ rounded_ratio('36 * distance_mm', '10 * duration_ms', 3) }} as mean_speed_kmh,
    stop_count,
    {{ rounded_ratio('stopped_ms', 60000, 2) }} as stopped_minutes,
    reading_count,
    implausible_reading_count,
    fix_count,
    implausible_fix_count,
    _built_ms
from measured
