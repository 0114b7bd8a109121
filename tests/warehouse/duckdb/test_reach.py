"""What arrives late reopens hours far from its own: a week of normals, the hour of the next weeks, the next hour."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.place import PROJECT_DIR
from testbed.city.by_hand import PLACE, READING, SNAPSHOT, WEATHER, city_of
from testbed.oracle import KEYS, assert_same_rows
from testbed.oracle.engine import Oracle, read_constants
from testbed.warehouse.embedded import Embedded, embedded

pytestmark = pytest.mark.embedded

MARTS = ("agg_weather_impact_zone_hours", "fct_camera_observations", "int_sensor_minutes_scored", "agg_sensor_hours")
WEEKLY, SILENT = "int_sensor_week_baselines", "int_silent_minutes"
RAINY = datetime(2026, 3, 9, 8, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
CLEAR = RAINY - WEEK  # the first hour that counts for the normal of that hour
LAST_HEARD = datetime(2026, 4, 1, 3, tzinfo=UTC)  # then all sensors are silent, for as long as an outage can be seen
GAP_H = 5  # watched_gap_hours; its 72 would make a quarter of a million sensor-minutes
BACK = LAST_HEARD + timedelta(hours=GAP_H)


def _samples(hour: datetime, speed: float) -> list[dict[str, Any]]:
    sensor = {"sensor_id": "sensor-001", "road_id": "aus-i35-north", "location": PLACE, "occupancy_pct": 10.0}
    more = {"vehicle_count": 10, "average_speed_kmh": speed}
    return [{"event_time": hour + timedelta(minutes=minute), **sensor, **more} for minute in range(30)]


def _rush(*hours: datetime) -> list[dict[str, Any]]:
    """45 minutes of another sensor, in another zone, in each hour; no two minutes of an hour are alike."""
    sensor = {"sensor_id": "sensor-059", "road_id": "cor-i10-marion", "location": "29.4717,-98.2447"}
    readings = []
    for hour in hours:
        for minute in range(45):
            measured = {"vehicle_count": 20 + minute, "average_speed_kmh": 50.0, "occupancy_pct": 30.0 + minute / 10}
            readings.append({"event_time": hour + timedelta(minutes=minute), **sensor, **measured})
    return readings


def _edges(count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Readings and snapshots about the end of a leap day, at the edges of a match: ties, microseconds, tolerance."""
    draw, midnight = random.Random(7), datetime(2028, 3, 1, tzinfo=UTC)
    readings, snapshots = [], []
    for _ in range(count):
        microseconds = draw.randrange(-8, 8) * 1_000_000 + draw.choice([0, 0, 1, -1, 999, 1000, -1000])
        read = midnight + timedelta(microseconds=microseconds)
        age = draw.choice([0, 0, 1, -1, 1000, 4_999_999, 5_000_000, 5_000_001, 5_000_999, 5_001_000])
        vehicle = {"vehicle_id": f"car-{draw.randrange(2, 5):04d}"}
        readings.append({**READING, **vehicle, "event_time": read, "speed_kmh": draw.uniform(0, 150)})
        seen = {"event_time": read + timedelta(microseconds=age), "detected_vehicles": 1}
        snapshots.append({**SNAPSHOT, **vehicle, **seen})
    draw.shuffle(readings)
    draw.shuffle(snapshots)
    return readings, snapshots


READINGS, SNAPSHOTS = _edges(60)
# Each topic's events; the first half is landed first.
EVENTS: dict[str, list[dict[str, Any]]] = {
    # Of the weeks before the first hour, the third is landed late. The hour before it has only one week, in time.
    "traffic-sensors": [
        *_samples(RAINY, 60.0),
        *_rush(RAINY, RAINY - WEEK, RAINY - 2 * WEEK, RAINY - HOUR, RAINY - WEEK - HOUR),
        *_samples(LAST_HEARD, 60.0),
        *_rush(LAST_HEARD),
        *_samples(CLEAR, 80.0),
        *_rush(RAINY - 3 * WEEK, *(RAINY + later * HOUR for later in (3, 4, 5, 6))),
        *_samples(BACK, 60.0),
        *_rush(BACK),
    ],
    "weather": [
        {"event_time": RAINY, **WEATHER, "condition": "rain"},
        {"event_time": CLEAR, **WEATHER, "condition": "clear"},
    ],
    "traffic-cameras": [
        {"event_time": RAINY + timedelta(milliseconds=900), **SNAPSHOT, "detected_vehicles": 1},
        *SNAPSHOTS,
        {"event_time": RAINY + timedelta(hours=3), **SNAPSHOT, "detected_vehicles": 2},
    ],
    "vehicle-telemetry": [
        {"event_time": RAINY - timedelta(seconds=9), **READING, "speed_kmh": 40.0},
        *READINGS,
        {"event_time": RAINY - timedelta(milliseconds=100), **READING, "speed_kmh": 50.0},
    ],
}


