{%- set hours = reopened_hours([
    input(ref('int_sensor_minutes_scored')),
    input(ref('int_zone_weather_hours')),
    input(ref('int_emergency_incidents_clean'), reach=hours_of(var('incident_longest_ms'))),
]) -%}

with anomalies as (
    select * from {{ ref('int_sensor_minutes_scored') }}
    where (is_speed_drop or is_unexpected_congestion) and {{ in_hours(hours) }}
),

weather as (
    select * from {{ ref('int_zone_weather_hours') }}
    where {{ in_hours(hours) }}
),

incidents as (
    select * from {{ ref('int_zone_incident_hours') }}
    where {{ in_hours(hours) }}
),

-- Several incidents can be in force at once: the first of this order counts.
anomaly_incidents as (
    {{ incidents_in_force('anomalies', key=['sensor_id', 'minute_start'], at='minute_start') }}
)

select
    anomalies.sensor_id,
    anomalies.road_id,
    anomalies.zone_id,
    anomalies.minute_start,
    anomalies.event_hour,
    case
        when anomalies.is_speed_drop and anomalies.is_unexpected_congestion then 'both'
        when anomalies.is_speed_drop then 'speed_drop'
        else 'unexpected_congestion'
    end as kind,
    anomalies.vehicle_count,
    {{ rounded_ratio('anomalies.speed_milli_kmh', 1000, 3) }} as mean_speed_kmh,
    {{ rounded_ratio('anomalies.occupancy_milli_pct', 1000, 3) }} as mean_occupancy_pct,
    anomalies.rolling_speed_kmh,
    anomalies.rolling_vehicle_count,
    anomalies.speed_z,
    anomalies.speed_effect_kmh,
    anomalies.speed_status,
    anomalies.occupancy_robust_z,
    anomalies.occupancy_effect_points,
    anomalies.occupancy_status,
    anomalies.occupancy_basis,
    anomalies.volume_robust_z,
    anomalies.volume_ratio,
    anomalies.volume_status,
    anomalies.volume_basis,
    weather.weather_event_id,
    weather.weather_condition,
    weather.weather_temperature_c,
    weather.weather_precipitation_mm,
    {{ epoch_ms('anomalies.minute_start') }} - {{ epoch_ms('weather.observed_at') }} as weather_age_ms,
    anomaly_incidents.incident_id,
    anomaly_incidents.incident_type,
    anomaly_incidents.incident_severity,
    {{ built_ms() }} as _built_ms
from anomalies
left join weather
    on anomalies.zone_id = weather.zone_id
    and anomalies.event_hour = weather.event_hour
    and anomalies.minute_start >= weather.latest_from
    and anomalies.minute_start < weather.latest_to
left join anomaly_incidents
    on anomalies.sensor_id = anomaly_incidents.sensor_id
    and anomalies.minute_start = anomaly_incidents.minute_start
    and anomaly_incidents.nth = 1
where {{ only_reopened(hours, 'anomalies.event_hour') }}
