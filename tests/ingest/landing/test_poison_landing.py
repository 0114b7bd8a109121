"""Large and odd records through a real broker and the real job: a small heap holds them, and none stops its topic."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from pyspark.sql import SparkSession

from ingest import failure
from local.broker import Broker
from testbed.landing.bench import GOOD, Bench, samples
from testbed.landing.jobs import landing_of, started, wait
from testbed.landing.poison import KINDS

pytestmark = pytest.mark.jvm
HEAP_MB, WORKER_MB = 512, 1500
NOW_S = 1_767_258_000
Record = tuple[bytes | None, int, int]  # value, partition, timestamp in ms
ONE_LETTER = GOOD | {"more": "x" * 900_000}


def send(bench: Bench, values: Sequence[bytes | None], timestamps: Sequence[int] = (0,)) -> None:
    """Produce compressed, as a producer of such records would, to both partitions in turn."""
    options = {"bootstrap.servers": bench.broker.bootstrap_servers, "message.max.bytes": 4_000_000}
    producer = Producer({**options, "compression.type": "zstd", "linger.ms": 50, "queue.buffering.max.kbytes": 2**20})
    todo = [(value, n % 2, timestamps[n % len(timestamps)]) for n, value in enumerate(values)]
    deadline = time.monotonic() + 120
    while todo:  # the broker refuses what a topic takes by a new setting, for a moment
        assert time.monotonic() < deadline
        todo = _refused(producer, bench.topic.topic, todo)


def _refused(producer: Producer, topic: str, records: list[Record]) -> list[Record]:
    """Produce the records; those that the broker did not take."""
    refused: list[Record] = []
    for record in records:
        value, partition, at = record

        def note(error: object, _: object, record: Record = record) -> None:
            if error is not None:
                refused.append(record)

        while True:
            try:
                producer.produce(topic, value, b"key", partition, note, timestamp=at)
                break
            except BufferError:  # the queue is full: let some go
                producer.poll(0.1)
    assert producer.flush(120) == 0
    return refused


@contextmanager
def peak_of(pid: int) -> Iterator[list[int]]:
    """The most memory that the process and its children had at one time, in bytes: a list of one number."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peak[0] = max(peak[0], _memory(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        done.set()
        watching.join()


def _memory(pid: int | str) -> int:
    """The bytes that the process and all below it have in memory; 0 if it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        children = [child for task in (folder / "task").iterdir() for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(map(_memory, children))


def landed(bench: Bench, *arguments: str) -> tuple[int, str, int]:
    """Land once in a process of its own with a small heap: its code, its output and its peak of memory."""
    heap = ("--heap", f"{HEAP_MB}m")
    with started(bench, *landing_of(bench), "--once", *heap, *arguments) as process, peak_of(process.pid) as peak:
        output, _ = process.communicate(timeout=300)
    return process.returncode, output, peak[0]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python workers with an address space of WORKER_MB."""
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"--conf spark.executor.pyspark.memory={WORKER_MB}m pyspark-shell")


def test_a_small_heap_lands_what_is_large_by_number_and_by_size(broker: Broker, tmp_path: Path, limited: None) -> None:
    """600 MB of good records and 540 MB of dead letters that are 70 kB in the broker, with 512 MB of heap."""
    bench = Bench(broker, None, tmp_path)
    wide = [json.dumps(GOOD | {"event_id": f"e{n}", "more": "x" * 60_000}).encode() for n in range(100)]
    send(bench, wide * 100)
    send(bench, [json.dumps(ONE_LETTER).encode()] * 600)
    send(bench, [payload for payloads in KINDS.values() for payload in payloads[:3]])
    count = 10_600 + sum(len(payloads[:3]) for payloads in KINDS.values())
    code, output, peak = landed(bench, "--kafka-option", "kafka.max.poll.records=100")
    assert code == 0, output[-3000:]
    ledger = bench.rows("landed_batches")
    assert sum(row["row_count"] + row["dead_letter_count"] for row in ledger) == count
    assert peak < (HEAP_MB + 2 * WORKER_MB) << 20


@pytest.mark.long  # 1.2 GB and 2.7 GB
def test_the_defaults_land_the_records_that_once_ended_all_topics(broker: Broker, tmp_path: Path) -> None:
    """20,000 good records of 60 kB, and 3,000 of 900 kB of one letter, with the job's own heap and bounds."""
    bench = Bench(broker, None, tmp_path)
    wide = [json.dumps(GOOD | {"event_id": f"e{n}", "more": "x" * 60_000}).encode() for n in range(100)]
    send(bench, wide * 200)
    send(bench, [json.dumps(ONE_LETTER).encode()] * 3000)
    with started(bench, *landing_of(bench), "--once") as process:
        output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output[-3000:]
    assert failure.OUT_OF_MEMORY not in output
    ledger = bench.rows("landed_batches")
    assert sum(row["row_count"] + row["dead_letter_count"] for row in ledger) == 23_000


def too_large_for_the_heap(bench: Bench) -> tuple[str, ...]:
    """900 MB of one letter in the bench's topic, a few records in another, and a job that would hold all at once."""
    send(bench, [json.dumps(ONE_LETTER).encode()] * 1000)
    small = Bench(bench.broker, None, bench.landing.parent)
    small.produce(samples(20))
    both = f"{bench.topic.topic}:sensors-sample,{small.topic.topic}:traffic-sensors"
    return (*landing_of(bench)[:2], both, "--heap", f"{HEAP_MB}m", "--kafka-option", "kafka.max.poll.records=20000")


