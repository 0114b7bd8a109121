{%- set hours = reopened_hours([input(ref('int_vehicle_telemetry_clean'))]) -%}

with readings as (
    select
        *,
        {{ is_still() }} as is_still,
        row_number() over (partition by vehicle_id, trip_id, event_hour order by event_time, event_id) as nth
    from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours) }} and trip_id is not null
),

-- The still readings of one run have the same difference between their places among all and among the still.
still as (
    select
        *,
        nth - row_number() over (partition by vehicle_id, trip_id, event_hour order by nth) as run
    from readings
    where is_still
)

select
    vehicle_id,
    trip_id,
    event_hour,
    cast(min(nth) as integer) as first_reading,
    cast(max(nth) as integer) as last_reading,
    min(event_time) as still_from,
    max(event_time) as still_to,
    {{ built_ms() }} as _built_ms
from still
where {{ only_reopened(hours) }}
group by vehicle_id, trip_id, event_hour, run
