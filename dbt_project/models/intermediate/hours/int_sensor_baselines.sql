{%- set reach = var('baseline_hours') -%}
{%- set hours = reopened_hours([(ref('int_sensor_minutes'), reach)]) -%}

with minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours, reach) }}
),

sensor_hours as (
    select distinct sensor_id, event_hour from minutes
),

measures as (
    select
        sensor_id,
        event_hour,
        'occupancy' as measure,
        occupancy_milli_pct as value
    from minutes
    where sample_count > 0
    union all
    select
        sensor_id,
        event_hour,
        'volume' as measure,
        vehicle_count as value
    from minutes
    where sample_count > 0
),

baseline as (
    select
        sensor_hours.sensor_id,
        sensor_hours.event_hour,
        measures.measure,
        {{ to_double('measures.value') }} as value
    from sensor_hours
    inner join measures
        on sensor_hours.sensor_id = measures.sensor_id
        and measures.event_hour < sensor_hours.event_hour
        and measures.event_hour >= {{ hours_after('sensor_hours.event_hour', -reach) }}
    where {{ in_hours(hours, column='sensor_hours.event_hour') }}
),

medians as (
    select
        sensor_id,
        event_hour,
        measure,
        count(*) as minute_count,
        percentile_cont(0.5) within group (order by value) as median
    from baseline
    group by sensor_id, event_hour, measure
),

deviations as (
    select
        baseline.sensor_id,
        baseline.event_hour,
        baseline.measure,
        percentile_cont(0.5) within group (order by abs(baseline.value - medians.median)) as mad
    from baseline
    inner join medians
        on baseline.sensor_id = medians.sensor_id
        and baseline.event_hour = medians.event_hour
        and baseline.measure = medians.measure
    group by baseline.sensor_id, baseline.event_hour, baseline.measure
)

select
    medians.sensor_id,
    medians.event_hour,
    medians.measure,
    medians.minute_count,
    medians.median,
    deviations.mad,
    {{ built_ms() }} as _built_ms
from medians
inner join deviations
    on medians.sensor_id = deviations.sensor_id
    and medians.event_hour = deviations.event_hour
    and medians.measure = deviations.measure
where {{ only_reopened(hours, 'medians.event_hour') }}
