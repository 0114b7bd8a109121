{%- set hours = reopened_hours([
    input(ref('int_vehicle_telemetry_clean')),
    input(ref('int_emergency_incidents_clean'), reach=hours_of(var('incident_longest_ms'))),
]) -%}

with readings as (
    select * from {{ ref('int_vehicle_telemetry_clean') }}
    where {{ in_hours(hours) }}
),

incidents as (
    select * from {{ ref('int_zone_incident_hours') }}
    where {{ in_hours(hours) }}
)

select distinct
    incidents.incident_id,
    readings.vehicle_id,
    readings.event_hour,
    {{ built_ms() }} as _built_ms
from readings
inner join incidents
    on readings.zone_id = incidents.zone_id
    and readings.event_hour = incidents.event_hour
    and readings.event_time >= incidents.in_force_from
    and readings.event_time < incidents.in_force_to
where {{ only_reopened(hours, 'readings.event_hour') }}
