{%- set hours = reopened_hours([
    input(ref('int_vehicle_telemetry_clean')),
    input(ref('int_vehicle_gps_clean')),
]) -%}

with readings as (
    select
        *,
        row_number() over (partition by vehicle_id, trip_id, event_hour order by event_time, event_id) as nth,
        row_number() over (
            partition by vehicle_id, trip_id, event_hour order by event_time desc, event_id desc
        ) as nth_last
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours) }} and trip_id is not null
),

fixes as (
    select
        *,
        {{ is_still() }} as is_still
    from {{ ref('int_vehicle_gps_clean') }}
    where {{ in_hours(hours) }} and accuracy_m <= {{ var('track_max_accuracy_m') }}
),

driven as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        min(event_time) as first_seen_at,
        max(event_time) as last_seen_at,
        count(*) as reading_count,
        max(case when nth = 1 then route_id end) as first_route_id,
        max(case when nth = 1 then zone_id end) as first_zone_id,
        max(case when nth_last = 1 then zone_id end) as last_zone_id,
        max(case when nth_last = 1 then latitude end) as last_latitude,
        max(case when nth_last = 1 then longitude end) as last_longitude
    from readings
    group by vehicle_id, trip_id, event_hour
),

numbered as (
    select
        driven.trip_id,
        fixes.*,
        row_number() over (
            partition by driven.vehicle_id, driven.trip_id, driven.event_hour
            order by fixes.event_time, fixes.event_id
        ) as nth,
        row_number() over (
            partition by driven.vehicle_id, driven.trip_id, driven.event_hour
            order by fixes.event_time desc, fixes.event_id desc
        ) as nth_last
    from driven
    inner join fixes
        on driven.vehicle_id = fixes.vehicle_id
        and driven.event_hour = fixes.event_hour
        and driven.first_seen_at <= fixes.event_time
        and driven.last_seen_at >= fixes.event_time
),

stepped as (
    select
        fixes.*,
        case
            when not (before.is_still and fixes.is_still)
                then {{ millimetres_between(
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
        max(case when nth = 1 then latitude end) as first_fix_latitude,
        max(case when nth = 1 then longitude end) as first_fix_longitude,
        max(case when nth = 1 and is_still then 1 else 0 end) as first_fix_still,
        max(case when nth_last = 1 then latitude end) as last_fix_latitude,
        max(case when nth_last = 1 then longitude end) as last_fix_longitude,
        max(case when nth_last = 1 and is_still then 1 else 0 end) as last_fix_still
    from stepped
    group by vehicle_id, trip_id, event_hour
)

select
    driven.*,
    coalesce(tracks.fix_count, 0) as fix_count,
    tracks.vehicle_type,
    cast(coalesce(tracks.distance_mm, 0) as bigint) as distance_mm,
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
where {{ only_reopened(hours, 'driven.event_hour') }}
