{%- set hours = reopened_hours([input(ref('int_traffic_sensors_clean'))]) -%}

with samples as (
    select
        sensor_id,
        event_hour,
        date_trunc('minute', event_time) as minute_start
    from {{ ref('int_traffic_sensors_clean') }}
    where {{ in_hours(hours) }}
),

sensors as (
    select * from {{ ref('sensors') }}
),

sensor_counts as (
    select count(*) as sensor_count from sensors
),

reporting as (
    select
        samples.minute_start,
        samples.event_hour,
        count(distinct samples.sensor_id) as sensor_count
    from samples
    inner join sensors on samples.sensor_id = sensors.sensor_id
    group by samples.minute_start, samples.event_hour
)

-- One sensor whose clock is wrong must not say that a minute has come.
select
    reporting.minute_start,
    reporting.event_hour,
    reporting.sensor_count,
    reporting.sensor_count >= {{ var('watched_min_share') }} * sensor_counts.sensor_count as is_reported,
    {{ built_ms() }} as _built_ms
from reporting
cross join sensor_counts
where reporting.sensor_count >= least({{ var('watched_min_sensors') }}, sensor_counts.sensor_count - 1)
    and {{ only_reopened(hours, 'reporting.event_hour') }}