def logged_at(output: str, text: str) -> datetime:
    """The time of the first line of a job's log that has the text."""
    line = next(line for line in output.splitlines() if text in line)
    return datetime.strptime(line.split()[0], "%H:%M:%S").replace(tzinfo=UTC)


def test_a_topic_that_ran_out_of_memory_is_landed_by_itself_in_smaller_batches(broker: Broker, tmp_path: Path) -> None:
    bench = Bench(broker, None, tmp_path)
    with started(bench, *too_large_for_the_heap(bench), "--once") as job:
        output, _ = job.communicate(timeout=300)
    assert job.returncode == 0, output[-3000:]
    assert failure.OUT_OF_MEMORY in output
    assert "is taken up again by itself, with 62 record(s) of a poll" in output
    failed, again = (logged_at(output, text) for text in ("the other topics go on", "is taken up again by itself"))
    assert (again - failed) % timedelta(days=1) >= timedelta(seconds=19)  # 20 seconds, of times without fractions
    assert sum(row["dead_letter_count"] for row in bench.rows("landed_batches")) == 1020


@pytest.mark.long
def test_a_job_that_goes_on_takes_a_topic_that_ran_out_of_memory_up_again_too(broker: Broker, tmp_path: Path) -> None:
    bench = Bench(broker, None, tmp_path)
    with started(bench, *too_large_for_the_heap(bench), "--trigger-seconds", "0.5") as job:
        wait("all rows", lambda: sum(row["dead_letter_count"] for row in bench.rows("landed_batches")) == 1020, job)


TIMESTAMPS = {  # milliseconds that a producer wrote, and what raw holds
    NOW_S * 1000: datetime.fromtimestamp(NOW_S, UTC),
    NOW_S * 10**9: None,  # nanoseconds
    NOW_S * 10**6: None,  # microseconds
    NOW_S: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=NOW_S),  # seconds
    1: datetime(1970, 1, 1, 0, 0, 0, 1000, UTC),
    2**63 - 1: None,
    (2**63 - 1) // 1000: None,
    (2**63 - 1) // 1000 + 1: None,
    253_402_300_800_000: None,  # the year 10000
    9_214_646_400_000 - 1: datetime(2261, 12, 31, 23, 59, 59, 999_000, UTC),
    9_214_646_400_000: None,
}


def any_timestamp(bench: Bench) -> None:
    """Let the topic take each timestamp, as brokers before 4.0 do by default."""
    admin = AdminClient({"bootstrap.servers": bench.broker.bootstrap_servers})
    topic = ConfigResource(ResourceType.TOPIC, bench.topic.topic)
    for name in ("message.timestamp.before.max.ms", "message.timestamp.after.max.ms"):
        topic.add_incremental_config(ConfigEntry(name, str(2**63 - 1), incremental_operation=AlterConfigOpType.SET))
    admin.incremental_alter_configs([topic])[topic].result(30)


@pytest.mark.parametrize("most", [None, 10])
def test_any_kafka_timestamp_is_a_row_or_a_dead_letter_and_the_topic_goes_on(
    most: int | None, broker: Broker, spark: SparkSession, tmp_path: Path
) -> None:
    bench = Bench(broker, spark, tmp_path)
    any_timestamp(bench)
    values = samples(len(TIMESTAMPS) * 3)
    send(bench, values, list(TIMESTAMPS))
    send(bench, [b"nonsense", None], [NOW_S * 10**9, NOW_S * 10**6])
    bench.land(max_offsets=most)
    bench.produce(samples(10, start=1000))
    bench.land()
    rows = {row["event_id"]: row for row in bench.rows(bench.topic.table)}
    assert len(rows) == len(values) + 10
    expected = list(TIMESTAMPS.values())
    for number in range(len(values)):
        assert rows[f"e{number}"]["_kafka_timestamp"] == expected[number % len(expected)]
    dead = {row["reason"]: row for row in bench.rows("dead_letters")}
    assert {reason: row["_kafka_timestamp"] for reason, row in dead.items()} == {"not_json": None, "null_payload": None}
    assert dead["not_json"]["value_bytes"] == b"nonsense"
    raw, letters = bench.rows(bench.topic.table), bench.rows("dead_letters")
    bench.check_ledger(raw, letters)


def test_a_topic_with_the_longest_name_lands(broker: Broker, spark: SparkSession, tmp_path: Path) -> None:
    """tests/contract/test_reading.py refuses one character more."""
    bench = Bench(broker, spark, tmp_path)
    bench.topic = replace(bench.topic, topic=bench.topic.topic.ljust(178, "x"))
    bench.contract = replace(bench.contract, topics=(bench.topic,))
    broker.create_topics([bench.topic.topic], partitions=2)
    bench.produce([*samples(20), b"nonsense", None])
    bench.land(max_offsets=10)
    bench.produce(samples(5, start=100))
    bench.land()
    bench.check()
    names = [path.name for path in bench.files(bench.topic.table)]
    assert max(map(len, names)) == 255
    assert os.listdir(bench.landing / "_ends")
