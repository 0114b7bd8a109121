with sensor_hours as (
    select * from {{ ref('int_sensor_hours') }}
),

-- Of all hours: with any one that is reopened another may end. A sensor-hour is one small row.
newest as (
    select max(last_watched_minute) as last_watched_minute from sensor_hours
),

completed as (
    select
        sensor_hours.*,
        coalesce(
            {{ epoch_ms('newest.last_watched_minute') }} >= {{ epoch_ms('sensor_hours.event_hour') }} + 59 * 60000,
            false
        ) as is_over,
        case
            when sensor_hours.sample_count > sensor_hours.samples_due and sensor_hours.samples_due > 0
                then {{ to_double(100) }}
            else {{ rounded_ratio('100 * sensor_hours.sample_count', 'sensor_hours.samples_due', 2) }}
        end as completeness_pct
    from sensor_hours
    cross join newest
)

select
    sensor_id,
    event_hour,
    road_id,
    zone_id,
    watched_minutes,
    sample_count,
    samples_due,
    completeness_pct,
    outage_minutes,
    longest_outage_minutes,
    last_sample_minute,
    case
        when samples_due = 0 then 'unplanned'
        when not is_over then 'open'
        when sample_count = 0 then 'outage'
        when completeness_pct < {{ var('sensor_complete_pct') }} then 'partial'
        else 'complete'
    end as sensor_status,
    _built_ms
from completed
