"""A Kafka log that went back: a broker is restored from an older copy, and old offsets are given to new records."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from ingest.errors import ChangedLogError, LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import EndsNote, Ledger
from ingest.folder.local_store import LocalStore
from ingest.folder.names import ends_note, hour_folder, ledger_name
from ingest.landing.kafka_log import Record, check_log, current_generation, next_generation
from ingest.landing.kafka_time import micros
from local.broker import Broker
from testbed.landing.bench import Bench, samples
from testbed.landing.jobs import landing_of, started, wait


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that a test may stop and restore."""
    with Broker(tmp_path / "kafka") as running:
        yield running


def restore(broker: Broker, copy: Path) -> None:
    """Put the broker's data back to what they were in the copy."""
    broker.stop()
    shutil.rmtree(broker.folder / "data")
    shutil.copytree(copy, broker.folder / "data")
    broker.start()


@pytest.mark.jvm
def test_a_log_that_went_back_is_noticed_named_and_landed_as_a_new_generation(
    own_broker: Broker, spark: SparkSession, tmp_path: Path
) -> None:
    bench = Bench(own_broker, spark, tmp_path)
    bench.produce(samples(100))
    bench.land()
    own_broker.stop()
    copy = Path(shutil.copytree(own_broker.folder / "data", tmp_path / "copy"))
    own_broker.start()
    bench.produce(samples(50, start=100))
    bench.land()
    bench.check()
    before = bench.rows(bench.topic.table)

    restore(own_broker, copy)
    gone = r"Kafka's log went back: what was landed as offsets 50 to 74 of partition 0, 50 to 74 of partition 1 is no "
    with pytest.raises(LandingError, match=gone):  # while it is shorter than what was landed
        bench.land()
    bench.produce(samples(80, start=1000))  # and when it has grown past it again
    with pytest.raises(LandingError, match=gone):
        bench.land()
    assert bench.rows(bench.topic.table) == before

    bench.land(land_changed_log=True)
    rows = bench.rows(bench.topic.table)
    again = [row for row in rows if row not in before]
    assert len(rows) == len(before) + len(again)
    assert sorted(row["event_id"] for row in again) == sorted(f"e{n}" for n in [*range(100), *range(1000, 1080)])
    generations = {row["_kafka_generation"] for row in before}, {row["_kafka_generation"] for row in again}
    assert generations[1] == {next_generation(*generations[0])}
    bench.produce(samples(10, start=2000))
    bench.land()  # without the flag it goes on with the new generation
    assert {row["_kafka_generation"] for row in bench.rows(bench.topic.table)} == generations[0] | generations[1]
    assert len(bench.rows(bench.topic.table)) == len(rows) + 10


@pytest.mark.jvm
def test_what_retention_or_a_transaction_took_is_no_changed_log(
    own_broker: Broker, spark: SparkSession, tmp_path: Path
) -> None:
    bench = Bench(own_broker, spark, tmp_path)
    bench.produce(samples(20))
    bench.land()
    for partition in (0, 1):
        bench.remove(partition, before=10)  # all that was landed
    bench.produce(samples(10, start=20))
    bench.land()
    own_broker.stop()
    own_broker.start()
    bench.produce(samples(10, start=30))
    bench.land()
    bench.check()


@pytest.mark.jvm
def test_a_log_that_went_back_and_grew_while_the_job_was_paused_is_noticed(own_broker: Broker, tmp_path: Path) -> None:
    """The job sees no offset go back: only the record before those that it reads is another."""
    bench = Bench(own_broker, None, tmp_path)
    own_broker.stop()
    copy = Path(shutil.copytree(own_broker.folder / "data", tmp_path / "copy"))
    own_broker.start()
    bench.produce(samples(50))
    with started(bench, *landing_of(bench), "--trigger-seconds", "0.5", "--give-up-minutes", "0.1") as job:
        wait("the first rows", lambda: len(bench.rows(bench.topic.table)) == 50, job)
        os.killpg(job.pid, signal.SIGSTOP)
        restore(own_broker, copy)
        bench.produce(samples(80, start=1000))
        os.killpg(job.pid, signal.SIGCONT)
        output, _ = job.communicate(timeout=120)
    assert "Kafka's log went back: what was landed as offsets 0 to 24 of partition 0, 0 to 24 of partition 1" in output
    assert len(bench.rows(bench.topic.table)) == 50


@pytest.mark.parametrize("proofs", [{}, {0: (98, Record(1, None, b"a").digest())}])
def test_a_log_that_is_shorter_than_what_was_landed_went_back(
    tmp_path: Path, proofs: dict[int, tuple[int, str]]
) -> None:
    """Also without a proof, as of an older version's ledger, and where only marks of transactions were after it."""
    folder, ledger = LandingFolder.at(tmp_path), Ledger({0: 150}, proofs=proofs)

    def read(partition: int, offset: int) -> Record:
        return Record(1, None, b"a")

    check_log(folder, "t", "g", ledger, {0: 0}, {0: 150}, read)
    with pytest.raises(ChangedLogError, match="what was landed as offsets 120 to 149 of partition 0 is no longer"):
        check_log(folder, "t", "g", ledger, {0: 0}, {0: 120}, read)


