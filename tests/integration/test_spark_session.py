"""The local Spark session when its JVM does not live as long as it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local import paths, spark


def test_a_session_whose_jvm_died_leaves_room_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_JARS", str(paths.jars()))
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))
    with spark.session() as first:
        gateway: Any = first.sparkContext._gateway
        gateway.proc.kill()
    with spark.session() as second:
        assert second.sql("select 1").collect() == [(1,)]
