with parts as (
    select
        *,
        row_number() over (partition by incident_id order by event_hour) as nth_part
    from {{ ref('int_incident_parts') }}
),

vehicles as (
    select
        incident_id,
        count(distinct vehicle_id) as vehicles_affected
    from {{ ref('int_incident_vehicles') }}
    group by incident_id
),

incidents as (
    select
        incident_id,
        max(case when nth_part = 1 then incident_type end) as incident_type,
        max(severity) as severity,
        max(case when nth_part = 1 then zone_id end) as zone_id,
        max(case when nth_part = 1 then latitude end) as latitude,
        max(case when nth_part = 1 then longitude end) as longitude,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(reported_at) as reported_at,
        min(dispatched_at) as dispatched_at,
        min(on_scene_at) as on_scene_at,
        min(resolved_at) as resolved_at,
        cast(sum(message_count) as bigint) as message_count,
        max(_built_ms) as _built_ms
    from parts
    group by incident_id
)

select
    incidents.incident_id,
    incidents.incident_type,
    incidents.severity,
    incidents.zone_id,
    incidents.latitude,
    incidents.longitude,
    incidents.first_seen_at,
    incidents.last_seen_at,
    incidents.reported_at,
    incidents.dispatched_at,
    incidents.on_scene_at,
    incidents.resolved_at,
    {{ minutes_between('incidents.reported_at', 'incidents.on_scene_at') }} as response_minutes,
    {{ minutes_between('incidents.reported_at', 'incidents.resolved_at') }} as clearance_minutes,
    incidents.resolved_at is null as is_open,
    incidents.message_count,
    coalesce(vehicles.vehicles_affected, 0) as vehicles_affected,
    incidents._built_ms
from incidents
left join vehicles on incidents.incident_id = vehicles.incident_id
