"""The loop's runs by themselves, on a warehouse of their own: what is tried again, and what is told of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.reading import load_contract
from local.door.turns import Turns
from local.loop import runs as loop
from local.loop import view
from local.loop.ledger import Ledger
from local.progress import Progress
from testbed.city.pieces import City, city
from testbed.warehouse.embedded import embedded

pytestmark = pytest.mark.embedded

TOPIC = "vehicle-telemetry"
TABLES = {topic.topic: topic.table for topic in load_contract().topics}


def test_a_topic_whose_files_raw_lacks_is_told_of_and_tried_again_until_they_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("JUNCTION_TARGET", "duckdb")
    monkeypatch.setattr(loop, "_WAITING_PAUSE", 3.0)
    sent = city(tmp_path / "events", "--seed", "31", "--hours", "0.1", "--vehicles", "1")
    with embedded(tmp_path) as running:
        City({TOPIC: sent.records[TOPIC]}).land(running.landing, 0, 1, datetime.now(UTC) - timedelta(minutes=5))
        (hidden, *_) = (running.landing / "raw" / TABLES[TOPIC]).rglob("*.parquet")
        hidden.rename(tmp_path / hidden.name)
        ledger = Ledger(running.landing)
        runs = loop.Runs(Progress(), ledger, Turns(), TABLES)
        runs.landed(ledger.follow())
        assert runs.due()
        assert runs.run()
        assert runs.last
        assert not runs.last.failure
        assert runs.waiting == {TOPIC}
        assert f"but for batches of {TOPIC} whose files raw lacks" in view.last_run(runs)
        assert not runs.due()
        time.sleep(3)
        assert runs.due()
        assert runs.run()
        assert runs.waiting == {TOPIC}
        (tmp_path / hidden.name).rename(hidden)
        time.sleep(3)
        assert runs.due()
        assert runs.run()
        assert runs.waiting == frozenset()
        assert not runs.due()
        assert "lacks" not in view.last_run(runs)
        received = f"select count(*) from junction.int_{TABLES[TOPIC]}_received"
        assert running.query(received) == running.query(f"select count(*) from raw.{TABLES[TOPIC]}") != [(0,)]
