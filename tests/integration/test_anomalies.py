"""Does the anomaly mart find what the simulator knows it caused, in cities that no threshold was tuned on?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from local import paths
from local.broker import Broker
from tests.integration import city
from tests.integration.warehouse import Warehouse, warehouse

HOURS = 6
# Three cities, days apart, so that one warehouse holds them and no baseline reaches from one into another.
CITIES = {seed: datetime(2026, 3, day, 6, tzinfo=UTC) for seed, day in ((301, 2), (302, 5), (303, 10))}
TOPICS = "traffic-sensors,weather,emergency-incidents"
METRIC_KIND = {"speed": "is_speed_drop", "occupancy": "is_unexpected_congestion", "volume": "is_unexpected_congestion"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[dict[str, Any]], Warehouse]]:
    """All episodes of the truth, and the warehouse that has seen the cities."""
    folder = tmp_path_factory.mktemp("anomalies")
    episodes = []
    with Broker(folder / "kafka") as broker, warehouse(folder) as built:
        for seed, start in CITIES.items():
            options = ["--seed", str(seed), "--start", start.isoformat(), "--hours", str(HOURS), "--topics", TOPICS]
            city.send(broker, city.events(folder / str(seed), *options))
            episodes += [episode | {"seed": seed} for episode in city.truth(folder / str(seed), "episode")]
        landed_at = datetime.now(UTC) - timedelta(hours=1)
        city.land(built.session, broker, folder, landed_at, topics=TOPICS.split(","))
        built.build("seed")
        built.build("run", "--select", "+fct_traffic_anomalies")
        yield episodes, built


@pytest.fixture(scope="module")
def minutes(found: tuple[list[dict[str, Any]], Warehouse]) -> list[dict[str, Any]]:
    return found[1].table("int_sensor_minutes_scored").to_pylist()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _overlap(episode: dict[str, Any], minute: datetime) -> bool:
    return minute < _time(episode["to"]) and minute + timedelta(minutes=1) > _time(episode["from"])


def _constants() -> dict[str, Any]:
    return yaml.safe_load((paths.PROJECT / "dbt_project.yml").read_text())["vars"]


def _countable(episode: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Does the episode begin after its sensor has the minimum count? (definitions, section 4)"""
    constants, begin = _constants(), _time(episode["from"])
    before = [row for row in rows if begin - timedelta(hours=24) <= row["minute_start"] < begin]
    if episode["metric"] == "speed":
        usable = [row for row in before if (row["vehicle_count"] or 0) >= constants["minute_min_vehicles"]]
        trailing = [row for row in usable if row["minute_start"] >= begin - timedelta(hours=1)]
        return len(trailing) >= constants["trailing_min_minutes"]
    hour = begin.replace(minute=0, second=0, microsecond=0)
    whole = [row for row in before if row["minute_start"] < hour and row["sample_count"] > 0]
    return len(whole) >= constants["baseline_min_minutes"]


@pytest.mark.parametrize("seed", CITIES)
def test_episodes_are_found(seed: int, found: Any, minutes: list[dict[str, Any]]) -> None:
    by_sensor: dict[str, list[dict[str, Any]]] = {}
    for row in minutes:
        by_sensor.setdefault(row["sensor_id"], []).append(row)
    episodes = [e for e in found[0] if e["seed"] == seed and _countable(e, by_sensor[e["sensor_id"]])]
    caught = [
        episode
        for episode in episodes
        if any(
            row[METRIC_KIND[episode["metric"]]] and _overlap(episode, row["minute_start"])
            for row in by_sensor[episode["sensor_id"]]
        )
    ]
    print(f"seed {seed}: {len(caught)} of {len(episodes)} episodes found")
    assert len(episodes) >= 20
    assert len(caught) >= 0.9 * len(episodes)


@pytest.mark.parametrize("seed", CITIES)
def test_flagged_minutes_lie_in_episodes(seed: int, found: Any) -> None:
    episodes, built = found
    start = CITIES[seed]
    flagged = [
        row
        for row in built.table("fct_traffic_anomalies").to_pylist()
        if start <= row["minute_start"] < start + timedelta(hours=HOURS)
    ]
    right = [
        row
        for row in flagged
        if any(
            episode["seed"] == seed
            and episode["sensor_id"] == row["sensor_id"]
            and _overlap(episode, row["minute_start"])
            for episode in episodes
        )
    ]
    print(f"seed {seed}: {len(right)} of {len(flagged)} flagged minutes lie in an episode")
    assert len(flagged) >= 50
    assert len(right) >= 0.9 * len(flagged)
