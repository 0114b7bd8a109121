"""The oracle's speeds by weather, on cases computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from testbed.oracle.sample_landing import NOON, Sample, at

HOUR, DAY = 60, 24 * 60
FEW = {"clear_normal_min_minutes": 2, "clear_normal_days": 1}
COLUMNS = "weather_condition minute_count vehicle_count mean_speed_kmh normal_basis normal_minute_count"
COLUMNS += " normal_speed_kmh speed_change_kmh speed_change_pct"


def impact(
    folder: Path, samples: Sequence[tuple[float, float, int]], weather: Sequence[tuple[float, str]]
) -> list[Any]:
    """Rows of the mart: samples are (minutes after noon, km/h, vehicles), weather (minutes after noon, condition)."""
    rows: dict[str, list[dict[str, Any]]] = {
        "traffic_sensors": [
            {"event_time": at(minute), "average_speed_kmh": speed, "vehicle_count": count}
            for minute, speed, count in samples
        ],
        "weather": [{"event_time": at(minute), "condition": condition} for minute, condition in weather],
    }
    for row in (row for topic in rows.values() for row in topic):
        row |= {"_kafka_timestamp": row["event_time"], "_landed_at": NOON}
    found = Sample(folder, rows, constants=FEW).rows("agg_weather_impact_zone_hours", "event_hour", "weather_condition")
    return [tuple(row[column] for column in COLUMNS.split()) for row in found]


def test_a_minute_has_the_weather_at_its_start_and_needs_a_vehicle(tmp_path: Path) -> None:
    samples = [(0, 50.0, 1), (1, 60.0, 1), (1.5, 80.0, 3), (2, 0.0, 0), (61, 40.0, 2)]
    assert impact(tmp_path, samples, [(0, "clear"), (0.5, "rain")]) == [
        ("clear", 1, 1, 50.0, "cold_start", 0, None, None, None),
        ("rain", 1, 4, 75.0, "cold_start", 0, None, None, None),
        # No weather is known an hour and more after the last observation: the minute 61 does not count.
    ]


def test_the_normal_is_of_clear_hours_before_at_the_same_hour_of_day_if_there_are_enough(tmp_path: Path) -> None:
    samples = [(0, 60.0, 1), (1, 60.0, 3), (HOUR, 30.0, 4), (DAY - HOUR, 50.0, 5), (DAY - HOUR + 1, 50.0, 5)]
    samples += [(DAY, 45.0, 1), (DAY + HOUR, 40.0, 1), (DAY + 2 * HOUR, 20.0, 1)]
    weather = [(minute, "clear") for minute in (0, HOUR, DAY - HOUR)]
    weather += [(DAY, "rain"), (DAY + HOUR, "fog"), (DAY + 2 * HOUR, "snow")]
    assert impact(tmp_path, samples, weather) == [
        ("clear", 2, 4, 60.0, "cold_start", 0, None, None, None),
        ("clear", 1, 4, 30.0, "all_hours", 2, 60.0, -30.0, -50.0),
        ("clear", 2, 10, 50.0, "all_hours", 3, 45.0, 5.0, 11.1),
        ("rain", 1, 1, 45.0, "hour_of_day", 2, 60.0, -15.0, -25.0),
        # The same hour of the day has one minute only, and the noon of the day before is too long ago.
        ("fog", 1, 1, 40.0, "all_hours", 3, 44.286, -4.286, -9.7),
        ("snow", 1, 1, 20.0, "all_hours", 2, 50.0, -30.0, -60.0),
    ]
