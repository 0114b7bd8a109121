"""The oracle's match of a snapshot with its vehicle's last reading, on cases computed by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import NOON, Sample, at


def snapshot(folder: Path, readings: list[dict[str, Any]], time: datetime = NOON) -> dict[str, Any]:
    rows = {"traffic_cameras": [{"event_time": time}], "vehicle_telemetry": readings}
    return Sample(folder, rows).row("fct_camera_observations")


@pytest.mark.parametrize(
    ("read", "age_ms"),
    [
        (at(0), 0),
        (at(us=1), None),  # after the snapshot
        (at(us=-1), 1),  # epoch ms are rounded down
        (at(ms=-5000), 5000),  # the tolerance is inclusive
        (at(ms=-5000, us=-1), None),
    ],
)
def test_a_reading_is_at_or_before_the_snapshot_and_within_the_tolerance(
    tmp_path: Path, read: datetime, age_ms: int | None
) -> None:
    reading = {"event_id": "r", "event_time": read, "speed_kmh": 42.0005, "trip_id": "t-1", "heading": 359.9996}
    row = snapshot(tmp_path, [reading])
    names = ("reading_age_ms", "reading_event_id", "reading_speed_kmh", "trip_id", "reading_heading")
    assert [row[name] for name in names] == ([age_ms, "r", 42.001, "t-1", 0.0] if age_ms is not None else [None] * 5)


def test_the_newest_clean_reading_of_the_same_vehicle_counts_and_the_least_id_at_a_tie(tmp_path: Path) -> None:
    readings: list[dict[str, Any]] = [
        {"event_id": "old", "event_time": at(ms=-900)},
        {"event_id": "b", "event_time": at(ms=-800)},
        {"event_id": "a", "event_time": at(ms=-800)},
        {"event_id": "0-other", "event_time": at(ms=-100), "vehicle_id": "car-0002"},
        {"event_id": "0-invalid", "event_time": at(ms=-100), "speed_kmh": -1.0},
    ]
    assert snapshot(tmp_path, readings)["reading_event_id"] == "a"
