"""The episodes of the simulator's truth (definitions, section 4): which of them count, which minutes lie in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

Episode = Mapping[str, Any]  # a line of the truth: sensor_id, metric, cause, effect, from, to
# The flag of a sensor-minute by which an episode of a metric is found.
METRIC_KIND = {"speed": "is_speed_drop", "occupancy": "is_unexpected_congestion", "volume": "is_unexpected_congestion"}


def begin(episode: Episode) -> datetime:
    """When the episode begins: a whole minute, in UTC."""
    return datetime.fromisoformat(episode["from"])


def overlaps(episode: Episode, minute: datetime) -> bool:
    """Whether any of the minute that begins at `minute` lies in the episode."""
    return minute < datetime.fromisoformat(episode["to"]) and minute + timedelta(minutes=1) > begin(episode)


def is_countable(episode: Episode, rows: Iterable[Mapping[str, Any]], constants: Mapping[str, Any]) -> bool:
    """Whether the episode begins after its sensor has the minimum count; `rows` are the sensor's minutes."""
    start = begin(episode)
    before = [row for row in rows if start - timedelta(hours=24) <= row["minute_start"] < start]
    if episode["metric"] == "speed":
        usable = [row for row in before if (row["vehicle_count"] or 0) >= constants["minute_min_vehicles"]]
        trailing = [row for row in usable if row["minute_start"] >= start - timedelta(hours=1)]
        return len(trailing) >= constants["trailing_min_minutes"]
    hour = start.replace(minute=0, second=0, microsecond=0)
    whole = [row for row in before if row["minute_start"] < hour and row["sample_count"] > 0]
    return len(whole) >= constants["baseline_min_minutes"]
