{#-
    The CTEs from `minutes` (rows of int_sensor_minutes) to `baselines`: median and MAD of occupancy and of volume for
    each sensor and hour of the reopened `hours`, over the sensor's minutes with a sample in the `reach` hours before, of
    these in every `step`th one (`input` has the words). A minute is spread to the hours that it counts for and joined to them by equality: a rebuild
    of years stays linear.
-#}
{% macro median_and_mad(hours, reach, step=1) %}
sensor_hours as (
    select distinct sensor_id, event_hour from minutes
    where {{ in_hours(hours) }}
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

steps as (
    {%- for hours_later in range(step, reach + 1, step) %}
    select {{ hours_later }} as hours_later
    {{- " union all" if not loop.last }}
    {%- endfor %}
),

spread as (
    select
        measures.sensor_id,
        {{ hours_after('measures.event_hour', 'steps.hours_later') }} as event_hour,
        measures.measure,
        {{ to_double('measures.value') }} as value
    from measures
    cross join steps
),

baseline as (
    select
        spread.sensor_id,
        spread.event_hour,
        spread.measure,
        spread.value
    from spread
    inner join sensor_hours
        on spread.sensor_id = sensor_hours.sensor_id
        and spread.event_hour = sensor_hours.event_hour
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
),

baselines as (
    select
        medians.*,
        deviations.mad
    from medians
    inner join deviations
        on medians.sensor_id = deviations.sensor_id
        and medians.event_hour = deviations.event_hour
        and medians.measure = deviations.measure
)
{% endmacro %}
