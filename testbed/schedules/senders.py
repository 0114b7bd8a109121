"""What senders do wrong: clocks that are fast, places that are far off, most sensors silent for a while."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from testbed.city.pieces import Records

Row = dict[str, Any]
SENSORS, MOVING = "traffic-sensors", ("vehicle-telemetry", "vehicle-gps")
FAST = timedelta(minutes=50)  # within the hour that an event may be ahead of its Kafka timestamp
FAR = ["0,0", "31.9,-97.1", "-30.2,97.7"]  # a receiver without a fix; another county; signs that were lost
FAR_SHARE = 0.01


def wronged(records: Records, draw: random.Random) -> Records:
    """The records of a city, of which some senders are wrong. Which wrongs there are is drawn too."""
    changed = {topic: list(rows) for topic, rows in records.items()}
    sensors = sorted({row["key"] for row in changed.get(SENSORS, [])})
    if draw.random() < 0.6 and len(sensors) > 1:
        fast = set(draw.sample(sensors, draw.choice([1, 1, 2, 3]) % len(sensors) or 1))
        changed[SENSORS] = [_faster(row) if row["key"] in fast else row for row in changed[SENSORS]]
    if draw.random() < 0.5 and len(sensors) > 1:
        left = set(draw.sample(sensors, draw.choice([0, 1, 2, 5]) % len(sensors)))
        changed[SENSORS] = _silenced(changed[SENSORS], left, draw)
    for topic in MOVING:
        changed[topic] = [_far(row, draw) if draw.random() < FAR_SHARE else row for row in changed.get(topic, [])]
    return changed


def _silenced(rows: Sequence[Row], left: set[bytes], draw: random.Random) -> list[Row]:
    """Without what all sensors but `left` sent in half an hour to two hours."""
    begins = draw.choice(rows)["timestamp"]
    ends = begins + draw.randint(30, 120) * 60_000_000
    return [row for row in rows if row["key"] in left or not begins <= row["timestamp"] < ends]


def _faster(row: Row) -> Row:
    return _said(
        row, lambda payload: {"event_time": (datetime.fromisoformat(payload["event_time"]) + FAST).isoformat()}
    )


def _far(row: Row, draw: random.Random) -> Row:
    place = draw.choice(FAR)
    return _said(row, lambda _: {"location": place})


def _said(row: Row, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Row:
    """The row with a changed payload; a malformed one stays as it is."""
    try:
        payload = json.loads(row["value"] or b"")
        return {**row, "value": json.dumps({**payload, **change(payload)}).encode()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return row
