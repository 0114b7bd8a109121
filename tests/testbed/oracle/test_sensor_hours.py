"""The oracle's sensor-hours and quarantine: cases computed by hand, and the outages that the simulator made."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed.city.pieces import city
from testbed.oracle import project_oracle
from testbed.oracle.sample_landing import SEEDS, Sample, at

SENSOR = SEEDS["sensors"][0]


def test_a_sensor_hour_counts_outages_in_a_row_and_what_came_of_what_was_due(tmp_path: Path) -> None:
    # s-2 (one sample a minute due) is out in 5; s-1 (3 a minute) speaks in the minutes 0 and 3.
    spoken = [(0, "s-1"), (0.3, "s-1"), (0.6, "s-1"), (3, "s-1")]
    spoken += [(minute, "s-2") for minute in range(61) if minute != 5] + [(61, "s-2"), (61, "s-9")]
    rows = [{"event_time": at(minute), "sensor_id": sensor} for minute, sensor in spoken]
    sensors = [SENSOR, {**SENSOR, "sensor_id": "s-2", "sample_interval_s": 60}]
    sample = Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": sensors})
    columns = "sensor_id watched_minutes sample_count samples_due completeness_pct outage_minutes"
    columns += " longest_outage_minutes last_sample_minute sensor_status"
    hours = sample.rows("agg_sensor_hours", "event_hour", "sensor_id")
    assert [tuple(hour[column] for column in columns.split()) for hour in hours] == [
        ("s-1", 60, 4, 180, 2.22, 58, 56, at(3), "partial"),
        ("s-2", 60, 59, 60, 98.33, 1, 1, at(59), "complete"),
        ("s-1", 2, 0, 6, 0.0, 2, 2, None, "open"),
        ("s-2", 2, 2, 2, 100.0, 0, 0, at(61), "open"),
        ("s-9", 1, 1, 0, None, 0, 0, at(61), "unplanned"),
    ]


@pytest.mark.parametrize(
    ("later", "statuses"),
    [
        (58, ["open", "open"]),  # though s-1 has sent nothing
        (59, ["outage", "partial"]),
        (60, ["outage", "partial", "open", "open"]),
        (240, ["outage", "partial", *["outage"] * 6, "open", "open"]),  # in the hours between both were out
        (4440, ["outage", "complete", "open", "open"]),  # the city was off for more than watched_gap_hours
    ],
)
def test_an_hour_is_judged_when_its_last_minute_or_a_later_one_is_watched(
    tmp_path: Path, later: int, statuses: list[str]
) -> None:
    rows = [{"event_time": at(minute), "sensor_id": "s-2"} for minute in (0, later)]
    sensors = [SENSOR, {**SENSOR, "sensor_id": "s-2", "sample_interval_s": 60}]
    sample = Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": sensors})
    assert sample.column("agg_sensor_hours", "sensor_status", "event_hour", "sensor_id") == statuses


def test_a_fast_clock_does_not_end_an_hour(tmp_path: Path) -> None:
    sensors = [{**SENSOR, "sensor_id": f"s-{number}"} for number in range(3)]
    rows = [{"event_time": at(minute), "sensor_id": f"s-{minute}"} for minute in (0, 1)]
    rows += [{"event_time": at(minute), "sensor_id": "s-1"} for minute in (0, 50, 65)]
    sample = Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": sensors})
    assert set(sample.column("agg_sensor_hours", "sensor_status", "event_hour", "sensor_id")) == {"open"}


def test_a_quarantined_row_names_the_column_of_its_reason(tmp_path: Path) -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "sensors_sample": [{"speed": 201}, {"gear": 8, "_kafka_timestamp": at(ms=250)}, {}],
        "vehicle_telemetry": [{"speed_kmh": -1.0}, {"location": "91,0"}, {"location": "here"}],
        "traffic_sensors": [{"average_speed_kmh": None}, {"event_id": ""}, {"road_id": " "}],
    }
    found = Sample(tmp_path, rows).rows("audit_quarantine", "topic", "record_offset")
    columns = ("topic", "record_offset", "invalid_reason", "invalid_field", "event_to_kafka_ms")
    assert [tuple(row[column] for column in columns) for row in found] == [
        ("sensors-sample", 0, "speed_out_of_range", "speed", 0),
        ("sensors-sample", 1, "gear_out_of_range", "gear", 250),
        ("traffic-sensors", 0, "average_speed_missing", "average_speed_kmh", 0),
        ("traffic-sensors", 1, "event_id_blank", "event_id", 0),
        ("traffic-sensors", 2, "road_id_blank", "road_id", 0),
        ("vehicle-telemetry", 0, "speed_out_of_range", "speed_kmh", 0),
        ("vehicle-telemetry", 1, "latitude_out_of_range", "location", 0),
        ("vehicle-telemetry", 2, "location_malformed", "location", 0),
    ]


def test_the_outages_of_the_truth_are_the_outages_of_the_sensor_hours(tmp_path: Path) -> None:
    options = ["--seed", "5", "--hours", "2", "--vehicles", "1", "--sensor-outage", "0.05"]
    sent = city(tmp_path / "events", *options, "--truth", str(tmp_path / "truth"))
    sent.land(tmp_path / "landing", 0, 1, datetime.now(UTC))
    silent: Counter[tuple[str, datetime]] = Counter()
    for fact in map(json.loads, (tmp_path / "truth").read_text().splitlines()):
        if fact["kind"] == "outage":
            minute, end = (datetime.fromisoformat(fact[side]) for side in ("from", "to"))
            while minute < end:
                silent[fact["sensor_id"], minute.replace(minute=0)] += 1
                minute += timedelta(minutes=1)
    oracle = project_oracle(tmp_path / "landing")
    hours = oracle.mart("agg_sensor_hours").to_pylist()
    found = {(hour["sensor_id"], hour["event_hour"]): hour["outage_minutes"] for hour in hours}
    assert len(silent) >= 5
    assert {key: minutes for key, minutes in found.items() if minutes} == dict(silent)
    assert {hour["sensor_status"] for hour in hours if not hour["outage_minutes"]} == {"complete"}
