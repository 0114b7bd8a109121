"""The loop's runs by themselves, on a warehouse of their own: what is tried again, and what is told of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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


BELOW = [f"source:raw.{table}+,test_type:data" for table in (TABLES[TOPIC], "landed_batches", "dead_letters")]
PIECES = 24
MART = "select count(*) from junction.fct_vehicle_readings"


class Loop:
    """The loop's runs over a landing folder in which one topic lands, one run at a time."""

    def __init__(self, running: Embedded, sent: City) -> None:
        self.running, self.landing, self._sent, self._landed = running, running.landing, sent, 0
        self.ledger = Ledger(self.landing)
        self.runs = loop.Runs(Progress(), self.ledger, Turns(), TABLES)

    def land(self) -> set[Path]:
        """The next piece; its files, but for the ledger's."""
        before = self._files()
        at = datetime.now(UTC) - timedelta(seconds=480 - 15 * self._landed)  # one after the other, none long ago
        self._sent.land(self.landing, self._landed, PIECES, at)
        self._landed += 1
        self.runs.landed(self.ledger.follow())
        return self._files() - before

    def _files(self) -> set[Path]:
        raw = self.landing / "raw"
        return {file for table in (TABLES[TOPIC], "dead_letters") for file in (raw / table).rglob("*.parquet")}

    def run(self) -> loop.Run:
        """The next one, after the pause that a failure makes."""
        deadline = time.monotonic() + 30
        while not self.runs.due():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert self.runs.run()
        assert self.runs.last
        return self.runs.last

    def tested(self) -> loop.Run:
        """The tests that are due, piece by piece, until one fails; the last one."""
        while True:
            run = self.run()
            assert run.tests or self.runs.waiting  # what waits is tried in between
            if run.failure or not self.runs.due():
                return run

    def passed(self) -> int:
        """How many tests have seen what was built last."""
        newest = f"select max(_built_ms) from {RECEIVED}"
        seen = f"select count(*) from junction.tests_passed where through_ms >= ({newest})"
        return int(self.running.query(seen)[0][0])

    def tests_below(self) -> int:
        """How many tests see what this topic brings."""
        listed = self.running.dbt("ls", "--resource-type", "test", "--select", *BELOW).result
        assert isinstance(listed, list)
        return len(listed)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    folder = tmp_path_factory.mktemp("loop")
    options = ("--seed", "31", "--hours", "0.3", "--vehicles", "1", "--malformed", "0.05")
    sent = city(folder / "events", *options)
    with pytest.MonkeyPatch.context() as environment, embedded(folder) as running:
        environment.setenv("DBT_TARGET_PATH", str(folder / "target"))
        environment.setenv("JUNCTION_TARGET", "duckdb")
        up = Loop(running, City({TOPIC: sent.records[TOPIC]}))
        up.land()
        assert not up.run().tests
        assert up.passed() > 100  # a first build has its tests within it
        yield up


@pytest.fixture
def up(lived: Loop) -> Loop:
    """What there is is built and tested."""
    while lived.runs.due():
        assert lived.run().failure == ""
    return lived


