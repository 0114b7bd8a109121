"""Does the anomaly mart find what the simulator knows it caused, in cities that no threshold was tuned on?"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from local import paths
from testbed.city.episodes import METRIC_KIND, is_countable, overlaps
from testbed.city.pieces import City, city, numbered
from testbed.warehouse.embedded import Embedded, embedded

pytestmark = pytest.mark.embedded

HOURS = 6
# Three cities, days apart, so that one warehouse holds them and no baseline reaches from one into another.
CITIES = {seed: datetime(2026, 3, day, 6, tzinfo=UTC) for seed, day in ((301, 2), (302, 5), (303, 10))}
TOPICS = "traffic-sensors,weather,emergency-incidents"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[dict[str, Any]], Embedded]]:
    """All episodes of the truth, and the warehouse that has seen the cities (other engines have its rows)."""
    folder = tmp_path_factory.mktemp("anomalies")
    episodes, records = [], defaultdict[str, list[dict[str, Any]]](list)
    for seed, start in CITIES.items():
        truth = folder / f"{seed}.jsonl"
        options = ["--seed", str(seed), "--start", start.isoformat(), "--hours", str(HOURS), "--topics", TOPICS]
        for topic, rows in city(folder / str(seed), *options, "--truth", str(truth)).records.items():
            records[topic] += rows
        facts = map(json.loads, truth.open())
        episodes += [fact | {"seed": seed} for fact in facts if fact["kind"] == "episode"]
    sent = City({topic: numbered(rows) for topic, rows in records.items()})  # each city counts from 0
    sent.land(folder / "landing", 0, 1, datetime.now(UTC) - timedelta(hours=1))
    with embedded(folder) as running:
        running.build("seed", "--select", "+fct_traffic_anomalies")
        running.build("run", "--select", "+fct_traffic_anomalies")
        yield episodes, running


def _minutes(running: Embedded, table: str) -> list[dict[str, Any]]:
    """The rows of a table, with the minute in UTC."""
    rows = running.table(table).to_pylist()
    return [row | {"minute_start": row["minute_start"].replace(tzinfo=UTC)} for row in rows]


@pytest.fixture(scope="module")
def minutes(found: tuple[list[dict[str, Any]], Embedded]) -> list[dict[str, Any]]:
    return _minutes(found[1], "int_sensor_minutes_scored")


def _constants() -> dict[str, Any]:
    return yaml.safe_load((paths.PROJECT_DIR / "dbt_project.yml").read_text())["vars"]


@pytest.mark.parametrize("seed", CITIES)
def test_episodes_are_found(seed: int, found: Any, minutes: list[dict[str, Any]]) -> None:
    by_sensor: dict[str, list[dict[str, Any]]] = {}
    for row in minutes:
        by_sensor.setdefault(row["sensor_id"], []).append(row)
    constants = _constants()
    episodes = [e for e in found[0] if e["seed"] == seed and is_countable(e, by_sensor[e["sensor_id"]], constants)]
    caught = [
        episode
        for episode in episodes
        if any(
            row[METRIC_KIND[episode["metric"]]] and overlaps(episode, row["minute_start"])
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
        for row in _minutes(built, "fct_traffic_anomalies")
        if start <= row["minute_start"] < start + timedelta(hours=HOURS)
    ]
    right = [
        row
        for row in flagged
        if any(
            episode["seed"] == seed
            and episode["sensor_id"] == row["sensor_id"]
            and overlaps(episode, row["minute_start"])
            for episode in episodes
        )
    ]
    print(f"seed {seed}: {len(right)} of {len(flagged)} flagged minutes lie in an episode")
    assert len(flagged) >= 50
    assert len(right) >= 0.9 * len(flagged)
