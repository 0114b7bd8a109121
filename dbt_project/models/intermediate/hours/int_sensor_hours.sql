{%- set hours = reopened_hours([input(ref('int_sensor_minutes'))]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours) }}
),

-- Minutes in a row have the same difference between their own time and their place among the outage minutes.
numbered as (
    select
        sensor_id,
        event_hour,
        {{ epoch_ms('minute_start') }}
            - 60000 * row_number() over (partition by sensor_id order by minute_start) as run_key
    from minutes
    where sample_count = 0
),

outages as (
    select
        sensor_id,
        event_hour,
        count(*) as outage_minutes
    from numbered
    group by sensor_id, event_hour, run_key
),

longest as (
    select
        sensor_id,
        event_hour,
        max(outage_minutes) as longest_outage_minutes
    from outages
    group by sensor_id, event_hour
),

sensor_hours as (
    select
        sensor_id,
        event_hour,
        min(road_id) as road_id,
        min(zone_id) as zone_id,
        sum(case when is_watched then 1 else 0 end) as watched_minutes,
        max(case when is_watched then minute_start end) as last_watched_minute,
        sum(sample_count) as sample_count,
        sum(samples_due) as samples_due,
        sum(case when sample_count = 0 then 1 else 0 end) as outage_minutes,
        max(case when sample_count > 0 then minute_start end) as last_sample_minute
    from minutes
    group by sensor_id, event_hour
)

select
    sensor_hours.sensor_id,
    sensor_hours.event_hour,
    sensor_hours.road_id,
    sensor_hours.zone_id,
    cast(sensor_hours.watched_minutes as bigint) as watched_minutes,
    sensor_hours.last_watched_minute,
    cast(sensor_hours.sample_count as bigint) as sample_count,
    cast(sensor_hours.samples_due as bigint) as samples_due,
    cast(sensor_hours.outage_minutes as bigint) as outage_minutes,
    coalesce(longest.longest_outage_minutes, 0) as longest_outage_minutes,
    sensor_hours.last_sample_minute,
    {{ built_ms() }} as _built_ms
from sensor_hours
left join longest
    on sensor_hours.sensor_id = longest.sensor_id
    and sensor_hours.event_hour = longest.event_hour
where {{ only_reopened(hours, 'sensor_hours.event_hour') }}