def test_tests_follow_when_nothing_is_new_and_under_a_steady_stream_once_a_minute(
    up: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    up.land()
    assert not up.run().tests
    assert up.passed() == 0
    up.land()
    built = up.run()
    assert not built.tests  # what is new comes first
    assert up.run().tests
    assert 0 < up.passed() < 40  # a piece of them
    up.land()
    built = up.run()
    assert not built.tests  # in between
    assert up.tested().failure == ""
    assert up.passed() == up.tests_below()
    assert f"tests after run {built.number}" in view.last_run(up.runs)
    assert not up.runs.due()
    monkeypatch.setattr(loop, "_TESTS_EVERY", 0.0)
    up.land()
    up.run()
    up.runs.landed({TOPIC})
    assert not up.run().tests  # they would take more than a twentieth of the time
    assert up.tested().failure == ""
    monkeypatch.setattr(loop, "_TESTS_SHARE", float("inf"))
    up.land()
    up.run()
    up.runs.landed({TOPIC})
    assert up.run().tests  # although something is new
    monkeypatch.setattr(loop, "_TESTS_SHARE", 0.05)
    assert up.run().tests
    assert not up.run().tests  # before the next piece


def test_after_a_failed_test_nothing_is_built_over_its_table_until_it_passes(up: Loop) -> None:
    query = up.running.query
    up.land()
    up.run()
    newest = f"where _built_ms = (select max(_built_ms) from {RECEIVED}) limit 1"
    query(f"insert into {RECEIVED} select * from {RECEIVED} {newest}")
    assert "unique_combination" in up.tested().failure
    assert "is tried again" in view.last_run(up.runs)
    before = query(MART)
    up.land()
    failed = up.run()
    assert (failed.tests, "dbt build failed" in failed.failure) == (False, True)
    assert query(MART) == before
    twice = f"select max(rowid) from {RECEIVED} group by _kafka_partition, _kafka_offset having count(*) > 1"
    query(f"delete from {RECEIVED} where rowid in ({twice})")
    assert up.run().failure == ""
    assert query(MART) > before
    assert up.runs.failures > 0  # of the tests, until they have passed
    assert up.run().tests  # all of them, not a piece
    assert (up.runs.failures, up.runs.red) == (0, "")
    assert up.passed() >= up.tests_below()


def with_an_unknown_reason(up: Loop) -> tuple[Path, bytes]:
    """Land a file of dead letters that its test refuses, and what the file has to be again. Their source has no
    freshness, so that nothing below it alone is ever fresher."""
    (file,) = (file for file in up.land() if "dead_letters" in file.parts)
    whole, letters = file.read_bytes(), pq.read_table(file, partitioning=None)
    reasons = pa.array(["no such reason"] * len(letters), letters.schema.field("reason").type)
    pq.write_table(letters.set_column(letters.schema.get_field_index("reason"), "reason", reasons), file)
    return file, whole


def test_a_failed_test_that_no_refresh_selects_stays_red(up: Loop) -> None:
    file, whole = with_an_unknown_reason(up)
    assert not up.run().tests
    assert "accepted_values" in up.tested().failure
    refreshed = up.run()
    assert (refreshed.tests, refreshed.failure) == (False, "")
    assert "tests have failed and not passed since" in view.last_run(up.runs)
    assert "accepted_values" in up.run().failure
    assert up.runs.failures == 2
    file.write_bytes(whole)
    assert not up.run().tests
    assert (up.run().failure, up.runs.red) == ("", "")


def test_a_test_that_no_refresh_selects_is_due_after_one_too(up: Loop) -> None:
    file, whole = with_an_unknown_reason(up)
    up.runs._whole_again = 0.0
    refreshed = up.run()
    assert (refreshed.tests, refreshed.failure) == (False, "")
    assert "accepted_values" in up.tested().failure
    file.write_bytes(whole)
    assert not up.run().tests
    assert (up.run().failure, up.runs.red) == ("", "")


def test_a_run_that_the_lock_refuses_is_tried_again(up: Loop) -> None:
    lease = "invocation_id = 'other', expires_ms = epoch_ms(now()) + 300000"
    with up.running.connection() as connected:  # so that all works in one opening of the file, as in `make up`
        up.land()
        assert up.run().failure == ""
        connected.execute(f"update junction.run_lock set {lease}")
        up.land()
        assert "Another run (other" in up.run().failure
        assert (up.runs.refusals, up.runs.failures) == (1, 0)
        connected.execute("update junction.run_lock set invocation_id = ''")
        assert up.run().failure == ""
        assert up.runs.refusals == 0
        assert up.passed() > 50  # this was a whole build
        assert up.tested().failure == ""
        assert not up.runs.due()


def test_a_topic_whose_files_raw_lacks_is_told_of_tried_again_and_tested_until_they_are_there(
    up: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_WAITING_PAUSE", 2.0)
    hidden = next(file for file in up.land() if "dead_letters" not in file.parts)
    hidden.rename(tmp_path / hidden.name)
    assert up.run().failure == ""
    assert up.runs.waiting == {TOPIC}
    assert f"but for batches of {TOPIC} whose files raw lacks" in view.last_run(up.runs)
    assert up.tested().failure == ""
    assert not up.run().tests
    assert up.runs.waiting == {TOPIC}
    monkeypatch.setattr(up.runs, "_test_by", 0.0)
    tested = up.run()  # once a minute, of what only waits
    assert (tested.tests, tested.failure) == (True, "")
    (tmp_path / hidden.name).rename(hidden)
    assert not up.run().tests
    assert up.runs.waiting == frozenset()
    assert up.tested().failure == ""
    assert not up.runs.due()
    assert "lacks" not in view.last_run(up.runs)
    received = f"select count(*) from {RECEIVED}"
    assert up.running.query(received) == up.running.query(f"select count(*) from raw.{TABLES[TOPIC]}") != [(0,)]