def test_generations_follow_each_other_in_names_of_one_length() -> None:
    first = "I0XT4mvy-AmPim0q8gX3iA"
    second = next_generation(first)
    third = next_generation(second)
    assert (second, third) == ("I0XT4mvy-AmPim0q8gX~02", "I0XT4mvy-AmPim0q8gX~03")
    assert len(first) == len(second) == len(third)


LATER = datetime(2026, 1, 1, 10, 30, tzinfo=UTC)


def landed(folder: Path, generation: str, at: datetime, topic: str = "t") -> None:
    """A batch's file in the ledger: its name alone counts."""
    hour = folder / "raw" / "landed_batches" / hour_folder(at)
    hour.mkdir(parents=True, exist_ok=True)
    (hour / ledger_name(topic, generation, at)).write_text("")


@pytest.mark.parametrize("generation", ["I0XT4mvy-AmPim0q8gX3iA", "I0XT4mvyOAmPim0q8-X3-A"])
def test_a_generation_is_found_without_the_notes_that_the_runbook_removes(tmp_path: Path, generation: str) -> None:
    folder, second = LandingFolder.at(tmp_path), next_generation(generation)
    third = next_generation(second)
    assert current_generation(folder, "t", generation) == generation
    landed(tmp_path, generation, LATER - timedelta(days=3))
    landed(tmp_path, third, LATER, topic="t-2")
    assert current_generation(folder, "t", generation) == generation
    landed(tmp_path, second, LATER)
    assert current_generation(folder, "t", generation) == second
    EndsNote(folder.store, ends_note("t", third)).write(Ledger())  # begun, and nothing landed of it
    assert current_generation(folder, "t", generation) == third
    shutil.rmtree(tmp_path / "_ends")
    assert current_generation(folder, "t", generation) == second
    assert current_generation(folder, "t", "AnotherTopicIdOf22Char") == "AnotherTopicIdOf22Char"


def test_a_generation_is_found_without_reading_all_of_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, generation = LandingFolder.at(tmp_path), "I0XT4mvy-AmPim0q8gX3iA"
    for hours in range(48):
        landed(tmp_path, generation, LATER - timedelta(hours=hours), topic="t" if hours > 3 else "idle")
    landed(tmp_path, next_generation(generation), LATER - timedelta(hours=2))
    EndsNote(folder.store, ends_note("t", generation)).write(Ledger(newest=LATER - timedelta(hours=9)))
    listed, real = [], LocalStore.list

    def listing(store: LocalStore, place: str) -> list[str]:
        listed.append(place)
        return real(store, place)

    monkeypatch.setattr(LocalStore, "list", listing)
    assert current_generation(folder, "t", generation) == next_generation(generation)
    assert len([place for place in listed if "landed_hour=" in place]) == 3


@pytest.mark.parametrize("name", ["._t-I0XT4mvy.AmPim0q8gX~02.json", "t-I0XT4mvy.AmPim0q8gX~xx.json",
                                  "t-I0XT4mvy.AmPim0q8gX~02.json.making", "u-I0XT4mvy.AmPim0q8gX~02.json"])  # fmt: skip
def test_a_stray_file_beside_the_notes_is_no_generation(tmp_path: Path, name: str) -> None:
    (tmp_path / "_ends").mkdir()
    (tmp_path / "_ends" / name).write_text("{")
    generation = "I0XT4mvy-AmPim0q8gX3iA"
    assert current_generation(LandingFolder.at(tmp_path), "t", generation) == generation


def test_a_digest_tells_records_apart() -> None:
    records = [
        Record(timestamp, key, value)
        for timestamp in (0, 1)
        for key in (None, b"", b"k", b"k1")
        for value in (None, b"", b"1", json.dumps({"a": 1}).encode())
    ]
    digests = {record.digest() for record in records}
    assert len(digests) == len(records)
    assert all(re.fullmatch("[0-9a-f]{32}", digest) for digest in digests)
    # What Spark's source cannot hold is null to a task, and a number to who reads it at a start.
    assert Record(1_772_000_000_000_000_000, b"k", b"1").digest() == Record(None, b"k", b"1").digest()
    last = (2**63 - 1) // 1000
    for timestamp in (last, -last, last + 1, -last - 1, -last - 2):
        is_held = Record(timestamp, b"k", b"1").digest() != Record(None, b"k", b"1").digest()
        assert is_held == (micros(timestamp) is not None)
