{#-
    The CTEs from `numbered` to `judged`: the points (fixes, or readings) of each vehicle, trip and hour, with is_plausible, 1 or
    0. `numbered` has their vehicle_id, trip_id, event_hour, event_time, latitude, longitude, and `nth`, from 1, in their order.
    A run is the points between two jumps; those of an implausible run are implausible.
-#}
{% macro plausible_points() -%}
followed as (
    select
        *,
        lag(latitude) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_latitude,
        lag(longitude) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_longitude,
        lag(event_time) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_time
    from numbered
),

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

run_bounds as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        run,
        count(*) as point_count,
        min(nth) as first_nth,
        max(nth) as last_nth
    from in_runs
    group by vehicle_id, trip_id, event_hour, run
),

runs as (
    select
        run_bounds.*,
        head.event_time as first_at,
        head.latitude as first_latitude,
        head.longitude as first_longitude,
        tail.event_time as last_at,
        tail.latitude as last_latitude,
        tail.longitude as last_longitude
    from run_bounds
    inner join numbered as head
        on run_bounds.vehicle_id = head.vehicle_id
        and run_bounds.trip_id = head.trip_id
        and run_bounds.event_hour = head.event_hour
        and run_bounds.first_nth = head.nth
    inner join numbered as tail
        on run_bounds.vehicle_id = tail.vehicle_id
        and run_bounds.trip_id = tail.trip_id
        and run_bounds.event_hour = tail.event_hour
        and run_bounds.last_nth = tail.nth
),

{{ implausible_parts('runs', keys=['vehicle_id', 'trip_id', 'event_hour'], part='run') }},

judged as (
    select
        in_runs.*,
        case when runs_implausible.run is null then 1 else 0 end as is_plausible
    from in_runs
    left join runs_implausible
        on in_runs.vehicle_id = runs_implausible.vehicle_id
        and in_runs.trip_id = runs_implausible.trip_id
        and in_runs.event_hour = runs_implausible.event_hour
        and in_runs.run = runs_implausible.run
)
{%- endmacro %}
