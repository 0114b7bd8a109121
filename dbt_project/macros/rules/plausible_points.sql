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

placed_in_runs as (
    select
        *,
        row_number() over (partition by vehicle_id, trip_id, event_hour, run order by nth) as nth_of_run,
        row_number() over (partition by vehicle_id, trip_id, event_hour, run order by nth desc) as nth_from_end
    from in_runs
),

runs as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        run,
        count(*) as point_count,
        max(case when nth_of_run = 1 then event_time end) as first_at,
        max(case when nth_of_run = 1 then latitude end) as first_latitude,
        max(case when nth_of_run = 1 then longitude end) as first_longitude,
        max(case when nth_from_end = 1 then event_time end) as last_at,
        max(case when nth_from_end = 1 then latitude end) as last_latitude,
        max(case when nth_from_end = 1 then longitude end) as last_longitude
    from placed_in_runs
    group by vehicle_id, trip_id, event_hour, run
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
