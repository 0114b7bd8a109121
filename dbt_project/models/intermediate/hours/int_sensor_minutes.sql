{%- set hours = reopened_hours([
    input(ref('int_traffic_sensors_clean')),
    input(ref('int_heard_minutes')),
    input(ref('int_silent_minutes')),
]) -%}

with samples as (
    select
        *,
        date_trunc('minute', event_time) as minute_start
    from {{ ref('int_traffic_sensors_clean') }}
    where {{ in_hours(hours) }}
),

sensors as (
    select
        sensors.sensor_id,
        sensors.road_id,
        zones.zone_id,
        60 / sensors.sample_interval_s as samples_due
    from {{ ref('sensors') }} as sensors
    left join {{ ref('zones') }} as zones
        on {{ in_zone('sensors.latitude', 'sensors.longitude') }}
),

watched as (
    select minute_start from {{ ref('int_heard_minutes') }}
    where is_reported and {{ in_hours(hours) }}
    union
    select minute_start from {{ ref('int_silent_minutes') }}
    where {{ in_hours(hours) }}
),

measured as (
    select
        sensor_id,
        minute_start,
        min(road_id) as road_id,
        min(zone_id) as zone_id,
        count(*) as sample_count,
        sum(vehicle_count) as vehicle_count,
        sum(case when vehicle_count > 0 then {{ milli('average_speed_kmh') }} * vehicle_count end) as speed_sum,
        sum({{ milli('occupancy_pct') }}) as occupancy_sum
    from samples
    group by sensor_id, minute_start
),

due as (
    select sensors.sensor_id, watched.minute_start from sensors cross join watched
    union
    select sensor_id, minute_start from measured
)

select
    due.sensor_id,
    case when sensors.sensor_id is null then measured.road_id else sensors.road_id end as road_id,
    case when sensors.sensor_id is null then measured.zone_id else sensors.zone_id end as zone_id,
    due.minute_start,
    date_trunc('hour', due.minute_start) as event_hour,
    watched.minute_start is not null as is_watched,
    cast(coalesce(measured.sample_count, 0) as bigint) as sample_count,
    cast(coalesce(sensors.samples_due, 0) as bigint) as samples_due,
    cast(measured.vehicle_count as bigint) as vehicle_count,
    cast({{ rounded_ratio('measured.speed_sum', 'measured.vehicle_count') }} as bigint) as speed_milli_kmh,
    cast({{ rounded_ratio('measured.occupancy_sum', 'measured.sample_count') }} as bigint) as occupancy_milli_pct,
    {{ built_ms() }} as _built_ms
from due
left join sensors on due.sensor_id = sensors.sensor_id
left join watched on due.minute_start = watched.minute_start
left join measured on due.sensor_id = measured.sensor_id and due.minute_start = measured.minute_start
where {{ only_reopened(hours, "date_trunc('hour', due.minute_start)") }}
