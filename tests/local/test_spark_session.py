"""The local Spark session when its JVM does not live as long as it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from testbed.warehouse.spark import warehouse

pytestmark = pytest.mark.jvm


def test_a_session_whose_jvm_died_leaves_room_for_the_next(tmp_path: Path) -> None:
    with warehouse(tmp_path, few_rows=False) as first:
        gateway: Any = first.session.sparkContext._gateway
        gateway.proc.kill()
    with warehouse(tmp_path, few_rows=False) as second:
        assert second.session.sql("select 1").collect() == [(1,)]
