{%- set hours = reopened_hours([
    input(ref('int_trip_reading_parts')),
    input(ref('int_trip_fixes')),
]) -%}

with driven as (
    select * from {{ ref('int_trip_reading_parts') }}
    where {{ in_hours(hours) }}
),

fixes as (
    select * from {{ ref('int_trip_fixes') }}
    where {{ in_hours(hours) }}
),

numbered as (
    select
        *,
        row_number() over (partition by vehicle_id, trip_id, event_hour order by event_time, event_id) as nth,
        row_number() over (
            partition by vehicle_id, trip_id, event_hour order by event_time desc, event_id desc
        ) as nth_last
    from fixes
    where fix_status = 'on_track'
),

stepped as (
    select
        fixes.*,
        case
            when before.is_still and fixes.is_still then null
            else {{ millimetres_between(
                'before.latitude', 'before.longitude', 'fixes.latitude', 'fixes.longitude'
            ) }}
        end as step_mm
    from numbered as fixes
    left join numbered as before
        on fixes.vehicle_id = before.vehicle_id
        and fixes.trip_id = before.trip_id
        and fixes.event_hour = before.event_hour
        and fixes.nth = before.nth + 1
),

tracks as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        count(*) as fix_count,
        min(vehicle_type) as vehicle_type,
        coalesce(sum(step_mm), 0) as distance_mm,
        min(event_time) as first_fix_at,
        max(event_time) as last_fix_at,
        max(case when nth = 1 then latitude end) as first_fix_latitude,
        max(case when nth = 1 then longitude end) as first_fix_longitude,
        max(case when nth = 1 and is_still then 1 else 0 end) as first_fix_still,
        max(case when nth_last = 1 then latitude end) as last_fix_latitude,
        max(case when nth_last = 1 then longitude end) as last_fix_longitude,
        max(case when nth_last = 1 and is_still then 1 else 0 end) as last_fix_still
    from stepped
    group by vehicle_id, trip_id, event_hour
),

implausible as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        count(*) as fix_count
    from fixes
    where fix_status <> 'on_track'
    group by vehicle_id, trip_id, event_hour
)

select
    driven.vehicle_id,
    driven.trip_id,
    driven.event_hour,
    driven.first_seen_at,
    driven.last_seen_at,
    driven.reading_count,
    driven.placed_count,
    driven.first_route_id,
    driven.first_placed_at,
    driven.first_zone_id,
    driven.first_latitude,
    driven.first_longitude,
    driven.last_placed_at,
    driven.last_zone_id,
    driven.last_latitude,
    driven.last_longitude,
    coalesce(tracks.fix_count, 0) as fix_count,
    coalesce(implausible.fix_count, 0) as implausible_fix_count,
    tracks.vehicle_type,
    cast(coalesce(tracks.distance_mm, 0) as bigint) as distance_mm,
    tracks.first_fix_at,
    tracks.last_fix_at,
    tracks.first_fix_latitude,
    tracks.first_fix_longitude,
    tracks.first_fix_still = 1 as first_fix_is_still,
    tracks.last_fix_latitude,
    tracks.last_fix_longitude,
    tracks.last_fix_still = 1 as last_fix_is_still,
    {{ built_ms() }} as _built_ms
from driven
left join tracks
    on driven.vehicle_id = tracks.vehicle_id
    and driven.trip_id = tracks.trip_id
    and driven.event_hour = tracks.event_hour
left join implausible
    on driven.vehicle_id = implausible.vehicle_id
    and driven.trip_id = implausible.trip_id
    and driven.event_hour = implausible.event_hour
where {{ only_reopened(hours, 'driven.event_hour') }}
