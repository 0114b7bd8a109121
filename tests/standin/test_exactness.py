"""Short schedules of an unkind world, and exact times, through dbt-redshift on the stand-in (`make exactness`: 50)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exactness.engines import Engine, built, engine
from tests.exactness.live import differences, live, tables
from tests.exactness.pieces import Piece
from tests.exactness.runs import NO_VIEWS
from tests.exactness.schedule import drawn
from tests.exactness.times import checked
from tests.oracle import KEYS
from tests.oracle.sample_landing import VALID


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("standin", tmp_path_factory.mktemp("exactness")) as running:
        yield running


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_incremental_warehouse_equals_the_oracle_and_a_full_refresh(
    seed: int, standin: Engine, tmp_path: Path
) -> None:
    schedule = drawn(seed, tmp_path / "events", events=6000, runs=2)
    outcome = live(schedule, standin, tmp_path / "landing", print)
    assert outcome.failures == []
    assert outcome.rows.keys() > KEYS.keys()
    assert min(outcome.rows[name] for name in ("fct_trips", "fct_vehicle_readings", "agg_car_alerts_15min")) > 0


def test_what_is_built_over_tables_that_a_run_left_out_catches_up_with_them(standin: Engine, tmp_path: Path) -> None:
    """Their children were built from what they had said before; an hour that has become empty tells nothing then."""
    left_out = ["--exclude", "int_sensor_trailing_hours", "int_zone_incident_hours", "int_trips"]
    schedule = drawn(3, tmp_path / "events", events=6000, runs=2)
    standin.empty(tmp_path / "landing")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number, piece in enumerate(schedule.pieces):
        piece.land(tmp_path / "landing", number, hour - timedelta(hours=len(schedule.pieces) - number))
        if number == 0:
            standin.load()
            built(standin, "run")
    standin.load()
    built(standin, "run", *left_out)
    built(standin, "run")
    incremental = tables(standin)
    built(standin, "run", "--full-refresh", *NO_VIEWS)
    assert differences("a full refresh", incremental, tables(standin)) == []


def test_joins_and_windows_are_exact_at_their_bounds(standin: Engine, tmp_path: Path) -> None:
    rows = checked(standin, tmp_path / "landing", seed=1, size=400)
    assert rows["fct_vehicle_readings"] == 800


def _weather(offset: int, value: bytes | None = None) -> dict[str, Any]:
    time = datetime(2026, 3, 2, 8, tzinfo=UTC)
    said = {**VALID["weather"], "event_id": f"w-{offset}", "event_time": time.isoformat()}
    row = {"partition": 0, "offset": offset, "timestamp": int(time.timestamp()) * 1_000_000, "key": b""}
    return {**row, "value": value or json.dumps(said).encode()}


def test_a_batch_of_dead_letters_that_waited_for_the_batch_before_is_counted(standin: Engine, tmp_path: Path) -> None:
    """Its rows would reopen its landing hour, but it has none; and another topic was counted beyond it meanwhile."""
    landing, hour = tmp_path / "landing", datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    batches = [("weather", 0, None), ("weather", 1, None), ("weather", 2, b"{"), ("traffic-cameras", 0, b"{")]
    standin.empty(landing)
    for number, (topic, offset, value) in enumerate(batches):
        piece = Piece(timedelta(), {topic: [_weather(offset, value)]})
        piece.land(landing, number, hour - timedelta(hours=4 - number))
        if number == 0:
            standin.load()
            built(standin, "run")
    standin.load()
    built(standin, "run", "--exclude", "int_weather_received")
    built(standin, "run")
    audit = standin.table("audit_landing").to_pylist()
    assert sorted((row["topic"], row["first_offset"], row["dead_letter_count"]) for row in audit) == [
        *(("traffic-cameras", 0, 1), ("weather", 0, 0), ("weather", 1, 0), ("weather", 2, 1))
    ]
