"""Section 7: incidents."""

from __future__ import annotations

from testbed.oracle.step import Step

STEPS = {
    "incident_vehicles": Step(
        """
        select s.incident_id, count(distinct r.vehicle_id) as vehicles_affected
        from incident_spans s
        join int_vehicle_telemetry_received r
            on r.zone_id = s.zone_id and r.event_time >= s.from_time and r.event_time < s.to_time
        where r.row_status = 'clean' group by s.incident_id
        """,
        ("incident_spans", "int_vehicle_telemetry_received"),
    ),
    "fct_emergency_incidents": Step(
        """
        with incidents as (
            select incident_id, max(severity) as severity, min(event_time) as first_seen_at,
                max(event_time) as last_seen_at,
                min(event_time) filter (where status = 'reported') as reported_at,
                min(event_time) filter (where status = 'dispatched') as dispatched_at,
                min(event_time) filter (where status = 'on_scene') as on_scene_at,
                min(event_time) filter (where status = 'resolved') as resolved_at,
                count(*) as message_count
            from incident_messages group by incident_id
        ),
        timed as (
            select *, millis_between(on_scene_at, reported_at) as response_ms,
                millis_between(resolved_at, reported_at) as clearance_ms
            from incidents
        )
        select t.incident_id, f.incident_type, t.severity, f.zone_id, f.latitude, f.longitude,
            t.first_seen_at, t.last_seen_at, t.reported_at, t.dispatched_at, t.on_scene_at, t.resolved_at,
            case when response_ms >= 0 then ratio_half_up(response_ms, 600) / 100 end as response_minutes,
            case when clearance_ms >= 0 then ratio_half_up(clearance_ms, 600) / 100 end as clearance_minutes,
            t.resolved_at is null as is_open, t.message_count, coalesce(v.vehicles_affected, 0) as vehicles_affected
        from timed t
        join incident_messages f on f.incident_id = t.incident_id and f.message_number = 1
        left join incident_vehicles v on v.incident_id = t.incident_id
        """,
        ("incident_messages", "incident_vehicles"),
    ),
}
