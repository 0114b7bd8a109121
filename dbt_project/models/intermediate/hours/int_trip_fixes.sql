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

{{ runs_of_points() }}

select
    in_runs.vehicle_id,
    in_runs.trip_id,
    in_runs.event_hour,
    in_runs.event_time,
    in_runs.event_id,
    in_runs.latitude,
    in_runs.longitude,
    in_runs.is_still,
    in_runs.vehicle_type,
    case when runs_implausible.run is null then 'on_track' else 'implausible_jump' end as fix_status,
    {{ built_ms() }} as _built_ms
from in_runs
left join runs_implausible
    on in_runs.vehicle_id = runs_implausible.vehicle_id
    and in_runs.trip_id = runs_implausible.trip_id
    and in_runs.event_hour = runs_implausible.event_hour
    and in_runs.run = runs_implausible.run
where {{ only_reopened(hours, 'in_runs.event_hour') }}
