"""Kafka to raw Parquet with a real broker and real Spark, read back without Spark: everything exactly once."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from contract.arrow import arrow_schema
from ingest.errors import LandingError
from testbed.landing.bench import GOOD, MALFORMED, Bench, samples

pytestmark = pytest.mark.jvm


def test_every_record_is_a_row_or_a_dead_letter(bench: Bench) -> None:
    bench.produce(samples(500) + MALFORMED * 5 + [json.dumps(GOOD | {"more": {"x": 1.10}}).encode()])
    bench.land()
    bench.check()
    assert len(bench.rows("dead_letters")) == 5 * len(MALFORMED)
    reasons = {(row["reason"], row["field"]) for row in bench.rows("dead_letters")}
    assert reasons == {
        ("not_json", None), ("null_payload", None), ("not_utf8", None), ("not_object", None),
        ("wrong_type", "gear"), ("too_long", "car_id"), ("missing_field", "speed"),
    }  # fmt: skip
    assert [row["_rescued"] for row in bench.rows(bench.topic.table) if row["_rescued"]] == ['{"more":{"x": 1.1}}']


def test_files_have_the_contracts_schema_and_the_hours_path(bench: Bench) -> None:
    bench.produce([*samples(10), *MALFORMED])
    bench.land(landed_at=datetime(2026, 3, 1, 9, 59, 59, tzinfo=UTC))
    expected = {
        bench.topic.table: (*bench.topic.columns, *bench.contract.landing_columns),
        "dead_letters": bench.contract.dead_letters.columns,
        "landed_batches": bench.contract.landed_batches.columns,
    }
    for table, columns in expected.items():
        (first, *_) = bench.files(table)
        assert first.parent == bench.landing / "raw" / table / "landed_date=2026-03-01" / "landed_hour=09"
        assert pyarrow.parquet.read_schema(first).remove_metadata() == arrow_schema(columns)
    physical = pyarrow.parquet.ParquetFile(bench.files(bench.topic.table)[0]).schema
    time = next(physical.column(at) for at in range(len(physical)) if physical.column(at).name == "event_time")
    assert time.physical_type == "INT64"
    assert json.loads(time.logical_type.to_json())["timeUnit"] == "microseconds"
    assert json.loads(time.logical_type.to_json())["isAdjustedToUTC"] is True
    row = next(row for row in bench.rows(bench.topic.table) if row["event_id"] == "e0")
    assert row["event_time"] == datetime(2026, 1, 1, 8, 0, 0, 123_000, UTC)
    assert row["_landed_at"] == datetime(2026, 3, 1, 9, 59, 59, tzinfo=UTC)


def test_a_rerun_lands_nothing_and_new_records_follow(bench: Bench) -> None:
    bench.produce(samples(100))
    bench.land()
    before = bench.files(bench.topic.table)
    bench.land()
    assert bench.files(bench.topic.table) == before
    bench.produce(samples(100, start=100) + MALFORMED)
    bench.land(max_offsets=30)
    bench.check()
    landed = [row["_landed_at"] for row in bench.rows("landed_batches")]
    assert len(set(landed)) >= 4


def test_landing_times_increase_though_the_clock_stands_still(bench: Bench) -> None:
    clock = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    bench.produce(samples(60))
    bench.land(max_offsets=20, landed_at=clock)
    shutil.rmtree(bench.settings.checkpoints)
    bench.produce(samples(10, start=60))
    bench.land(landed_at=clock)
    bench.check()
    by_time = sorted(bench.rows("landed_batches"), key=lambda row: (row["_landed_at"], row["_kafka_partition"]))
    assert by_time[0]["_landed_at"] == clock
    ends = [row["end_offset"] for row in by_time if row["_kafka_partition"] == 0]
    assert ends == sorted(ends)
    assert len({row["_landed_at"] for row in by_time}) >= 4


def test_a_lost_checkpoint_loses_and_repeats_nothing(bench: Bench) -> None:
    bench.produce(samples(50) + MALFORMED)
    bench.land()
    shutil.rmtree(bench.settings.checkpoints)
    bench.produce(samples(50, start=50))
    bench.land()
    bench.check()


def test_an_old_checkpoint_repeats_nothing(bench: Bench, tmp_path: Path) -> None:
    """Batches of the old checkpoint overlap what is landed in part, since they are cut anew."""
    bench.produce(samples(60))
    bench.land(max_offsets=20)
    shutil.copytree(bench.settings.checkpoints, tmp_path / "old")
    bench.produce(samples(40, start=60))
    bench.land(max_offsets=20)
    bench.produce(samples(40, start=100))
    shutil.rmtree(bench.settings.checkpoints)
    (tmp_path / "old").rename(bench.settings.checkpoints)
    bench.land(max_offsets=34)
    bench.check()


def test_another_landing_folder_lands_all_whatever_the_checkpoint_says(bench: Bench, tmp_path: Path) -> None:
    bench.produce(samples(20))
    bench.land()
    bench.produce(samples(20, start=20))
    bench.land(landing=tmp_path / "other")
    bench.land()
    bench.check()
    other = list((tmp_path / "other" / "raw" / bench.topic.table).glob("*/*/*.parquet"))
    assert sum(pyarrow.parquet.read_metadata(path).num_rows for path in other) == 40


def test_a_topic_made_again_is_another_generation(bench: Bench) -> None:
    bench.produce(samples(30))
    bench.land()
    bench.check()
    first = bench.rows(bench.topic.table)
    admin = AdminClient({"bootstrap.servers": bench.broker.bootstrap_servers})
    admin.delete_topics([bench.topic.topic])[bench.topic.topic].result(30)
    bench.broker.create_topics([bench.topic.topic], partitions=2)
    bench.produced.clear()
    bench.produce(samples(12, start=1000))
    bench.land()
    rows = bench.rows(bench.topic.table)
    assert len({row["_kafka_generation"] for row in rows}) == 2
    assert [row for row in rows if row["_kafka_generation"] == first[0]["_kafka_generation"]] == first
    second = [row for row in rows if row["_kafka_generation"] != first[0]["_kafka_generation"]]
    assert sorted(row["event_id"] for row in second) == sorted(f"e{n}" for n in range(1000, 1012))
    bench.check_ledger(rows, [])


def test_an_aborted_transaction_leaves_a_file_without_rows(bench: Bench) -> None:
    bench.produce(samples(10))
    aborted = Producer({"bootstrap.servers": bench.broker.bootstrap_servers, "transactional.id": bench.topic.topic})
    aborted.init_transactions()
    aborted.begin_transaction()
    for partition in (0, 1):
        aborted.produce(bench.topic.topic, samples(1)[0], partition=partition)
    aborted.flush(30)
    bench.land()
    bench.check()
    aborted.abort_transaction(30)
    bench.land()
    bench.check()
    ledger = bench.rows("landed_batches")
    assert sorted((row["first_offset"], row["end_offset"], row["row_count"]) for row in ledger) == [
        (0, 5, 5), (0, 5, 5), (5, 7, 0), (5, 7, 0),
    ]  # fmt: skip


def test_a_second_job_is_refused(bench: Bench) -> None:
    with bench.folder.sole_writer(), pytest.raises(LandingError, match="Another landing job writes to"):
        bench.land()


def test_one_missing_topic_does_not_stop_the_others(bench: Bench) -> None:
    bench.produce(samples(10))
    missing = replace(bench.topic, topic="no-such-topic", table="no_such_topic")
    bench.contract = replace(bench.contract, topics=(missing, bench.topic))
    with pytest.raises(LandingError, match="no-such-topic: Topic no-such-topic does not exist on"):
        bench.land()
    bench.check()


def test_a_batch_that_could_not_be_published_is_finished_later(bench: Bench) -> None:
    bench.produce(samples(10) + MALFORMED)
    in_the_way = bench.landing / "raw" / bench.topic.table
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()
    with pytest.raises(LandingError, match=r"landing-\w+: (NotADirectory|FileExists)Error: "):
        bench.land()
    assert len(bench.rows("dead_letters")) == len(MALFORMED)
    in_the_way.unlink()
    bench.land()
    bench.check()


def test_an_unreachable_broker_is_said_in_a_sentence(bench: Bench) -> None:
    impatient = {"kafka.default.api.timeout.ms": "2000", "kafka.request.timeout.ms": "1000"}
    with pytest.raises(LandingError, match=r"Kafka on 127\.0\.0\.1:1 does not answer"):
        bench.land(bootstrap_servers="127.0.0.1:1", kafka_options=impatient)


@pytest.mark.parametrize(
    "wrong", [{"bootstrap_servers": "no-such.invalid:9092"}, {"kafka_options": {"kafka.max.poll.records": "many"}}]
)
def test_a_client_that_cannot_be_made_is_said_with_its_cause(bench: Bench, wrong: dict[str, Any]) -> None:
    said = r"No Kafka client could be made \((No resolvable|Invalid value many).*\): check --bootstrap-servers and"
    with pytest.raises(LandingError, match=said):
        bench.land(**wrong)
