{%- set hours = reopened_hours([input(ref('int_vehicle_telemetry_clean'))]) -%}

with numbered as (
    select
        *,
        row_number() over (partition by vehicle_id, trip_id, event_hour order by event_time, event_id) as nth
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours) }} and trip_id is not null
),

{{ plausible_points() }},

-- The first and the last plausible reading have the place 1.
placed as (
    select
        *,
        row_number() over (
            partition by vehicle_id, trip_id, event_hour order by is_plausible desc, nth
        ) as nth_placed,
        row_number() over (
            partition by vehicle_id, trip_id, event_hour order by is_plausible desc, nth desc
        ) as nth_placed_last
    from judged
)

select
    vehicle_id,
    trip_id,
    event_hour,
    min(event_time) as first_seen_at,
    max(event_time) as last_seen_at,
    count(*) as reading_count,
    count(case when is_plausible = 1 then 1 end) as placed_count,
    max(case when nth = 1 then route_id end) as first_route_id,
    min(case when is_plausible = 1 then event_time end) as first_placed_at,
    max(case when nth_placed = 1 then zone_id end) as first_zone_id,
    max(case when nth_placed = 1 then latitude end) as first_latitude,
    max(case when nth_placed = 1 then longitude end) as first_longitude,
    max(case when is_plausible = 1 then event_time end) as last_placed_at,
    max(case when nth_placed_last = 1 then zone_id end) as last_zone_id,
    max(case when nth_placed_last = 1 then latitude end) as last_latitude,
    max(case when nth_placed_last = 1 then longitude end) as last_longitude,
    {{ built_ms() }} as _built_ms
from placed
where {{ only_reopened(hours) }}
group by vehicle_id, trip_id, event_hour
