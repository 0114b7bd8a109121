"""Python's part of landing, measured alone: decoding and writing records that a topic holds, in one process."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from confluent_kafka import Consumer, TopicPartition

from contract.model import Contract
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.batch import Batch, Schemas
from ingest.landing.write import writer

RECORDS = 200_000
_ROWS = 8192  # in an Arrow batch, as landing asks Spark for
_REPEATS = 3
_KINDS = {
    "partition": pa.int32(),
    "offset": pa.int64(),
    "timestamp": pa.timestamp("us", "UTC"),
    "key": pa.binary(),
    "value": pa.binary(),
}


def microseconds_of_python(contract: Contract, servers: str, folder: Path) -> float:
    """Processor time per record, of the first RECORDS (or all) of partition 0 of the contract's only topic, median."""
    (topic,) = contract.topics
    batches = list(_batches(servers, topic.topic))
    records = sum(map(len, batches))
    times = []
    for number in range(_REPEATS):
        staging = LandingFolder.at(folder).begin("alone", number)
        ranges = {0: (0, records)}
        batch = Batch(topic, "g" * 22, datetime.now(UTC), ranges, staging, Schemas.of(contract, topic))
        began = time.process_time()
        written = pa.Table.from_batches(list(writer(batch)(iter(batches))))
        times.append(time.process_time() - began)
        assert sum(written["row_count"].to_pylist()) == records
    return statistics.median(times) * 1e6 / records


def cores() -> int:
    """How many cores the ways of the benchmark share."""
    return os.cpu_count() or 1


def _batches(servers: str, topic: str) -> Iterator[pa.RecordBatch]:
    options = {"bootstrap.servers": servers, "group.id": "alone", "enable.auto.commit": False}
    schema = pa.schema(list(_KINDS.items()))
    with closing(Consumer(options)) as consumer:
        place = TopicPartition(topic, 0, 0)
        end = min(RECORDS, consumer.get_watermark_offsets(place)[1])
        consumer.assign([place])
        rows: list[dict[str, object]] = []
        for offset in range(end):
            message = consumer.poll(30)
            assert message is not None
            assert message.offset() == offset, message.error()
            rows.append({"partition": 0, "offset": offset, "timestamp": message.timestamp()[1] * 1000,
                         "key": message.key(), "value": message.value()})  # fmt: skip
            if len(rows) == _ROWS or offset == end - 1:
                yield pa.RecordBatch.from_pylist(rows, schema)
                rows = []
