"""What a Spark task does with the records of its Kafka partition: decode them and write them as Parquet."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from contract.model import Topic
from ingest.folder.ledger import Ranges
from ingest.folder.parquet import ParquetFile
from ingest.landing.decode import decode

# One row for each Kafka partition that had records: what was written, by file name within the staging folder.
WRITTEN = "partition int, row_count bigint, dead_letter_count bigint, raw_file string, dead_letter_file string"


@dataclass(frozen=True)
class Batch:
    """All that a task must know. `ranges` are the offsets to land; records outside of them are landed already.

    `given_up`: by partition, the offsets before its range whose loss was accepted (ingest/folder/ledger.py).
    `previous_landed_at`: of the topic's batch before this one; None for its first.
    """

    topic: Topic
    generation: str
    landed_at: datetime
    ranges: Ranges
    staging: Path
    raw_schema: pa.Schema
    dead_letter_schema: pa.Schema
    given_up: Mapping[int, int] = field(default_factory=dict)
    previous_landed_at: datetime | None = None


def writer(batch: Batch) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function for `mapInArrow`: records (partition, offset, timestamp, key, value) in, rows of WRITTEN out."""

    def write(records: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        files: dict[int, _PartitionFiles] = {}
        for chunk in records:
            for partition in pc.unique(chunk["partition"]).to_pylist():
                if partition not in batch.ranges:
                    continue
                first, end = batch.ranges[partition]
                due = pc.and_(pc.greater_equal(chunk["offset"], first), pc.less(chunk["offset"], end))
                due = pc.and_(pc.equal(chunk["partition"], partition), due)
                wanted = chunk if pc.all(due).as_py() else chunk.filter(due)  # the usual case copies no payload
                if len(wanted):
                    files.setdefault(partition, _PartitionFiles(batch, partition)).append(wanted)
        for partition_files in files.values():
            yield partition_files.close()

    return write


class _PartitionFiles:
    """The two files of one Kafka partition; a dead-letter file only if there is a dead letter."""

    def __init__(self, batch: Batch, partition: int) -> None:
        self.batch = batch
        self.partition = partition
        # A task that Spark repeats must not touch what its first attempt wrote.
        self.name = f"{partition:05d}.{uuid.uuid4().hex[:8]}"
        self.raw = ParquetFile(batch.staging / f"{self.name}.raw.parquet", batch.raw_schema)
        self.dead: ParquetFile | None = None

    def append(self, records: pa.RecordBatch) -> None:
        table, indexes, dead_letters = decode(self.batch.topic, records["value"])
        rescued = table["_rescued"]
        columns = dict(zip(table.column_names, table.columns, strict=True))
        places = records.select(["partition", "offset", "timestamp"])  # to take the payloads too would copy them
        columns |= self._coordinates(places if len(indexes) == len(places) else places.take(indexes))
        columns["_rescued"] = rescued
        self.raw.append(columns)
        if dead_letters:
            dead = records.take(pa.array([letter.index for letter in dead_letters], pa.int64()))
            columns = self._coordinates(dead)
            columns["reason"] = pa.array([letter.reason.value for letter in dead_letters], pa.string())
            columns["field"] = pa.array([letter.field for letter in dead_letters], pa.string())
            columns |= {"key_bytes": dead["key"], "value_bytes": dead["value"]}
            if self.dead is None:
                path = self.batch.staging / f"{self.name}.dead.parquet"
                self.dead = ParquetFile(path, self.batch.dead_letter_schema)
            self.dead.append(columns)

    def _coordinates(self, records: pa.RecordBatch) -> dict[str, Any]:
        return {
            "_kafka_topic": pa.repeat(self.batch.topic.topic, len(records)),
            "_kafka_generation": pa.repeat(self.batch.generation, len(records)),
            "_kafka_partition": records["partition"],
            "_kafka_offset": records["offset"],
            "_kafka_timestamp": records["timestamp"],
            "_landed_at": pa.repeat(pa.scalar(self.batch.landed_at, pa.timestamp("us", "UTC")), len(records)),
        }

    def close(self) -> pa.RecordBatch:
        self.raw.close()
        if self.dead:
            self.dead.close()
        return pa.RecordBatch.from_pydict(
            {
                "partition": pa.array([self.partition], pa.int32()),
                "row_count": pa.array([self.raw.rows], pa.int64()),
                "dead_letter_count": pa.array([self.dead.rows if self.dead else 0], pa.int64()),
                "raw_file": pa.array([self.raw.path.name], pa.string()),
                "dead_letter_file": pa.array([self.dead.path.name if self.dead else None], pa.string()),
            }
        )
