"""The local Spark session when its JVM does not live as long as it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from testbed.warehouse.spark import warehouse

pytestmark = pytest.mark.jvm


def test_others_see_nothing_of_the_warehouse(tmp_path: Path) -> None:
    """Hive makes the folder of a schema as 0755: what is above it must not let others in."""
    before = os.umask(0o027)
    try:
        with warehouse(tmp_path) as built:
            built.session.sql("create schema others")
    finally:
        os.umask(before)
    assert (tmp_path / "warehouse" / "others.db").is_dir()
    assert (tmp_path / "warehouse").stat().st_mode & 0o777 == 0o750


def test_a_session_whose_jvm_died_leaves_room_for_the_next(tmp_path: Path) -> None:
    with warehouse(tmp_path, few_rows=False) as first:
        gateway: Any = first.session.sparkContext._gateway
        gateway.proc.kill()
    with warehouse(tmp_path, few_rows=False) as second:
        assert second.session.sql("select 1").collect() == [(1,)]