@dataclass
class Late:
    """A warehouse that was built twice; the marts after the first piece and after the second."""

    warehouse: Embedded
    before: dict[str, list[dict[str, Any]]]
    after: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Late]:
    folder = tmp_path_factory.mktemp("reach")
    sent = city_of(EVENTS)
    states = []
    with embedded(folder) as running:
        running.build("seed")
        for piece in (0, 1):
            sent.land(folder / "landing", piece, 2, datetime.now(UTC) - timedelta(minutes=90 - 30 * piece))
            variables = ("--vars", f"{{watched_gap_hours: {GAP_H}}}")
            running.build("run", *variables, "--select", *(f"+{name}" for name in MARTS))
            states.append({name: running.table(name).to_pylist() for name in (*MARTS, WEEKLY, SILENT)})
        yield Late(running, *states)


def test_a_clear_hour_that_is_landed_late_becomes_the_normal_seven_days_later(late: Late) -> None:
    (before,) = late.before["agg_weather_impact_zone_hours"]
    assert (before["weather_condition"], before["normal_basis"]) == ("rain", "cold_start")
    after = {row["weather_condition"]: row for row in late.after["agg_weather_impact_zone_hours"]}
    assert after["clear"]["normal_basis"] == "cold_start"
    columns = ("normal_basis", "normal_minute_count", "normal_speed_kmh", "speed_change_kmh", "speed_change_pct")
    assert [after["rain"][column] for column in columns] == ["hour_of_day", 30, 80.0, -20.0, -25.0]


def test_a_reading_that_is_landed_late_is_matched_with_the_snapshot_of_the_next_hour(late: Late) -> None:
    (before,) = _of_car_1(late.before)
    assert before["reading_event_id"] is None
    with_reading, without = _of_car_1(late.after)
    last = EVENTS["vehicle-telemetry"][-1]["event_time"].replace(tzinfo=None)
    assert (with_reading["reading_time"], with_reading["reading_age_ms"]) == (last, 1000)
    assert (without["reading_time"], without["reading_age_ms"]) == (None, None)


def test_a_week_that_is_landed_late_becomes_the_basis_of_the_same_hour_of_the_next_weeks_alone(late: Late) -> None:
    def of_the_rush(state: dict[str, list[dict[str, Any]]], name: str, hour: datetime) -> list[dict[str, Any]]:
        rows = [row for row in state[name] if row["sensor_id"] == "sensor-059"]
        return [row for row in rows if row["event_hour"] == hour.replace(tzinfo=None)]

    basis = {}
    for when, state in (("before", late.before), ("after", late.after)):
        rows = of_the_rush(state, "int_sensor_minutes_scored", RAINY)
        basis[when] = {row["volume_basis"] for row in rows if row["sample_count"]}
    assert basis == {"before": {"hours_before"}, "after": {"hour_of_week"}}

    cases = (RAINY, (90, 135), True), (RAINY - WEEK, (45, 90), True), (RAINY - HOUR, (45, 45), False)
    for hour, counts, is_rebuilt in cases:
        before, after = (of_the_rush(state, WEEKLY, hour) for state in (late.before, late.after))
        assert tuple({row["minute_count"] for row in rows} for rows in (before, after)) == tuple({n} for n in counts)
        assert ({row["_built_ms"] for row in before} != {row["_built_ms"] for row in after}) == is_rebuilt


def test_an_outage_of_all_sensors_shows_once_they_are_back(late: Late) -> None:
    def hours(state: dict[str, list[dict[str, Any]]]) -> dict[datetime, set[str]]:
        found: dict[datetime, set[str]] = {}
        for row in state["agg_sensor_hours"]:
            if row["event_hour"] >= LAST_HEARD.replace(tzinfo=None):
                found.setdefault(row["event_hour"], set()).add(row["sensor_status"])
        return found

    last, back = (time.replace(tzinfo=None) for time in (LAST_HEARD, BACK))
    assert hours(late.before) == {last: {"open"}}
    after = hours(late.after)
    assert sorted(after) == [last + later * HOUR for later in range(GAP_H + 1)]
    # The two are heard until minute 29 of their first hour, which shows that minute 29 of the hour before has come.
    assert after[last] == {"outage", "partial"}
    assert {hour: states for hour, states in after.items() if states != {"outage"}} == {
        last: {"outage", "partial"},
        back - HOUR: {"open"},
        back: {"open"},
    }
    silent = [row["minute_start"] for row in late.after[SILENT] if row["minute_start"] >= last]
    assert (min(silent), max(silent)) == (last, back - HOUR + timedelta(minutes=29))


def test_snapshots_at_the_edges_of_a_match_are_matched_and_not(late: Late) -> None:
    edges = [row for row in late.after["fct_camera_observations"] if row["vehicle_id"] != "car-0001"]
    assert len(edges) == len(SNAPSHOTS)
    ages = {row["reading_age_ms"] for row in edges}
    assert {None, 0, 1, 5000} <= ages
    assert len({row["event_hour"] for row in edges}) == 2


def _of_car_1(state: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    rows = [row for row in state["fct_camera_observations"] if row["vehicle_id"] == "car-0001"]
    return sorted(rows, key=lambda row: row["event_time"])


@pytest.mark.parametrize("name", MARTS)
def test_the_marts_equal_the_oracle(name: str, late: Late) -> None:
    constants = {**read_constants(PROJECT_DIR / "dbt_project.yml"), "watched_gap_hours": GAP_H}
    oracle = Oracle(late.warehouse.landing, PROJECT_DIR / "seeds", constants)
    assert_same_rows(name, late.warehouse.table(name), oracle.mart(name), KEYS[name])
