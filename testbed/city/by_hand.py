"""A city of events written by hand, for a test whose result hangs on a few of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from testbed.city.pieces import City

PLACE = "30.3601,-97.7094"  # sensor-001's, in the zone aus-north
READING = {"vehicle_id": "car-0001", "heading": 1.5, "make": "Ford", "model": "Focus", "year": 2018}
READING |= {"fuel_type": "petrol", "location": PLACE}
SNAPSHOT = {"camera_id": "camera-1", "vehicle_id": "car-0001", "location": PLACE, "snapshot_uri": "s3://c/1.jpg"}
WEATHER = {"station_id": "station-1", "location": PLACE, "temperature_c": 20.0, "precipitation_mm": 0.0}
WEATHER |= {"wind_speed_kmh": 5.0, "humidity_pct": 40.0, "air_quality_index": 30}


def city_of(events: Mapping[str, Sequence[dict[str, Any]]]) -> City:
    """Each topic's events in the order in which they are sent; `event_time` is a datetime, and Kafka's time as well."""
    return City(
        {topic: [record(topic, offset, event) for offset, event in enumerate(sent)] for topic, sent in events.items()}
    )


def record(topic: str, offset: int, event: dict[str, Any], partition: int = 0) -> dict[str, Any]:
    """The event as Kafka has it: its id is made of topic and offset, Kafka's time is in whole milliseconds."""
    time = event["event_time"]
    payload = {"event_id": f"{topic}-{offset}", **event, "event_time": time.isoformat()}
    microseconds = int(time.timestamp() * 1000) * 1000
    value = json.dumps(payload).encode()
    return {"partition": partition, "offset": offset, "timestamp": microseconds, "key": b"", "value": value}
