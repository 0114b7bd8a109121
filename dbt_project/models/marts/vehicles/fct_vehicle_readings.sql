{%- set reopened = reopened_rows(ref('int_vehicle_telemetry_clean'), [
    lasting(ref('int_weather_clean'), var('weather_tolerance_ms')),
    lasting(ref('int_emergency_incidents_clean'), var('incident_longest_ms')),
]) -%}

with readings as (
    select * from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_reopened(reopened) }}
),

weather as (
    select * from {{ ref('int_zone_weather_hours') }}
    where {{ in_touched_hours(reopened) }}
),

incidents as (
    select * from {{ ref('int_zone_incident_hours') }}
    where {{ in_touched_hours(reopened) }}
),

-- Several incidents can be in force at once: the first of this order counts.
reading_incidents as (
    {{ incidents_in_force('readings', key=['event_id', 'event_time'], at='event_time') }}
)

select
    readings.event_id,
    readings.vehicle_id,
    readings.event_time,
    readings.event_hour,
    readings.latitude,
    readings.longitude,
    readings.zone_id,
    {{ round_half_up('readings.speed_kmh', 3) }} as speed_kmh,
    {{ rounded_heading('readings.heading') }} as heading,
    readings.make,
    readings.model,
    readings.year,
    readings.fuel_type,
    readings.trip_id,
    readings.route_id,
    weather.weather_event_id,
    weather.weather_condition,
    weather.weather_temperature_c,
    weather.weather_precipitation_mm,
    {{ epoch_ms('readings.event_time') }} - {{ epoch_ms('weather.observed_at') }} as weather_age_ms,
    reading_incidents.incident_id,
    reading_incidents.incident_type,
    reading_incidents.incident_severity,
    readings._built_ms as _received_ms,
    {{ built_ms() }} as _built_ms
from readings
left join weather
    on readings.zone_id = weather.zone_id
    and readings.event_hour = weather.event_hour
    and readings.event_time >= weather.latest_from
    and readings.event_time < weather.latest_to
left join reading_incidents
    on readings.event_id = reading_incidents.event_id
    and readings.event_time = reading_incidents.event_time
    and reading_incidents.nth = 1
where {{ only_reopened_rows(reopened, 'readings') }}
