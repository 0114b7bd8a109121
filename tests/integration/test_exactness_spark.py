"""A short schedule of an unkind world, and exact times, through dbt-spark in one warm session (`make exactness`)."""

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
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("spark", tmp_path_factory.mktemp("exactness")) as running:
        yield running


def test_joins_and_windows_are_exact_at_their_bounds(spark: Engine, tmp_path: Path) -> None:
    rows = checked(spark, tmp_path / "landing", seed=2, size=400)
    assert rows["fct_vehicle_readings"] == 800


def test_an_incremental_warehouse_equals_the_oracle_and_a_full_refresh(spark: Engine, tmp_path: Path) -> None:
    schedule = drawn(3, tmp_path / "events", events=6000, runs=2)
    outcome = live(schedule, spark, tmp_path / "landing", print)
    assert outcome.failures == []
    assert outcome.rows.keys() > KEYS.keys()
