"""Late events whose only effect lies hours or days away: at the very end of each model's reach.

In a city all hours are touched again and again, so that there a reach that is too short does not show.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from testbed.city.by_hand import PLACE, record
from testbed.city.pieces import PARTITIONS, City

AT = {"location": PLACE}
CAR = {"make": "Ford", "model": "Focus", "year": 2018, "fuel_type": "petrol", "heading": 1.5, "speed_kmh": 40.0}
SKY = {"station_id": "far", "temperature_c": 20.0, "precipitation_mm": 0.0, "wind_speed_kmh": 5.0, "humidity_pct": 4.0}
Event = tuple[str, int, str, dict[str, Any]]  # topic, piece, time of 2026 in UTC, fields


def with_far_events(city: City) -> City:
    """The city, of which `land(…, of=2)` lands the far events too, in a partition of their own."""
    records = dict(city.records)
    for topic in {event[0] for event in EVENTS}:
        events = sorted((event for event in EVENTS if event[0] == topic), key=lambda event: event[1])
        far = [_record(offset, event) for offset, event in enumerate(events)]
        early = sum(event[1] == 0 for event in events)
        sent = records[topic]
        cut = (len(sent) + len(far)) // 2 - early
        records[topic] = [*sent[:cut], *far[:early], *sent[cut:], *far[early:]]
    return City(records)


def _record(offset: int, event: Event) -> dict[str, Any]:
    topic, _, time, fields = event
    at = datetime.fromisoformat(f"2026-{time}").replace(tzinfo=UTC)
    return record(topic, offset, {"event_time": at, "event_id": f"far-{topic}-{offset}", **AT, **fields}, PARTITIONS)


def _reading(piece: int, time: str, **fields: str) -> Event:
    return "vehicle-telemetry", piece, time, {**CAR, "vehicle_id": "car-0001", **fields}


def _weather(piece: int, time: str, condition: str) -> Event:
    return "weather", piece, time, {**SKY, "condition": condition, "air_quality_index": 30}


def _alert(piece: int, time: str) -> Event:
    return "sensors-sample", piece, time, {"car_id": "car-0001", "speed": 130, "rpm": 3000, "gear": 4}


def _minutes(piece: int, hour: str, minutes: range, speed: int) -> list[Event]:
    """A sample a minute; the speeds differ, or a baseline would have no variance."""
    sensor = {"sensor_id": "sensor-001", "road_id": "aus-i35-north", "occupancy_pct": 10.0, "vehicle_count": 10}
    first = datetime.fromisoformat(f"2026-{hour}")
    return [
        ("traffic-sensors", piece, f"{first + timedelta(minutes=minute):%m-%dT%H:%M:%S}", {**sensor, **measured})
        for minute in minutes
        for measured in [{"average_speed_kmh": float(speed + minute % 3)}]
    ]


_TRIP = {"trip_id": "far", "route_id": "i35-south"}
_INCIDENT = {"incident_id": "far", "incident_type": "fire", "status": "reported", "severity": 3, "description": ""}
EVENTS: list[Event] = [
    # In force for six hours: a reading and a speed drop of the seventh hour.
    _reading(0, "03-01T06:10:00"),
    *_minutes(0, "03-01T05:00:00", range(25, 60), 80),
    *_minutes(0, "03-01T06:00:00", range(40), 20),
    ("emergency-incidents", 1, "03-01T00:50:00", _INCIDENT),
    # Weather of the hour before.
    _reading(0, "02-28T06:10:00"),
    _weather(1, "02-28T05:30:00", "rain"),
    # A reading just before the hour, its snapshot just after it.
    ("traffic-cameras", 0, "02-28T12:00:00.900", {"camera_id": "far", "vehicle_id": "car-0001", "snapshot_uri": "s3://c/1",
                                                  "detected_vehicles": 1}),
    _reading(1, "02-28T11:59:59.900"),
    # Two alerts of the same 15 minutes, an hour apart by name.
    _alert(0, "02-28T06:05:00"),
    _alert(1, "02-28T05:55:00"),
    # The trailing hour of minutes of the next hour.
    *_minutes(0, "02-27T06:00:00", range(30), 60),
    *_minutes(1, "02-27T05:00:00", range(30, 60), 80),
    # The baseline of the same hour of the next day.
    *_minutes(0, "02-26T06:00:00", range(10), 60),
    *_minutes(1, "02-25T06:00:00", range(10), 80),
    # The clear normal of the same hour seven days later.
    *_minutes(0, "02-24T08:00:00", range(30), 60),
    _weather(0, "02-24T08:00:00", "rain"),
    *_minutes(1, "02-17T08:00:00", range(30), 80),
    _weather(1, "02-17T08:00:00", "clear"),
    # A trip goes on in the last hour that is its own; another does not depart, since it was there six hours before.
    _reading(0, "02-20T00:10:00", **_TRIP),
    _reading(1, "02-20T05:10:00", **_TRIP),
    _reading(0, "02-21T06:10:00", **_TRIP),
    _reading(1, "02-21T00:10:00", **_TRIP),
]  # fmt: skip
