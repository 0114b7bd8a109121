"""The loop's runs by themselves, on a warehouse of their own: what is tried again, and what is told of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
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
from testbed.warehouse.embedded import Embedded, embedded

pytestmark = pytest.mark.embedded

TOPIC = "vehicle-telemetry"
TABLES = {topic.topic: topic.table for topic in load_contract().topics}


RECEIVED = f"junction.int_{TABLES[TOPIC]}_received"


@pytest.fixture
def sent(tmp_path: Path) -> City:
    made = city(tmp_path / "events", "--seed", "31", "--hours", "0.1", "--vehicles", "1")
    return City({TOPIC: made.records[TOPIC]})


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("JUNCTION_TARGET", "duckdb")
    with embedded(tmp_path) as warehouse:
        yield warehouse


class Loop:
    """The loop's runs over the landing folder, one at a time."""

    def __init__(self, running: Embedded, sent: City) -> None:
        self.running, self.sent, self.ledger = running, sent, Ledger(running.landing)
        self.runs = loop.Runs(Progress(), self.ledger, Turns(), TABLES)

    def land(self, piece: int) -> None:
        self.sent.land(self.running.landing, piece, 4, datetime.now(UTC) - timedelta(minutes=20 - piece))
        self.runs.landed(self.ledger.follow())

    def run(self) -> loop.Run:
        """The next one, after the pause that a failure makes."""
        deadline = time.monotonic() + 30
        while not self.runs.due():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert self.runs.run()
        assert self.runs.last
        return self.runs.last

    def passed(self) -> int:
        """How many tests have seen what was built last."""
        newest = f"select max(_built_ms) from {RECEIVED}"
        seen = f"select count(*) from junction.tests_passed where through_ms >= ({newest})"
        return int(self.running.query(seen)[0][0])


def test_tests_follow_when_nothing_is_new_and_under_a_steady_stream_once_a_minute(
    running: Embedded, sent: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Loop(running, sent)
    up.land(0)
    assert not up.run().tests
    assert up.passed() > 100  # a first build has its tests within it
    assert not up.runs.due()
    up.land(1)
    assert not up.run().tests
    assert up.passed() == 0
    up.land(2)
    assert not up.run().tests  # what is new comes first
    tested = up.run()
    assert (tested.tests, tested.failure) == (True, "")
    assert up.passed() > 50
    assert "tests after run 3" in view.last_run(up.runs)
    assert not up.runs.due()
    monkeypatch.setattr(loop, "_TESTS_EVERY", 0.0)
    up.land(3)
    up.run()
    up.runs.landed({TOPIC})
    assert up.run().tests  # although something is new
    assert not up.run().tests


def test_after_a_failed_test_nothing_is_built_over_its_table_until_it_passes(running: Embedded, sent: City) -> None:
    up, mart = Loop(running, sent), "select count(*) from junction.fct_vehicle_readings"
    up.land(0)
    up.run()
    up.land(1)
    up.run()
    newest = f"where _built_ms = (select max(_built_ms) from {RECEIVED}) limit 1"
    running.query(f"insert into {RECEIVED} select * from {RECEIVED} {newest}")
    failed = up.run()
    assert failed.tests
    assert "dbt test failed" in failed.failure
    assert "is tried again" in view.last_run(up.runs)
    before = running.query(mart)
    up.land(2)
    failed = up.run()
    assert "dbt build failed" in failed.failure
    assert running.query(mart) == before
    twice = f"select max(rowid) from {RECEIVED} group by _kafka_partition, _kafka_offset having count(*) > 1"
    running.query(f"delete from {RECEIVED} where rowid in ({twice})")
    assert up.run().failure == ""
    assert running.query(mart) > before


def test_a_topic_whose_files_raw_lacks_is_told_of_and_tried_again_until_they_are_there(
    running: Embedded, sent: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_WAITING_PAUSE", 3.0)
    sent.land(running.landing, 0, 1, datetime.now(UTC) - timedelta(minutes=5))
    (hidden, *_) = (running.landing / "raw" / TABLES[TOPIC]).rglob("*.parquet")
    hidden.rename(tmp_path / hidden.name)
    up = Loop(running, sent)
    runs = up.runs
    runs.landed(up.ledger.follow())
    assert up.run().failure == ""
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
    assert up.run().tests
    assert not runs.due()
    assert "lacks" not in view.last_run(runs)
    received = f"select count(*) from junction.int_{TABLES[TOPIC]}_received"
    assert running.query(received) == running.query(f"select count(*) from raw.{TABLES[TOPIC]}") != [(0,)]
