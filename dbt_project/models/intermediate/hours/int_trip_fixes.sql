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

followed as (
    select
        *,
        lag(latitude) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_latitude,
        lag(longitude) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_longitude,
        lag(event_time) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_time
    from numbered
),

-- A run is the fixes between two jumps.
in_runs as (
    select
        *,
        sum(case
            when {{ jumps(
                ['before_latitude', 'before_longitude', 'before_time'], ['latitude', 'longitude', 'event_time']
            ) }} then 1
            else 0
        end) over (
            partition by vehicle_id, trip_id, event_hour
            order by nth rows between unbounded preceding and current row
        ) as run
    from followed
),

runs as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        run,
        min(nth) as first_nth,
        max(nth) as last_nth
    from in_runs
    group by vehicle_id, trip_id, event_hour, run
),

ranked as (
    select
        *,
        row_number() over (
            partition by vehicle_id, trip_id, event_hour order by last_nth - first_nth desc, run
        ) as size_rank
    from runs
),

-- The other runs, each with the two fixes between it and the longest one.
apart as (
    select
        ranked.vehicle_id,
        ranked.trip_id,
        ranked.event_hour,
        ranked.run,
        case when ranked.run < longest.run then ranked.last_nth else longest.last_nth end as from_nth,
        case when ranked.run < longest.run then longest.first_nth else ranked.first_nth end as to_nth
    from ranked
    inner join ranked as longest
        on ranked.vehicle_id = longest.vehicle_id
        and ranked.trip_id = longest.trip_id
        and ranked.event_hour = longest.event_hour
        and longest.size_rank = 1
    where ranked.size_rank > 1
),

unreached as (
    select
        apart.vehicle_id,
        apart.trip_id,
        apart.event_hour,
        apart.run
    from apart
    inner join numbered as head
        on apart.vehicle_id = head.vehicle_id
        and apart.trip_id = head.trip_id
        and apart.event_hour = head.event_hour
        and apart.from_nth = head.nth
    inner join numbered as tail
        on apart.vehicle_id = tail.vehicle_id
        and apart.trip_id = tail.trip_id
        and apart.event_hour = tail.event_hour
        and apart.to_nth = tail.nth
    where {{ jumps(
        ['head.latitude', 'head.longitude', 'head.event_time'], ['tail.latitude', 'tail.longitude', 'tail.event_time']
    ) }}
)

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
    case when unreached.run is null then 'on_track' else 'implausible_jump' end as fix_status,
    {{ built_ms() }} as _built_ms
from in_runs
left join unreached
    on in_runs.vehicle_id = unreached.vehicle_id
    and in_runs.trip_id = unreached.trip_id
    and in_runs.event_hour = unreached.event_hour
    and in_runs.run = unreached.run
where {{ only_reopened(hours, 'in_runs.event_hour') }}
