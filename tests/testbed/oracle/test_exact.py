"""The oracle's scores and road-hours against exact fractions, on random samples with many ties."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import SEEDS, Sample, at

Row = dict[str, Any]
HOURS = 4


def round_to(value: Fraction | int, digits: int) -> float:
    """Halves go up, also below zero."""
    return math.floor(value * 10**digits + Fraction(1, 2)) / 10**digits


def percentile(values: Iterable[Fraction | int], part: Fraction) -> Fraction:
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * Fraction(ordered[high] - ordered[low])


def samples(seed: int) -> list[Row]:
    """Three sensors, one of them unknown, with outages; few distinct values, so that halves and ties are common."""
    draw = random.Random(seed)
    return [
        {
            "event_time": at(minute, ms=draw.randrange(60_000)),
            "sensor_id": sensor,
            "vehicle_count": draw.choice([0, 4, 5, 8, 16, 40, 80]),
            "average_speed_kmh": draw.randrange(40_000, 40_032) / 1000,
            "occupancy_pct": draw.randrange(10_000, 10_064, 4) / 1000,
        }
        for minute in range(60 * HOURS)
        for sensor in ("s-1", "s-2", "s-x")
        for _ in range(draw.choice([0, 1, 1, 2]))
    ]


@pytest.fixture(scope="module", params=[1, 2])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], Sample]:
    sensor = SEEDS["sensors"][0]
    seeds = {"sensors": [sensor, {**sensor, "sensor_id": "s-2", "road_id": "road-2", "sample_interval_s": 30}]}
    rows = samples(request.param)
    folder: Path = tmp_path_factory.mktemp("exact")
    constants = {"baseline_hours": 2, "baseline_min_minutes": 45}
    return rows, Sample(folder, {"traffic_sensors": rows}, seeds=seeds, constants=constants)


def milli(value: float) -> int:
    return math.floor(1000 * value + 0.5)


def test_scores_are_those_of_exact_arithmetic(sample: tuple[list[Row], Sample]) -> None:
    minutes = sample[1].rows("int_sensor_minutes_scored", "sensor_id", "minute_start")
    of_sensor: dict[str, list[Row]] = {}
    for row in minutes:
        of_sensor.setdefault(row["sensor_id"], []).append(row)
    seen = set()
    for row in minutes:
        start, hour = row["minute_start"], row["event_hour"]
        rows = of_sensor[row["sensor_id"]]
        trailing = [r for r in rows if start - timedelta(hours=1) <= r["minute_start"] < start and r["sample_count"]]
        speeds = [r["speed_milli_kmh"] for r in trailing if r["vehicle_count"] >= 5]
        mean = Fraction(sum(speeds), len(speeds)) if speeds else None
        assert row["rolling_speed_kmh"] == (round_to(mean / 1000, 3) if mean is not None else None)
        counts = [r["vehicle_count"] for r in trailing]
        assert row["rolling_vehicle_count"] == (round_to(Fraction(sum(counts), len(counts)), 3) if counts else None)
        if row["speed_status"] == "scored" and mean is not None:
            variance = sum((speed - mean) ** 2 for speed in speeds) / (len(speeds) - 1)
            assert row["speed_z"] == pytest.approx(float(row["speed_milli_kmh"] - mean) / math.sqrt(variance), abs=6e-7)
            assert row["speed_effect_kmh"] == round_to((row["speed_milli_kmh"] - mean) / 1000, 3)
        baseline = [r for r in rows if hour - timedelta(hours=2) <= r["minute_start"] < hour and r["sample_count"]]
        for name, column in (("occupancy", "occupancy_milli_pct"), ("volume", "vehicle_count")):
            if row[f"{name}_status"] == "scored":
                middle = percentile((r[column] for r in baseline), Fraction(1, 2))
                mad = percentile((abs(r[column] - middle) for r in baseline), Fraction(1, 2))
                assert row[f"{name}_robust_z"] == round_to(Fraction(6745, 10_000) * (row[column] - middle) / mad, 6)
                if name == "occupancy":
                    assert row["occupancy_effect_points"] == round_to((row[column] - middle) / 1000, 3)
                else:
                    assert row["volume_ratio"] == round_to(row[column] / middle, 3)
        seen |= {row["speed_status"], row["occupancy_status"], row["volume_status"]}
    assert seen >= {"scored", "cold_start", "outage", "too_few_vehicles"}


def test_road_hours_are_those_of_exact_arithmetic(sample: tuple[list[Row], Sample]) -> None:
    raw, oracle = sample
    road_of, limits = {"s-1": "road-1", "s-2": "road-2"}, {"road-1": 100, "road-2": 50}
    hours = oracle.rows("agg_traffic_road_hours", "road_id", "event_hour")
    assert len(hours) == 2 * HOURS
    for hour in hours:
        rows = [
            row
            for row in raw
            if road_of.get(row["sensor_id"], "road-1") == hour["road_id"]
            and row["event_time"].replace(minute=0, second=0, microsecond=0) == hour["event_hour"]
        ]
        moving = [row for row in rows if row["vehicle_count"] > 0]
        weighted = sum(milli(row["average_speed_kmh"]) * row["vehicle_count"] for row in moving)
        mean = round_to(Fraction(weighted, 1000 * sum(row["vehicle_count"] for row in moving)), 3)
        assert hour["mean_speed_kmh"] == mean
        assert hour["speed_ratio"] == round_to(Fraction(milli(mean), 1000 * limits[hour["road_id"]]), 3)
        fast = percentile((milli(row["average_speed_kmh"]) for row in moving), Fraction(85, 100))
        assert hour["p85_speed_kmh"] == round_to(fast / 1000, 3)
        occupancy = sum(milli(row["occupancy_pct"]) for row in rows)
        assert hour["mean_occupancy_pct"] == round_to(Fraction(occupancy, 1000 * len(rows)), 3)
        share = Fraction(100 * hour["sample_count"], hour["samples_due"])
        assert hour["completeness_pct"] == min(100, round_to(share, 2))
        assert hour["vehicle_count"] == sum(row["vehicle_count"] for row in rows)
