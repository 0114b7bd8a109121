"""Short schedules of an unkind world, and exact times, on DuckDB (`make exactness` has the stand-in's)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.oracle import KEYS
from testbed.schedules.engines import Engine, engine
from testbed.schedules.live import live
from testbed.schedules.schedule import drawn
from testbed.schedules.seeds import a_failing_seed_keeps_its_rows
from testbed.schedules.times import checked

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("duckdb", tmp_path_factory.mktemp("exactness")) as running:
        yield running


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_incremental_warehouse_equals_the_oracle_and_a_full_refresh(
    seed: int, warehouse: Engine, tmp_path: Path
) -> None:
    schedule = drawn(seed, tmp_path / "events", events=6000, runs=2)
    outcome = live(schedule, warehouse, tmp_path / "landing", print)
    assert outcome.failures == []
    assert outcome.rows.keys() > KEYS.keys()
    assert min(outcome.rows[name] for name in ("fct_trips", "fct_vehicle_readings", "agg_car_alerts_15min")) > 0


def test_joins_and_windows_are_exact_at_their_bounds(warehouse: Engine, tmp_path: Path) -> None:
    rows = checked(warehouse, tmp_path / "landing", seed=1, size=400)
    assert rows["fct_vehicle_readings"] == 800


def test_a_seed_that_fails_keeps_its_rows(warehouse: Engine) -> None:
    a_failing_seed_keeps_its_rows(warehouse)
