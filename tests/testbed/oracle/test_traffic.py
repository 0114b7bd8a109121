"""The oracle's sensor-minutes and road-hours, on cases computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import SEEDS, Sample, at

SENSOR = SEEDS["sensors"][0]


def sample_at(
    minutes: float, speed: float | None = 60.0, count: int = 10, occupancy: float = 10.0, **more: Any
) -> dict[str, Any]:
    return {
        "event_time": at(minutes),
        "average_speed_kmh": speed,
        "vehicle_count": count,
        "occupancy_pct": occupancy,
        **more,
    }


def test_a_minute_is_weighted_by_vehicles_and_rounds_halves_up(tmp_path: Path) -> None:
    rows = [
        *(sample_at(0, 60.0, 1, 10.0), sample_at(0.5, 60.001, 1, 10.001), sample_at(0.999, None, 0, 10.0)),
        *(sample_at(1, 50.0, 3, 0.0), sample_at(1.5, 90.0, 1, 0.0005)),
        sample_at(2, None, 0, 5.0),
    ]
    minutes = Sample(tmp_path, {"traffic_sensors": rows}).rows("int_sensor_minutes", "minute_start")
    columns = ("sample_count", "samples_due", "vehicle_count", "speed_milli_kmh", "occupancy_milli_pct")
    assert [[row[column] for column in columns] for row in minutes] == [
        [3, 3, 2, 60001, 10000],  # 60000.5 goes up; 10000.33 goes down
        [2, 3, 4, 60000, 1],  # occupancies 0 and 1 milli
        [1, 3, 0, None, 5000],
    ]


def test_a_reading_without_vehicles_does_not_count_for_the_speed(tmp_path: Path) -> None:
    rows = [sample_at(0, 10.0, 0), sample_at(0.5, 70.0, 2)]
    assert Sample(tmp_path, {"traffic_sensors": rows}).row("int_sensor_minutes")["speed_milli_kmh"] == 70000


def test_each_known_sensor_is_due_in_each_watched_minute_and_an_unknown_one_where_it_spoke(tmp_path: Path) -> None:
    sensors = [SENSOR, {**SENSOR, "sensor_id": "s-2", "road_id": "road-2", "latitude": 31.0, "sample_interval_s": 60}]
    rows = [
        sample_at(0, road_id="elsewhere", location="31.5,-97.5"),  # the seed's road and zone count
        sample_at(2, sensor_id="s-2"),
        sample_at(2, sensor_id="s-x", road_id="road-9", location="30.5,-97.5"),
        sample_at(2, sensor_id="s-x", road_id="road-8", location="31.5,-97.5"),
        sample_at(2, sensor_id="s-x", road_id="road-7", location="30.5,-97.5", occupancy_pct=101.0),  # invalid
        sample_at(3, sensor_id="s-x", road_id="road-8", location="10,10"),
        sample_at(3, sensor_id="s-x", road_id="road-8", location="31.5,-97.5"),
        sample_at(3, sensor_id="s-y", location="10,10"),
    ]
    sample = Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": sensors})
    minutes = sample.rows("int_sensor_minutes", "sensor_id", "minute_start")
    columns = ("sensor_id", "minute_start", "road_id", "zone_id", "sample_count", "samples_due", "vehicle_count")
    assert [tuple(row[column] for column in columns) for row in minutes] == [
        ("s-1", at(0), "road-1", "z-a", 1, 3, 10),
        ("s-1", at(1), "road-1", "z-a", 0, 3, None),  # between two minutes that were reported
        ("s-1", at(2), "road-1", "z-a", 0, 3, None),
        ("s-2", at(0), "road-2", "z-b", 0, 1, None),
        ("s-2", at(1), "road-2", "z-b", 0, 1, None),
        ("s-2", at(2), "road-2", "z-b", 1, 1, 10),
        ("s-x", at(2), "road-8", "z-a", 2, 0, 20),  # the invalid sample of road-7 does not count
        ("s-x", at(3), "road-8", "z-b", 2, 0, 20),
        ("s-y", at(3), "road-1", None, 1, 0, 10),
    ]


@pytest.mark.parametrize(
    ("sensors", "reporting", "share", "watched"),
    [
        *((1, 1, 0.1, True), (2, 1, 0.1, True), (3, 1, 0.1, False), (3, 2, 0.1, True), (10, 1, 0.1, False)),
        *((20, 2, 0.1, True), (21, 2, 0.1, False), (21, 3, 0.1, True), (6, 2, 0.5, False), (6, 3, 0.5, True)),
    ],
)
def test_a_minute_is_watched_when_enough_sensors_report_it(
    tmp_path: Path, sensors: int, reporting: int, share: float, watched: bool
) -> None:
    seeds = [{**SENSOR, "sensor_id": f"s-{number}"} for number in range(sensors)]
    rows = [sample_at(0, sensor_id=f"s-{number}") for number in range(reporting)] + [sample_at(0, sensor_id="unknown")]
    sample = Sample(
        tmp_path, {"traffic_sensors": rows}, seeds={"sensors": seeds}, constants={"watched_min_share": share}
    )
    minutes = sample.rows("int_sensor_minutes", "sensor_id")
    assert len(minutes) == (sensors if watched else reporting) + 1
    assert {minute["is_watched"] for minute in minutes} == {watched}
    assert sum(minute["samples_due"] for minute in minutes) == 3 * (sensors if watched else reporting)


def test_a_sensor_whose_clock_is_fast_puts_no_other_in_outage(tmp_path: Path) -> None:
    seeds = [{**SENSOR, "sensor_id": f"s-{number}", "sample_interval_s": 60} for number in range(59)]
    rows = [sample_at(minute, sensor_id=f"s-{number}") for minute in range(10) for number in range(1, 59)]
    rows += [sample_at(minute + 50, sensor_id="s-0") for minute in range(20)]
    hours = Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": seeds}).rows("agg_sensor_hours", "sensor_id")
    assert {hour["outage_minutes"] for hour in hours if hour["sensor_id"] != "s-0"} == {0}
    fast = [hour for hour in hours if hour["sensor_id"] == "s-0"]
    assert [(hour["event_hour"], hour["outage_minutes"], hour["watched_minutes"]) for hour in fast] == [
        *((at(0), 10, 10), (at(60), 0, 0)),
    ]


def _outages(folder: Path, rows: list[dict[str, Any]], sensors: int = 59) -> dict[str, list[float]]:
    """Of each sensor the outage minutes, counted from NOON."""
    seeds = [{**SENSOR, "sensor_id": f"s-{number}", "sample_interval_s": 60} for number in range(sensors)]
    found: dict[str, list[float]] = {seed["sensor_id"]: [] for seed in seeds}
    sample = Sample(folder, {"traffic_sensors": rows}, seeds={"sensors": seeds})
    for minute in sample.rows("int_sensor_minutes", "minute_start"):
        if minute["sample_count"] == 0:
            found[minute["sensor_id"]].append((minute["minute_start"] - at()).total_seconds() / 60)
    return found


def _sent(sensors: range, minutes: range) -> list[dict[str, Any]]:
    return [sample_at(minute, sensor_id=f"s-{number}") for minute in minutes for number in sensors]


def test_a_large_outage_shows_before_enough_sensors_report_again(tmp_path: Path) -> None:
    outages = _outages(tmp_path, _sent(range(59), range(5)) + _sent(range(5), range(5, 125)))
    # Two hours later minute 64 has come: what is heard in minute 124 may be ahead by an hour.
    assert [outages[f"s-{number}"] for number in (0, 4, 5, 58)] == [[], [], *[list(range(5, 65))] * 2]


@pytest.mark.parametrize(
    ("returned", "seen"),
    [
        (21 * 60, True),
        (72 * 60 + 59, True),  # the hours of the two are 72 apart
        (73 * 60, False),
    ],
)
def test_a_total_outage_shows_when_the_sensors_are_back(tmp_path: Path, returned: int, seen: bool) -> None:
    rows = _sent(range(3), range(5)) + _sent(range(3), range(returned, returned + 2))
    outages = _outages(tmp_path, rows, sensors=3)
    assert outages == {f"s-{number}": list(range(5, returned)) if seen else [] for number in range(3)}


def test_few_fast_clocks_put_no_other_in_outage(tmp_path: Path) -> None:
    rows = _sent(range(5, 59), range(10)) + _sent(range(5), range(60, 70))  # an hour ahead, as after a change of clocks
    outages = _outages(tmp_path, rows)
    assert {tuple(outages[f"s-{number}"]) for number in range(5, 59)} == {()}
    assert outages["s-0"] == list(range(10))


def test_nothing_is_due_before_the_first_minute_that_is_heard_nor_where_one_sensor_is_alone(tmp_path: Path) -> None:
    rows = [sample_at(-30, sensor_id="s-0"), *_sent(range(59), range(2)), *_sent(range(1), range(2, 600))]
    outages = _outages(tmp_path, rows)
    assert {tuple(minutes) for minutes in outages.values()} == {()}


def test_a_road_hour_counts_its_sensors_samples(tmp_path: Path) -> None:
    rows = [
        sample_at(0, 60.0, 1, 10.0),
        sample_at(1, 70.0, 3, 20.0),
        sample_at(1.5, None, 0, 31.0),
        sample_at(60, 50.0, 5, 1.0),  # the next hour
        sample_at(2, 80.0, 4, 10.0, sensor_id="s-x"),  # unknown: its own road is road-1 too
    ]
    hour, following = Sample(tmp_path, {"traffic_sensors": rows}).rows("agg_traffic_road_hours", "event_hour")
    assert hour == {
        "road_id": "road-1",
        "event_hour": at(0),
        "vehicle_count": 8,
        "sample_count": 4,
        "samples_due": 180,  # until 60, when it is heard again
        "completeness_pct": 2.22,
        "mean_speed_kmh": 73.75,  # (60 + 3 * 70 + 4 * 80) / 8
        "p85_speed_kmh": 77.0,  # of 60, 70, 80 at place 1.7
        "mean_occupancy_pct": 17.75,
        "speed_ratio": 0.738,  # 0.7375, halves up
        "congestion_level": "moderate",
    }
    assert (following["vehicle_count"], following["mean_speed_kmh"], following["speed_ratio"]) == (5, 50.0, 0.5)


def test_the_samples_of_an_unknown_sensor_count_for_their_own_roads(tmp_path: Path) -> None:
    rows = [
        *(sample_at(0, 40.0, 1, sensor_id="s-x", road_id=road) for road in ("road-7", "road-8")),
        sample_at(1, 60.0, 3, sensor_id="s-x", road_id="road-8"),
        sample_at(2, 60.0, 3, sensor_id="s-2"),
    ]
    sensors = [SENSOR, {**SENSOR, "sensor_id": "s-2", "road_id": "road-6"}]
    sample = Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": sensors})
    hours = sample.rows("agg_traffic_road_hours", "road_id")
    columns = ("road_id", "vehicle_count", "sample_count", "mean_speed_kmh", "completeness_pct", "congestion_level")
    assert [tuple(row[column] for column in columns) for row in hours] == [
        ("road-1", 0, 0, None, 0.0, "unknown"),  # all its sensors were out
        ("road-6", 3, 1, 60.0, 33.33, "unknown"),
        ("road-7", 2, 2, 40.0, None, "unknown"),  # the least road has the minute 0; nothing was due
        ("road-8", 3, 1, 55.0, None, "unknown"),  # its own two samples
    ]


def test_completeness_is_at_most_100_and_rounds_to_two_decimals(tmp_path: Path) -> None:
    sensors = [{**SENSOR, "sample_interval_s": 60}]
    rows = [sample_at(0), sample_at(0.5)]
    assert Sample(tmp_path, {"traffic_sensors": rows}, seeds={"sensors": sensors}).column(
        "agg_traffic_road_hours", "completeness_pct"
    ) == [100.0]
    two_thirds = Sample(tmp_path / "b", {"traffic_sensors": rows})
    assert two_thirds.column("agg_traffic_road_hours", "completeness_pct") == [66.67]


@pytest.mark.parametrize(
    ("speed", "ratio", "level"),
    [
        *((40.0, 0.8, "free_flow"), (39.975, 0.8, "free_flow"), (39.974, 0.799, "moderate")),
        *((30.0, 0.6, "moderate"), (29.974, 0.599, "heavy"), (20.0, 0.4, "heavy"), (19.974, 0.399, "severe")),
        *((41.125, 0.823, "free_flow"), (0.0, 0.0, "severe")),
    ],
)
def test_congestion_levels_by_the_rounded_ratio(tmp_path: Path, speed: float, ratio: float, level: str) -> None:
    sensors = [{**SENSOR, "road_id": "road-2"}]  # limit 50
    row = Sample(tmp_path, {"traffic_sensors": [sample_at(0, speed)]}, seeds={"sensors": sensors}).row(
        "agg_traffic_road_hours"
    )
    assert (row["speed_ratio"], row["congestion_level"]) == (ratio, level)


@pytest.mark.parametrize(
    ("speeds", "expected"),
    [
        ([50.0], 50.0),
        ([50.0, 50.01], 50.009),  # 50008.5: halves up
        ([90.0, 10.0, 20.0], 69.0),
        ([10.0 + number for number in range(21)], 27.0),  # place 17 exactly
    ],
)
def test_the_85th_percentile_is_unweighted_and_interpolates(
    tmp_path: Path, speeds: list[float], expected: float
) -> None:
    rows = [sample_at(number / 10, speed, 1 + number) for number, speed in enumerate(speeds)]
    rows.append(sample_at(3, 240.0, 0))  # no vehicle
    row = Sample(tmp_path, {"traffic_sensors": rows}).row("agg_traffic_road_hours")
    assert row["p85_speed_kmh"] == expected
