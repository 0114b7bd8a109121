{%- set hours = reopened_hours([
    input(ref('int_traffic_sensors_clean')),
    input(ref('int_sensor_minutes')),
]) -%}

with samples as (
    select
        samples.*,
        {{ milli('samples.average_speed_kmh') }} as speed_milli_kmh,
        {{ milli('samples.occupancy_pct') }} as occupancy_milli_pct,
        coalesce(sensors.road_id, samples.road_id) as sensor_road_id
    from {{ ref('int_traffic_sensors_clean') }} as samples
    left join {{ ref('sensors') }} as sensors on samples.sensor_id = sensors.sensor_id
    where {{ in_hours(hours, column='samples.event_hour') }}
),

minutes as (
    select * from {{ ref('int_sensor_minutes') }}
    where {{ in_hours(hours) }}
),

roads as (
    select * from {{ ref('roads') }}
),

watched as (
    select
        road_id,
        event_hour,
        sum(vehicle_count) as vehicle_count,
        sum(sample_count) as sample_count,
        sum(samples_due) as samples_due
    from minutes
    group by road_id, event_hour
),

volumes as (
    select
        sensor_road_id,
        event_hour,
        sum(vehicle_count) as vehicle_count,
        sum(case when vehicle_count > 0 then speed_milli_kmh * vehicle_count end) as speed_sum,
        sum(occupancy_milli_pct) as occupancy_sum,
        count(*) as sample_count
    from samples
    group by sensor_road_id, event_hour
),

placed as (
    select
        sensor_road_id,
        event_hour,
        speed_milli_kmh,
        row_number() over (partition by sensor_road_id, event_hour order by speed_milli_kmh) - 1 as place,
        count(*) over (partition by sensor_road_id, event_hour) - 1 as last_place
    from samples
    where vehicle_count > 0
),

speeds as (
    select
        sensor_road_id,
        event_hour,
        {{ rounded_percentile('speed_milli_kmh', 85) }} as p85_speed_milli_kmh
    from placed
    group by sensor_road_id, event_hour
),

measured as (
    select
        watched.road_id,
        watched.event_hour,
        cast(coalesce(watched.vehicle_count, 0) as bigint) as vehicle_count,
        cast(watched.sample_count as bigint) as sample_count,
        cast(watched.samples_due as bigint) as samples_due,
        {{ rounded_ratio('100 * watched.sample_count', 'watched.samples_due', 2) }} as completeness_pct,
        {{ rounded_ratio('volumes.speed_sum', '1000 * volumes.vehicle_count', 3) }} as mean_speed_kmh,
        speeds.p85_speed_milli_kmh / 1000 as p85_speed_kmh,
        {{ rounded_ratio('volumes.occupancy_sum', '1000 * volumes.sample_count', 3) }} as mean_occupancy_pct,
        roads.speed_limit_kmh
    from watched
    left join volumes on watched.road_id = volumes.sensor_road_id and watched.event_hour = volumes.event_hour
    left join speeds on watched.road_id = speeds.sensor_road_id and watched.event_hour = speeds.event_hour
    left join roads on watched.road_id = roads.road_id
),

compared as (
    select
        *,
        {{ rounded_ratio(milli('mean_speed_kmh'), '1000 * speed_limit_kmh', 3) }} as speed_ratio
    from measured
)

select
    road_id,
    event_hour,
    vehicle_count,
    sample_count,
    samples_due,
    case when completeness_pct > 100 then {{ to_double(100) }} else completeness_pct end as completeness_pct,
    mean_speed_kmh,
    p85_speed_kmh,
    mean_occupancy_pct,
    speed_ratio,
    case
        when speed_ratio is null then 'unknown'
        when speed_ratio >= {{ var('free_flow_ratio') }} then 'free_flow'
        when speed_ratio >= {{ var('moderate_ratio') }} then 'moderate'
        when speed_ratio >= {{ var('heavy_ratio') }} then 'heavy'
        else 'severe'
    end as congestion_level,
    {{ built_ms() }} as _built_ms
from compared
where {{ only_reopened(hours) }}
