"""A topic of its own on the real broker, a landing folder, and a check that everything is there once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow.parquet
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from pyspark.sql import SparkSession

from contract.model import Contract
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.land import land_once
from ingest.replay.kafka import HEADER
from ingest.settings import Settings
from local.broker import Broker

GOOD = {"event_id": "e", "event_time": "2026-01-01T08:00:00.123Z", "car_id": "c", "speed": 90, "rpm": 3000, "gear": 3}
MALFORMED = [
    b"nonsense", b"", None, b"\xff", b"[]",
    json.dumps(GOOD | {"gear": "3"}).encode(),
    json.dumps(GOOD | {"car_id": "c" * 33}).encode(),
    json.dumps(GOOD | {"speed": None}).encode(),
]  # fmt: skip
NAME = re.compile(r"(.+)-(.{22})-(\d{5})-(\d{19})-(\d{19})\.parquet")


def samples(count: int, start: int = 0) -> list[bytes]:
    return [json.dumps(GOOD | {"event_id": f"e{start + n}"}).encode() for n in range(count)]


class Bench:
    """One topic of its own, with the contract of sensors-sample, and a landing folder."""

    def __init__(self, broker: Broker, spark: SparkSession | None, folder: Path) -> None:
        name = f"landing-{uuid.uuid4().hex[:8]}"
        whole = load_contract()
        self.topic = replace(whole.topic("sensors-sample"), topic=name)
        self.contract: Contract = replace(whole, topics=(self.topic,))
        self.broker = broker
        self.spark = spark
        self.landing = folder / "landing"
        self.settings = Settings(broker.bootstrap_servers, self.landing, folder / "checkpoints")
        self.folder = LandingFolder.at(self.landing)
        self.produced: list[tuple[int, int, bytes | None]] = []  # partition, offset, value
        self.partitions = 2
        broker.create_topics([name], partitions=2)

    def produce(self, values: Sequence[bytes | None]) -> None:
        """Write the values to all partitions in turn, and note where each came to lie."""
        producer = Producer({"bootstrap.servers": self.broker.bootstrap_servers})

        def note(error: object, message: object) -> None:
            assert error is None
            self.produced.append((message.partition(), message.offset(), message.value()))  # type: ignore[attr-defined]

        for number, value in enumerate(values):
            producer.produce(self.topic.topic, value, b"key", partition=number % self.partitions, on_delivery=note)
        assert producer.flush(30) == 0

    def remove(self, partition: int, before: int) -> None:
        """Let the broker forget a partition's records before an offset, as retention does."""
        admin = AdminClient({"bootstrap.servers": self.broker.bootstrap_servers})
        place = TopicPartition(self.topic.topic, partition, before)
        admin.delete_records([place])[place].result(30)

    def land(self, **changes: object) -> None:
        assert self.spark
        land_once(self.spark, self.contract, replace(self.settings, **changes))  # type: ignore[arg-type]

    def replayed(self) -> list[tuple[int, str, bytes | None, int]]:
        """(partition, header, value, timestamp in ms) of each committed record that replay produced."""
        options = {"bootstrap.servers": self.broker.bootstrap_servers, "group.id": "t", "enable.partition.eof": True}
        consumer = Consumer(options)
        consumer.assign([TopicPartition(self.topic.topic, partition, 0) for partition in range(self.partitions)])
        found: list[tuple[int, str, bytes | None, int]] = []
        ended = 0
        while ended < self.partitions:
            message = consumer.poll(20)
            assert message is not None
            if message.error():
                ended += 1
            elif old := dict(message.headers() or []).get(HEADER):
                where = old.decode() if isinstance(old, bytes) else old
                found.append((message.partition() or 0, where, message.value(), message.timestamp()[1]))
        consumer.close()
        return found

    def files(self, table: str) -> list[Path]:
        return sorted((self.landing / "raw" / table).glob("*/*/*.parquet"))

    def rows(self, table: str) -> list[dict]:
        """All rows of a table, by pyarrow, after DuckDB has seen as many below the table's folder."""
        files = self.files(table)
        if not files:
            return []
        rows = [row for path in files for row in pyarrow.parquet.read_table(path, partitioning=None).to_pylist()]
        pattern = f"{self.landing}/raw/{table}/**"
        counted = duckdb.connect().execute("select count(*) from read_parquet(?)", [pattern]).fetchone()
        if self.files(table) != files:  # a job that is running has published since
            return self.rows(table)
        assert counted == (len(rows),)
        return rows

    def check(self, lost: Iterable[tuple[int, int, int]] = ()) -> None:
        """Every record produced is one raw row or one dead letter; the names and the ledger say the same.

        `lost`: the gaps that the ledger should have, all given up, as (partition, first offset, end offset).
        """
        raw, dead = self.rows(self.topic.table), self.rows("dead_letters")
        values = {(partition, offset): value for partition, offset, value in self.produced}
        assert sorted((row["_kafka_partition"], row["_kafka_offset"]) for row in raw + dead) == sorted(values)
        for row in dead:
            assert row["value_bytes"] == values[row["_kafka_partition"], row["_kafka_offset"]]
        for row in raw:
            value = values[row["_kafka_partition"], row["_kafka_offset"]]
            assert value is not None
            assert json.loads(value)["event_id"] == row["event_id"]
        self.check_ledger(raw, dead, lost)

    def check_ledger(self, raw: list[dict], dead: list[dict], lost: Iterable[tuple[int, int, int]] = ()) -> None:
        ledger = self.rows("landed_batches")
        named: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for path in self.files(self.topic.table):
            match = NAME.fullmatch(path.name)
            assert match
            named.setdefault((match[2], int(match[3])), []).append((int(match[4]), int(match[5])))
        noted: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for row in sorted(ledger, key=lambda row: row["first_offset"]):
            where = (row["_kafka_generation"].replace("-", "."), row["_kafka_partition"])
            noted.setdefault(where, []).append((row["first_offset"], row["end_offset"]))
        assert noted == named
        gaps: set[tuple[str, int, int, int]] = set()
        for where, ranges in noted.items():
            gaps |= {(*where, end, first) for (_, end), (first, _) in pairwise(ranges) if end != first}
        assert {(partition, *gap) for _, partition, *gap in gaps} == set(lost), "a gap or overlap"
        assert {(row["_kafka_partition"], row["first_offset"] - row["given_up_count"], row["first_offset"])
                for row in ledger if row["given_up_count"]} == set(lost)  # fmt: skip
        chain = sorted({(row["_landed_at"], row["previous_landed_at"]) for row in ledger}, key=lambda link: link[0])
        assert [before for _, before in chain] == [None, *(landed_at for landed_at, _ in chain)][: len(chain)]
        assert sum(row["row_count"] for row in ledger) == len(raw)
        assert sum(row["dead_letter_count"] for row in ledger) == len(dead)
        staging = self.landing / "_staging" / self.topic.topic
        assert list(staging.glob("*")) == []
