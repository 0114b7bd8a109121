{%- set longest = var('trip_longest_hours') -%}
{%- set hours = reopened_hours([
    input(ref('fct_trips')),
    input(ref('int_trip_parts'), reach=longest, ahead=longest - 1),
]) -%}

with trips as (
    select
        *,
        case when has_arrived then {{ epoch_ms('arrived_at') }} - {{ epoch_ms('departed_at') }} end as travel_ms,
        60 * {{ milli('planned_minutes') }} as planned_ms
    from {{ ref('fct_trips') }}
    where {{ in_hours(hours) }} and origin_zone_id is not null and destination_zone_id is not null
),

demanded as (
    select
        origin_zone_id,
        destination_zone_id,
        event_hour,
        count(*) as trip_count,
        count(travel_ms) as arrived_count,
        count(distinct vehicle_id) as vehicle_count,
        sum(case when vehicle_type = 'bus' then 1 else 0 end) as bus_trip_count,
        count(distinct route_id) as route_count,
        sum(travel_ms) as travel_sum,
        sum(travel_ms - planned_ms) as delay_sum,
        sum(stop_count) as stop_count
    from trips
    group by origin_zone_id, destination_zone_id, event_hour
)

select
    origin_zone_id,
    destination_zone_id,
    event_hour,
    trip_count,
    arrived_count,
    vehicle_count,
    cast(bus_trip_count as bigint) as bus_trip_count,
    route_count,
    {{ rounded_ratio('travel_sum', '60000 * arrived_count', 2) }} as mean_minutes,
    {{ rounded_ratio('delay_sum', '60000 * arrived_count', 2) }} as mean_delay_minutes,
    cast(stop_count as bigint) as stop_count,
    {{ built_ms() }} as _built_ms
from demanded
where {{ only_reopened(hours) }}
