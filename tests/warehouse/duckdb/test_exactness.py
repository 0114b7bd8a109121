"""Short schedules of an unkind world, and exact times, on DuckDB (`make exactness` has the stand-in's)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle import KEYS
from testbed.oracle.sample_landing import VALID
from testbed.schedules.engines import Engine, built, engine
from testbed.schedules.live import differences, live, tables
from testbed.schedules.pieces import Piece
from testbed.schedules.runs import NO_VIEWS
from testbed.schedules.schedule import drawn
from testbed.schedules.seeds import a_failing_seed_keeps_its_rows
from testbed.schedules.times import checked

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("duckdb", tmp_path_factory.mktemp("exactness")) as running:
        yield running


@pytest.mark.parametrize(
    ("seed", "kinds"),
    [
        (1, ["broken", "killed"]),
        pytest.param(2, ["broken", "range"], marks=pytest.mark.long),
        pytest.param(3, ["whole", "left_broken"], marks=pytest.mark.long),
    ],
)
def test_an_incremental_warehouse_equals_the_oracle_and_a_full_refresh(
    seed: int, kinds: list[str], warehouse: Engine, tmp_path: Path
) -> None:
    schedule = drawn(seed, tmp_path / "events", events=6000, runs=2)
    assert [step.kind for step in schedule.steps] == kinds
    outcome = live(schedule, warehouse, tmp_path / "landing", print)
    assert outcome.failures == []
    assert outcome.rows.keys() > KEYS.keys()
    assert min(outcome.rows[name] for name in ("fct_trips", "fct_vehicle_readings", "agg_car_alerts_15min")) > 0


def test_joins_and_windows_are_exact_at_their_bounds(warehouse: Engine, tmp_path: Path) -> None:
    rows = checked(warehouse, tmp_path / "landing", seed=1, size=400)
    assert rows["fct_vehicle_readings"] == 800


def test_a_seed_that_fails_keeps_its_rows(warehouse: Engine) -> None:
    a_failing_seed_keeps_its_rows(warehouse)


def test_what_is_built_over_tables_that_a_run_left_out_catches_up_with_them(warehouse: Engine, tmp_path: Path) -> None:
    """Their children were built from what they had said before; an hour that has become empty tells nothing then."""
    left_out = ["--exclude", "int_sensor_trailing_hours", "int_zone_incident_hours", "int_trips"]
    schedule = drawn(3, tmp_path / "events", events=6000, runs=2)
    warehouse.empty(tmp_path / "landing")
    clock = datetime.now(UTC) - sum((piece.after for piece in schedule.pieces), timedelta(minutes=1))
    for number, piece in enumerate(schedule.pieces):
        clock += piece.after  # the pieces' own: a topic that is late is so by less than that
        piece.land(tmp_path / "landing", number, clock)
        if number == 0:
            built(warehouse, "run")
    built(warehouse, "run", *left_out)
    built(warehouse, "run")
    incremental = tables(warehouse)
    built(warehouse, "run", "--full-refresh", *NO_VIEWS)
    assert differences("a full refresh", incremental, tables(warehouse)) == []


def _record(topic: str, offset: int, **said: Any) -> dict[str, Any]:
    """A record of the Kafka topic; `value`: its bytes, if they are no payload."""
    time = datetime(2026, 3, 2, 8, tzinfo=UTC)
    valid = VALID[topic.replace("-", "_")]
    payload = {**valid, "event_id": f"{topic}-{offset}", "event_time": time.isoformat(), **said}
    row = {"partition": 0, "offset": offset, "timestamp": int(time.timestamp()) * 1_000_000, "key": b""}
    return {**row, "value": said.get("value") or json.dumps(payload).encode()}


def _land(landing: Path, number: int, hours_ago: float, topic: str, *records: dict[str, Any]) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    Piece(timedelta(), {topic: records}).land(landing, number, hour - timedelta(hours=hours_ago))


def _counted(warehouse: Engine) -> list[tuple[str, int, int]]:
    audit = warehouse.table("audit_landing").to_pylist()
    return sorted((row["topic"], row["first_offset"], row["dead_letter_count"]) for row in audit)


def test_a_batch_of_dead_letters_that_waited_for_the_batch_before_is_counted(warehouse: Engine, tmp_path: Path) -> None:
    """Its rows would reopen its landing hour, but it has none; and another topic was counted beyond it meanwhile."""
    warehouse.empty(tmp_path)
    _land(tmp_path, 0, 4, "weather", _record("weather", 0))
    built(warehouse, "run")
    _land(tmp_path, 1, 3, "weather", _record("weather", 1))
    _land(tmp_path, 2, 2, "weather", _record("weather", 2, value=b"{"))
    _land(tmp_path, 3, 1, "traffic-cameras", _record("traffic-cameras", 0, value=b"{"))
    built(warehouse, "run", "--exclude", "int_weather_received")
    built(warehouse, "run")
    assert _counted(warehouse) == [("traffic-cameras", 0, 1), ("weather", 0, 0), ("weather", 1, 0), ("weather", 2, 1)]


def test_a_batch_of_dead_letters_that_was_published_late_is_counted(warehouse: Engine, tmp_path: Path) -> None:
    """Its job was slow or died: other topics that landed later were counted before it could be seen."""
    warehouse.empty(tmp_path)
    _land(tmp_path, 0, 5, "weather", _record("weather", 0))
    _land(tmp_path, 0, 1, "traffic-cameras", _record("traffic-cameras", 0, value=b"{"))
    built(warehouse, "run")
    _land(tmp_path, 1, 3, "weather", _record("weather", 1, value=b"{"))
    _land(tmp_path, 0, 2, "traffic-sensors", _record("traffic-sensors", 0, value=b"{"))
    built(warehouse, "run")
    assert _counted(warehouse) == [
        *(("traffic-cameras", 0, 1), ("traffic-sensors", 0, 1), ("weather", 0, 0), ("weather", 1, 1))
    ]


def test_a_zone_loses_its_hour_when_a_late_sample_moves_the_minute_to_another(
    warehouse: Engine, tmp_path: Path
) -> None:
    """A sensor that the seed does not know is where its first samples of the minute say, by the order of zones."""
    warehouse.empty(tmp_path)
    _land(tmp_path, 0, 3, "weather", _record("weather", 0, location="30.2,-97.7"))
    _land(tmp_path, 0, 3, "traffic-sensors", _record("traffic-sensors", 0, location="30.2,-97.7"))
    built(warehouse, "run")
    assert [row["zone_id"] for row in warehouse.table("agg_weather_impact_zone_hours").to_pylist()] == ["aus-south"]
    _land(tmp_path, 1, 2, "traffic-sensors", _record("traffic-sensors", 1, location="30.35,-97.7"))
    built(warehouse, "run")
    assert warehouse.table("agg_weather_impact_zone_hours").to_pylist() == []
