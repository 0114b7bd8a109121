"""Short schedules of an unkind world, and exact times, through dbt-redshift on the stand-in (`make exactness`: 50)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exactness.engines import Engine, engine
from tests.exactness.live import live
from tests.exactness.schedule import drawn
from tests.exactness.times import checked
from tests.oracle import KEYS


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("standin", tmp_path_factory.mktemp("exactness")) as running:
        yield running


@pytest.mark.parametrize("seed", [1, 2])
def test_an_incremental_warehouse_equals_the_oracle_and_a_full_refresh(
    seed: int, standin: Engine, tmp_path: Path
) -> None:
    schedule = drawn(seed, tmp_path / "events", events=6000, runs=2)
    outcome = live(schedule, standin, tmp_path / "landing", print)
    assert outcome.failures == []
    assert outcome.rows.keys() > KEYS.keys()
    assert min(outcome.rows[name] for name in ("fct_trips", "fct_vehicle_readings", "agg_car_alerts_15min")) > 0


def test_joins_and_windows_are_exact_at_their_bounds(standin: Engine, tmp_path: Path) -> None:
    rows = checked(standin, tmp_path / "landing", seed=1, size=400)
    assert rows["fct_vehicle_readings"] == 800
