"""Section 3: the latest weather of a zone and the incident in force there."""

from __future__ import annotations

from testbed.oracle.step import Step

STEPS = {
    # One observation per zone and time; of several the one with the least event_id.
    "weather_seen": Step(
        """
        select zone_id, event_time, event_id, condition, temperature_c, precipitation_mm
        from int_weather_received where row_status = 'clean' and zone_id is not null
        qualify row_number() over (partition by zone_id, event_time order by event_id) = 1
        """,
        ("int_weather_received",),
    ),
    "incident_messages": Step(
        """
        select *, row_number() over (
            partition by incident_id
            order by event_time, list_position(['reported', 'dispatched', 'on_scene', 'resolved'], status), event_id
        ) as message_number
        from int_emergency_incidents_received where row_status = 'clean'
        """,
        ("int_emergency_incidents_received",),
    ),
    # The spans [from_time, to_time) in which a message puts its incident in force.
    "incident_spans": Step(
        """
        select m.incident_id, m.incident_type, m.severity, m.zone_id, m.event_time as from_time,
            least(n.event_time, m.event_time + to_microseconds($incident_longest_ms * 1000::bigint)) as to_time
        from incident_messages m
        left join incident_messages n
            on n.incident_id = m.incident_id and n.message_number = m.message_number + 1
        where m.status <> 'resolved' and m.zone_id is not null
        """,
        ("incident_messages",),
    ),
    # What is in force in a zone changes only where a span begins or ends: the one that counts from each such time on.
    "incident_changes": Step(
        """
        with changes as (
            select zone_id, from_time as since from incident_spans
            union select zone_id, to_time from incident_spans
        )
        select c.zone_id, c.since, s.incident_id, s.incident_type, s.severity
        from changes c left join incident_spans s
            on s.zone_id = c.zone_id and s.from_time <= c.since and c.since < s.to_time
        qualify row_number() over (
            partition by c.zone_id, c.since
            order by s.severity desc nulls last, s.from_time desc nulls last, s.incident_id
        ) = 1
        """,
        ("incident_spans",),
    ),
}
NEEDS = ("weather_seen", "incident_changes")


def with_nearby(rows: str, time: str, columns: str) -> str:
    """SELECT `columns` (of alias `r`) and what was near each of `rows` (a SELECT with zone_id) at its column `time`."""
    age = f"millis_between(r.{time}, w.event_time)"
    fresh = f"case when {age} <= $weather_tolerance_ms then"
    return f"""
        select {columns},
            {fresh} w.event_id end as weather_event_id,
            {fresh} w.condition end as weather_condition,
            {fresh} round_to(w.temperature_c, 1000) end as weather_temperature_c,
            {fresh} round_to(w.precipitation_mm, 1000) end as weather_precipitation_mm,
            {fresh} {age} end as weather_age_ms,
            i.incident_id, i.incident_type, i.severity as incident_severity
        from ({rows}) r
        asof left join weather_seen w on r.zone_id = w.zone_id and r.{time} >= w.event_time
        asof left join incident_changes i on r.zone_id = i.zone_id and r.{time} >= i.since
        """
