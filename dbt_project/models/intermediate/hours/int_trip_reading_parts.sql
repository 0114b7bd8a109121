{%- set hours = reopened_hours([input(ref('int_vehicle_telemetry_clean'))]) -%}

with numbered as (
    select
        *,
        row_number() over (partition by vehicle_id, trip_id, event_hour order by event_time, event_id) as nth
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours) }} and trip_id is not null
),

{{ runs_of_points(['zone_id', 'route_id']) }},

judged as (
    select
        runs.*,
        case when runs_implausible.run is null then 1 else 0 end as is_plausible
    from runs
    left join runs_implausible
        on runs.vehicle_id = runs_implausible.vehicle_id
        and runs.trip_id = runs_implausible.trip_id
        and runs.event_hour = runs_implausible.event_hour
        and runs.run = runs_implausible.run
),

-- One run of each is plausible, the one that the others are compared with.
placed as (
    select
        *,
        min(case when is_plausible = 1 then run end) over (partition by vehicle_id, trip_id, event_hour) as first_run,
        max(case when is_plausible = 1 then run end) over (partition by vehicle_id, trip_id, event_hour) as last_run
    from judged
)

select
    vehicle_id,
    trip_id,
    event_hour,
    min(first_at) as first_seen_at,
    max(last_at) as last_seen_at,
    cast(sum(point_count) as bigint) as reading_count,
    cast(sum(case when is_plausible = 1 then point_count else 0 end) as bigint) as placed_count,
    max(case when run = 0 then first_route_id end) as first_route_id,
    {%- for side in ['first', 'last'] %}
    max(case when run = {{ side }}_run then {{ side }}_at end) as {{ side }}_placed_at,
    {%- for column in ['zone_id', 'latitude', 'longitude'] %}
    max(case when run = {{ side }}_run then {{ side }}_{{ column }} end) as {{ side }}_{{ column }},
    {%- endfor %}
    {%- endfor %}
    {{ built_ms() }} as _built_ms
from placed
where {{ only_reopened(hours) }}
group by vehicle_id, trip_id, event_hour
