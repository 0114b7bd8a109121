{#-
    The CTEs from `numbered` to `runs_implausible`: the points (fixes, or readings) of each vehicle, trip and hour, cut into
    runs. A run is the points between two jumps; the points of an implausible run are implausible. `numbered` has their
    vehicle_id, trip_id, event_hour, event_time, latitude, longitude, `columns`, and `nth`, from 1, in their order.

    `in_runs` has the points with the number of their `run`, from 0. `runs` has of each run point_count, and of its first and
    of its last point the time (first_at, last_at), the place (first_latitude, …) and the `columns` (first_zone_id, …).
-#}
{% macro runs_of_points(columns=[]) -%}
followed as (
    select
        *,
        lag(latitude) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_latitude,
        lag(longitude) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_longitude,
        lag(event_time) over (partition by vehicle_id, trip_id, event_hour order by nth) as before_time
    from numbered
),

jumped as (
    select
        *,
        case
            when {{ jumps(
                ['before_latitude', 'before_longitude', 'before_time'], ['latitude', 'longitude', 'event_time']
            ) }} then 1
            else 0
        end as is_jump
    from followed
),

in_runs as (
    select
        *,
        sum(is_jump) over (
            partition by vehicle_id, trip_id, event_hour
            order by nth rows between unbounded preceding and current row
        ) as run,
        coalesce(lead(is_jump) over (partition by vehicle_id, trip_id, event_hour order by nth), 1) as is_last_of_run
    from jumped
),

runs as (
    select
        vehicle_id,
        trip_id,
        event_hour,
        run,
        count(*) as point_count
        {%- for side, sign in [('first', 'nth = 1 or is_jump = 1'), ('last', 'is_last_of_run = 1')] %},
        max(case when {{ sign }} then event_time end) as {{ side }}_at
        {%- for column in ['latitude', 'longitude'] + columns %},
        max(case when {{ sign }} then {{ column }} end) as {{ side }}_{{ column }}
        {%- endfor %}
        {%- endfor %}
    from in_runs
    group by vehicle_id, trip_id, event_hour, run
),

{{ implausible_parts('runs', keys=['vehicle_id', 'trip_id', 'event_hour'], part='run') }}
{%- endmacro %}
