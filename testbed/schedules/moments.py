"""Events at the times that exactness breaks at: ties, microseconds beside a bound, hours, leap days, ends of years."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

# Ends of an hour, of a day, of February in leap years and others, of a year.
ANCHORS = [
    datetime.fromisoformat(f"{time}+00:00")
    for time in (
        "2026-03-01T00:00",
        "2026-03-02T08:00",
        "2026-03-29T01:00",  # clocks change in Europe; UTC's do not
        "2027-01-01T00:00",
        "2028-02-29T00:00",
        "2028-02-29T12:59",
        "2028-03-01T00:00",
        "2029-01-01T00:00",
        "2032-02-29T23:00",
    )
]
# What lies beside a bound: times are microseconds, ages are whole milliseconds.
_BESIDE = [timedelta(microseconds=us) for us in (0, 0, 0, 0, 0, 0, 1, -1, 999, -999, 1000, -1000, 1001, 500_000)]
_HOUR = timedelta(hours=1)
_MINUTES = [timedelta(minutes=m) for m in (0, 0, 1, 14, 15, 16)]
STATUSES = ["reported", "dispatched", "on_scene", "resolved"]
Events = dict[str, list[dict[str, Any]]]  # by topic table; event_id and event_time are unique in a table
Event = dict[str, Any]


class _Drawing:
    def __init__(self, draw: random.Random, anchors: Sequence[datetime], zones: Sequence[str | None]) -> None:
        self.draw = draw
        self.anchors = [{"event_time": anchor, "zone": draw.choice(zones)} for anchor in anchors]
        self.zones = zones
        self._number = 0

    def near(self, others: Sequence[Event], bounds: Sequence[timedelta], back: bool = True) -> Event:
        """An event at a bound of another (mostly one of the last), or just beside; mostly in its zone."""
        draw = self.draw
        others = others or self.anchors
        other = draw.choice(others[-6:] if draw.random() < 0.6 else others)
        sign = draw.choice([1, -1]) if back else 1
        self._number += 1
        return {
            # Ids are compared as bytes, so that B comes before a.
            "event_id": f"{draw.choice('aBc_0')}{self._number}",
            "event_time": other["event_time"] + sign * draw.choice(bounds) + draw.choice(_BESIDE),
            "zone": other["zone"] if draw.random() < 0.8 else draw.choice(self.zones),
        }


def events(
    draw: random.Random, size: int, anchors: Sequence[datetime], zones: Sequence[str | None], cars: Sequence[str]
) -> Events:
    """Events about the anchors, `size` of each of four topics and twice as many readings; a zone None is no zone."""
    drawing = _Drawing(draw, anchors, zones)
    weather: list[Event] = []
    messages: list[Event] = []
    samples: list[Event] = []
    readings: list[Event] = []
    for _ in range(size):
        condition = {"condition": draw.choice(["clear", "rain", "fog"]), "temperature_c": draw.randrange(-9, 40)}
        fresh = [] if draw.random() < 0.2 else weather
        weather.append(drawing.near(fresh, [timedelta(), timedelta(), timedelta(minutes=1), _HOUR]) | condition)
        fresh = [] if draw.random() < 0.2 else messages
        message = drawing.near(fresh, [timedelta(), timedelta(), timedelta(minutes=1), _HOUR, 6 * _HOUR])
        messages.append(message | _state(draw, size))
        fresh = [] if draw.random() < 0.2 else samples
        samples.append(drawing.near(fresh, _MINUTES) | _sample(draw, cars))
    for number in range(2 * size):
        to_weather = number % 2 == 0
        others, longest = (weather, _HOUR) if to_weather else (messages, 6 * _HOUR)
        reading = drawing.near(others, [timedelta(), longest], back=False)
        readings.append(reading | {"vehicle_id": f"v-{draw.randrange(5)}"})
    return {
        "weather": weather,
        "emergency_incidents": messages,
        "vehicle_telemetry": readings,
        "sensors_sample": samples,
    }


def _state(draw: random.Random, size: int) -> Event:
    return {
        "incident_id": f"{draw.choice('iI')}-{draw.randrange(1 + size // 4)}",
        "status": draw.choice(["reported", *STATUSES]),
        "severity": draw.choice([2, 2, 2, 5]),
        "incident_type": draw.choice(["accident", "fire", "hazard"]),
    }


def _sample(draw: random.Random, cars: Sequence[str]) -> Event:
    return {
        "car_id": draw.choice(cars),
        "speed": draw.choice([0, 14, 15, 60, 120, 121, 150]),
        "rpm": draw.choice([1000, 6000, 6001]),
        "gear": draw.choice([1, 1, 2, 4, 5]),
    }
