"""The oracle's scores of sensor-minutes, on cases computed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import SEEDS, Sample, at

# Minutes count from noon. A case gives the vehicles, speed and occupancy of the sensor's minutes; the last is scored.
FEW = {"trailing_min_minutes": 2, "baseline_min_minutes": 3}
Minutes = Mapping[int, tuple[int, float | None, float]]


def scored(folder: Path, minutes: Minutes, **constants: float) -> dict[str, Any]:
    return all_scored(folder, minutes, **constants)[-1]


def all_scored(folder: Path, minutes: Minutes, **constants: float) -> list[dict[str, Any]]:
    rows = [
        {"event_time": at(minute), "vehicle_count": count, "average_speed_kmh": speed, "occupancy_pct": occupancy}
        for minute, (count, speed, occupancy) in minutes.items()
    ]
    sample = Sample(folder, {"traffic_sensors": rows}, constants={**FEW, **constants})
    return sample.rows("int_sensor_minutes_scored", "minute_start")


def speeds(values: Mapping[int, float]) -> Minutes:
    return {minute: (10, speed, 10.0) for minute, speed in values.items()}


def test_the_trailing_hour_is_the_60_minutes_before(tmp_path: Path) -> None:
    row = scored(tmp_path, speeds({-61: 10, -60: 50, -1: 70, 0: 30}))
    assert row["rolling_speed_kmh"] == 60.0
    assert (row["speed_status"], row["speed_effect_kmh"]) == ("scored", -30.0)
    assert row["speed_z"] == -2.12132  # -30 / sqrt(200)


def test_a_minute_with_few_vehicles_neither_scores_nor_counts(tmp_path: Path) -> None:
    minutes: Minutes = {-4: (5, 50, 1.0), -3: (4, 200, 1.0), -2: (0, None, 1.0), -1: (5, 70, 1.0), 0: (4, 10, 1.0)}
    row = scored(tmp_path, minutes)
    assert (row["rolling_speed_kmh"], row["rolling_vehicle_count"]) == (60.0, 3.5)
    assert (row["speed_status"], row["speed_z"], row["speed_effect_kmh"]) == ("too_few_vehicles", None, None)
    row = scored(tmp_path / "five", {**minutes, 0: (5, 10, 1.0)})
    assert (row["speed_status"], row["speed_effect_kmh"]) == ("scored", -50.0)


@pytest.mark.parametrize(("before", "status"), [(19, "cold_start"), (20, "scored")])
def test_speed_needs_20_trailing_minutes(tmp_path: Path, before: int, status: str) -> None:
    row = scored(tmp_path, speeds({minute: 50 + minute % 2 for minute in range(-before, 1)}), trailing_min_minutes=20)
    assert row["speed_status"] == status
    assert (row["speed_z"] is None) == (status == "cold_start")


def test_equal_speeds_have_no_variance(tmp_path: Path) -> None:
    row = scored(tmp_path, speeds({-2: 60, -1: 60, 0: 10}))
    assert (row["speed_status"], row["speed_z"], row["speed_effect_kmh"]) == ("zero_variance", None, None)
    assert (row["rolling_speed_kmh"], row["is_speed_drop"]) == (60.0, False)


def test_the_first_minute_has_nothing_before_it(tmp_path: Path) -> None:
    row = scored(tmp_path, speeds({0: 60}))
    assert [row[name] for name in ("rolling_speed_kmh", "rolling_vehicle_count")] == [None, None]
    assert [row[f"{name}_status"] for name in ("speed", "occupancy", "volume")] == ["cold_start"] * 3


def test_a_minute_without_a_sample_is_an_outage_and_no_row_of_windows(tmp_path: Path) -> None:
    rows = [
        *({"event_time": at(minute), "average_speed_kmh": 60.0 + minute} for minute in (-3, -2, 0)),
        {"event_time": at(-1), "sensor_id": "s-other"},  # watched, so sensor s-1 is out
    ]
    sensors = [*SEEDS["sensors"], {**SEEDS["sensors"][0], "sensor_id": "s-other"}]
    sample = Sample(tmp_path, {"traffic_sensors": rows}, constants=FEW, seeds={"sensors": sensors})
    minutes = [row for row in sample.rows("int_sensor_minutes_scored", "minute_start") if row["sensor_id"] == "s-1"]
    out, after = minutes[2:]
    assert [out[f"{name}_status"] for name in ("speed", "occupancy", "volume")] == ["outage"] * 3
    assert (out["rolling_speed_kmh"], out["rolling_vehicle_count"]) == (57.5, 10.0)
    assert (after["speed_status"], after["rolling_vehicle_count"]) == ("scored", 10.0)
    assert not (out["is_speed_drop"])
    assert not (out["is_unexpected_congestion"])


@pytest.mark.parametrize(
    ("trailing", "speed", "z", "effect", "drop"),
    [
        ((50, 60, 70), 30.0, -3.0, -30.0, True),  # standard deviation 10
        ((50, 60, 70), 30.001, -2.9999, -29.999, False),
        ((59, 60, 61), 48.0, -12.0, -12.0, True),
        ((59, 60, 61), 48.001, -11.999, -11.999, False),
        ((50, 60, 70), 90.0, 3.0, 30.0, False),
    ],
)
def test_a_speed_drop_reaches_both_thresholds(
    tmp_path: Path, trailing: tuple[float, ...], speed: float, z: float, effect: float, drop: bool
) -> None:
    row = scored(tmp_path, speeds({-3: trailing[0], -2: trailing[1], -1: trailing[2], 0: speed}))
    assert (row["speed_z"], row["speed_effect_kmh"], row["is_speed_drop"]) == (z, effect, drop)


def test_rolling_means_and_effects_round_halves_up_also_below_zero(tmp_path: Path) -> None:
    low = scored(tmp_path / "low", speeds({-2: 60, -1: 60.001, 0: 50}))  # mean 60000.5, effect -10000.5
    assert (low["rolling_speed_kmh"], low["speed_effect_kmh"]) == (60.001, -10.0)


def base(*values: tuple[int, float], start: int = -120) -> dict[int, tuple[int, float | None, float]]:
    return {start + number: (count, 60.0, occupancy) for number, (count, occupancy) in enumerate(values)}


def test_the_baseline_is_the_whole_hours_before_the_minutes_hour(tmp_path: Path) -> None:
    # Noon minus 24 h is in, the minute before it is not, nor is the hour of the scored minute itself.
    day = -24 * 60
    minutes: Minutes = {
        day - 1: (99, 60.0, 99.0),
        day: (10, 60.0, 10.0),
        -61: (20, 60.0, 20.0),
        -1: (40, 60.0, 40.0),
        0: (99, 60.0, 99.0),
        30: (60, 60.0, 60.0),
    }
    row = scored(tmp_path, minutes)
    assert (row["occupancy_status"], row["volume_status"]) == ("scored", "scored")
    assert (row["occupancy_robust_z"], row["occupancy_effect_points"]) == (2.698, 40.0)  # M = 20, MAD = 10
    assert (row["volume_robust_z"], row["volume_ratio"]) == (2.698, 3.0)
    shorter = scored(tmp_path / "shorter", minutes, baseline_hours=23)
    assert shorter["occupancy_status"] == "cold_start"


@pytest.mark.parametrize(("before", "status"), [(44, "cold_start"), (45, "scored")])
def test_a_baseline_needs_45_minutes_with_a_sample(tmp_path: Path, before: int, status: str) -> None:
    minutes: Minutes = {**base(*[(n, float(n)) for n in range(before)]), 0: (9, 60.0, 9.0)}
    row = scored(tmp_path, minutes, baseline_min_minutes=45)
    assert (row["occupancy_status"], row["volume_status"]) == (status, status)
    assert (row["occupancy_robust_z"] is None) == (row["volume_ratio"] is None) == (status == "cold_start")


def test_an_outage_is_no_minute_of_a_baseline(tmp_path: Path) -> None:
    rows = [{"event_time": at(minute), "occupancy_pct": 50.0 + minute} for minute in (-3, -2, 0)]
    rows.append({"event_time": at(-1), "sensor_id": "s-other"})  # watched, so sensor s-1 is out
    sample = Sample(tmp_path, {"traffic_sensors": rows}, constants=FEW)
    last = [row for row in sample.rows("int_sensor_minutes_scored", "minute_start") if row["sensor_id"] == "s-1"][-1]
    assert (last["occupancy_status"], last["volume_status"]) == ("cold_start", "cold_start")  # 2 of 3


def test_no_deviation_is_zero_variance_for_each_alone(tmp_path: Path) -> None:
    row = scored(tmp_path, {**base((5, 10.0), (5, 20.0), (5, 30.0), (99, 20.0)), 0: (99, 60.0, 90.0)})
    assert (row["occupancy_status"], row["volume_status"]) == ("scored", "zero_variance")
    assert (row["volume_robust_z"], row["volume_ratio"]) == (None, None)
    assert row["is_unexpected_congestion"]


def test_robust_scores_round_exact_halves_up(tmp_path: Path) -> None:
    # Volumes 72, 80, 88: M = 80, MAD = 8. 0.6745 * 3 / 8 = 0.2529375, 83 / 80 = 1.0375, 75 / 80 = 0.9375.
    minutes = base((72, 0.0), (80, 8.0), (88, 16.0))
    high = scored(tmp_path / "high", {**minutes, 0: (83, 60.0, 11.0)})
    low = scored(tmp_path / "low", {**minutes, 0: (75, 60.0, 3.0)})
    assert (high["volume_robust_z"], high["volume_ratio"], high["occupancy_robust_z"]) == (0.252938, 1.038, 0.252938)
    assert (low["volume_robust_z"], low["volume_ratio"], low["occupancy_robust_z"]) == (-0.421562, 0.938, -0.421562)
    # 323 / 80 = 4.0375, though IEEE 323 / 80 * 1000 falls below the half.
    far = scored(tmp_path / "far", {**minutes, 0: (323, 60.0, 3.0)})
    assert far["volume_ratio"] == 4.038


@pytest.mark.parametrize(
    ("occupancy", "z_needed", "points_needed", "flagged"),
    [
        (35.0, 1.01175, 15, True),  # z = 0.6745 * 15 / 10
        (35.0, 1.011751, 15, False),
        (34.999, 1.0, 15, False),
        (35.0, 1.01175, 15.001, False),
        (5.0, 1.01175, 15, False),
    ],
)
def test_congestion_by_occupancy(
    tmp_path: Path, occupancy: float, z_needed: float, points_needed: float, flagged: bool
) -> None:
    minutes = {**base((5, 10.0), (5, 20.0), (5, 30.0)), 0: (5, 60.0, occupancy)}
    row = scored(tmp_path, minutes, congestion_z=z_needed, congestion_min_points=points_needed)
    assert row["is_unexpected_congestion"] is flagged


@pytest.mark.parametrize(
    ("count", "needed", "flagged"),
    [
        (24, {}, True),  # M = 8, MAD = 2: z = 5.396, ratio 3
        (23, {}, False),  # ratio 2.875
        (24, {"congestion_min_vehicles": 24}, True),
        (24, {"congestion_min_vehicles": 25}, False),
        (24, {"congestion_z": 5.396}, True),
        (24, {"congestion_z": 5.397}, False),
    ],
)
def test_congestion_by_volume(tmp_path: Path, count: int, needed: dict[str, float], flagged: bool) -> None:
    minutes = {**base((6, 10.0), (8, 10.0), (10, 10.0)), 0: (count, 60.0, 10.0)}
    assert scored(tmp_path, minutes, **needed)["is_unexpected_congestion"] is flagged


def test_anomalies_are_the_flagged_minutes_with_what_was_near(tmp_path: Path) -> None:
    minutes = {**base((6, 10.0), (8, 20.0), (10, 30.0)), -3: (6, 50.0, 10.0), -2: (8, 60.0, 20.0)}
    minutes |= {-1: (10, 70.0, 30.0), 0: (8, 20.0, 80.0), 1: (24, 58.0, 20.0), 2: (8, 10.0, 20.0), 3: (8, 60.0, 20.0)}
    rows = [
        {"event_time": at(minute), "vehicle_count": count, "average_speed_kmh": speed, "occupancy_pct": occupancy}
        for minute, (count, speed, occupancy) in minutes.items()
    ]
    weather: list[dict[str, Any]] = [{"event_time": at(0.5)}]
    incidents: list[dict[str, Any]] = [{"event_time": at(0)}, {"event_time": at(1.5), "status": "resolved"}]
    topics = {"traffic_sensors": rows, "weather": weather, "emergency_incidents": incidents}
    sample = Sample(tmp_path, topics, constants={**FEW, "speed_drop_z": 1.5})
    found = sample.rows("fct_traffic_anomalies", "minute_start")
    columns = ("minute_start", "kind", "mean_speed_kmh", "mean_occupancy_pct", "weather_age_ms", "incident_id")
    assert [tuple(row[column] for column in columns) for row in found] == [
        (at(0), "both", 20.0, 80.0, None, "i-1"),
        (at(1), "unexpected_congestion", 58.0, 20.0, 30_000, "i-1"),
        (at(2), "speed_drop", 10.0, 20.0, 90_000, None),
    ]
