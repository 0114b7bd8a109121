"""Exact times through dbt-spark in one warm session; whole schedules: `python -m testbed.schedules --engine spark`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.schedules.engines import Engine, engine
from testbed.schedules.seeds import a_failing_seed_keeps_its_rows
from testbed.schedules.times import checked

pytestmark = [pytest.mark.jvm, pytest.mark.long]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine("spark", tmp_path_factory.mktemp("exactness")) as running:
        yield running


def test_joins_and_windows_are_exact_at_their_bounds(spark: Engine, tmp_path: Path) -> None:
    rows = checked(spark, tmp_path / "landing", seed=2, size=400)
    assert rows["fct_vehicle_readings"] == 800


def test_a_seed_that_fails_keeps_its_rows(spark: Engine) -> None:
    a_failing_seed_keeps_its_rows(spark)
