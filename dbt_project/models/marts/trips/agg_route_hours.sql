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
    where {{ in_hours(hours) }} and planned_minutes is not null
),

counted as (
    select
        route_id,
        event_hour,
        origin_city,
        destination_city,
        planned_ms,
        count(*) as departure_count,
        count(travel_ms) as arrived_count,
        sum(travel_ms) as travel_sum,
        sum(travel_ms - planned_ms) as delay_sum,
        sum(case when travel_ms <= planned_ms * {{ var('on_time_ratio') }} then 1 else 0 end) as on_time_count
    from trips
    group by route_id, event_hour, origin_city, destination_city, planned_ms
),

placed as (
    select
        route_id,
        event_hour,
        travel_ms,
        row_number() over (partition by route_id, event_hour order by travel_ms) - 1 as place,
        count(*) over (partition by route_id, event_hour) - 1 as last_place
    from trips
    where has_arrived
),

percentiles as (
    select
        route_id,
        event_hour,
        {{ rounded_percentile('travel_ms', 50) }} as p50_ms,
        {{ rounded_percentile('travel_ms', 90) }} as p90_ms,
        {{ rounded_percentile('travel_ms', 95) }} as p95_ms
    from placed
    group by route_id, event_hour
),

measured as (
    select
        counted.*,
        percentiles.p50_ms,
        percentiles.p90_ms,
        percentiles.p95_ms,
        case when counted.arrived_count > 0 then 1 else 0 end as is_alternative
    from counted
    left join percentiles
        on counted.route_id = percentiles.route_id and counted.event_hour = percentiles.event_hour
),

ranked as (
    select
        *,
        sum(is_alternative) over (partition by origin_city, destination_city, event_hour) as alternative_count,
        row_number() over (
            partition by origin_city, destination_city, event_hour
            order by is_alternative desc, p50_ms, p90_ms, route_id
        ) as place
    from measured
)

select
    route_id,
    event_hour,
    origin_city,
    destination_city,
    {{ to_double('planned_ms') }} / 60000 as planned_minutes,
    departure_count,
    arrived_count,
    {{ rounded_ratio('travel_sum', '60000 * arrived_count', 2) }} as mean_minutes,
    {{ rounded_ratio('p50_ms', 60000, 2) }} as p50_minutes,
    {{ rounded_ratio('p90_ms', 60000, 2) }} as p90_minutes,
    {{ rounded_ratio('p95_ms', 60000, 2) }} as p95_minutes,
    {{ rounded_ratio('delay_sum', '60000 * arrived_count', 2) }} as mean_delay_minutes,
    {{ rounded_ratio('100 * on_time_count', 'arrived_count', 2) }} as on_time_pct,
    case
        when arrived_count >= {{ var('planning_min_trips') }} then {{ rounded_ratio('p95_ms', 'planned_ms', 3) }}
    end as planning_time_index,
    cast(alternative_count as bigint) as alternative_count,
    case when is_alternative = 1 then cast(place as bigint) end as route_rank,
    {{ built_ms() }} as _built_ms
from ranked
where {{ only_reopened(hours) }}
