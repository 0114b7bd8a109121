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
        sum(sample_count) as sample_count,
        sum(samples_due) as samples_due,
        sum(case when sample_count = 0 then 1 else 0 end) as outage_minutes,
        max(case when sample_count > 0 then minute_start end) as last_sample_minute
    from minutes
    group by sensor_id, event_hour
),

completed as (
    select
        *,
        case
            when sample_count > samples_due and samples_due > 0 then {{ to_double(100) }}
            else {{ rounded_ratio('100 * sample_count', 'samples_due', 2) }}
        end as completeness_pct
    from sensor_hours
)

select
    completed.sensor_id,
    completed.event_hour,
    completed.road_id,
    completed.zone_id,
    cast(completed.watched_minutes as bigint) as watched_minutes,
    cast(completed.sample_count as bigint) as sample_count,
    cast(completed.samples_due as bigint) as samples_due,
    completed.completeness_pct,
    cast(completed.outage_minutes as bigint) as outage_minutes,
    coalesce(longest.longest_outage_minutes, 0) as longest_outage_minutes,
    completed.last_sample_minute,
    case
        when completed.samples_due = 0 then 'unplanned'
        when completed.sample_count = 0 then 'outage'
        when completed.completeness_pct < {{ var('sensor_complete_pct') }} then 'partial'
        else 'complete'
    end as sensor_status,
    {{ built_ms() }} as _built_ms
from completed
left join longest
    on completed.sensor_id = longest.sensor_id
    and completed.event_hour = longest.event_hour
where {{ only_reopened(hours, 'completed.event_hour') }}
