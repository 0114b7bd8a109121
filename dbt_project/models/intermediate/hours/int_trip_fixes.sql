{%- set hours = reopened_hours([
    input(ref('int_vehicle_telemetry_clean')),
    input(ref('int_vehicle_gps_clean')),
]) -%}

with spans as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        min(event_time) as first_seen_at,
        max(event_time) as last_seen_at
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours) }} and trip_id is not null
    group by vehicle_id, trip_id, event_hour
),

fixes as (
    select
        *,
        {{ is_still() }} as is_still
    from {{ ref('int_vehicle_gps_clean') }}
    where {{ in_hours(hours) }} and accuracy_m <= {{ var('track_max_accuracy_m') }}
),

numbered as (
    select
        spans.trip_id,
        fixes.*,
        row_number() over (
            partition by spans.vehicle_id, spans.trip_id, spans.event_hour order by fixes.event_time, fixes.event_id
        ) as nth
    from spans
    inner join fixes
        on spans.vehicle_id = fixes.vehicle_id
        and spans.event_hour = fixes.event_hour
        and spans.first_seen_at <= fixes.event_time
        and spans.last_seen_at >= fixes.event_time
),

{{ plausible_points() }}

select
    vehicle_id,
    trip_id,
    event_hour,
    event_time,
    event_id,
    latitude,
    longitude,
    is_still,
    vehicle_type,
    case when is_plausible = 1 then 'on_track' else 'implausible_jump' end as fix_status,
    {{ built_ms() }} as _built_ms
from judged
where {{ only_reopened(hours) }}
