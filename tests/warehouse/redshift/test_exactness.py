"""A short schedule of an unkind world, and exact times, on the stand-in (`make exactness`: 50; more on DuckDB)."""

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

pytestmark = pytest.mark.standin


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("standin", tmp_path_factory.mktemp("exactness")) as running:
        yield running


@pytest.mark.long
def test_an_incremental_warehouse_equals_the_oracle_and_a_full_refresh(standin: Engine, tmp_path: Path) -> None:
    schedule = drawn(1, tmp_path / "events", events=6000, runs=2)
    outcome = live(schedule, standin, tmp_path / "landing", print)
    assert outcome.failures == []
    assert outcome.rows.keys() > KEYS.keys()
    assert min(outcome.rows[name] for name in ("fct_trips", "fct_vehicle_readings", "agg_car_alerts_15min")) > 0


@pytest.mark.long
def test_joins_and_windows_are_exact_at_their_bounds(standin: Engine, tmp_path: Path) -> None:
    rows = checked(standin, tmp_path / "landing", seed=1, size=400)
    assert rows["fct_vehicle_readings"] == 800


@pytest.mark.long
def test_a_seed_that_fails_keeps_its_rows(standin: Engine) -> None:
    a_failing_seed_keeps_its_rows(standin)
