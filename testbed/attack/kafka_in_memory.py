"""Kafka as landing asks it (ingest.landing.kafka_admin.Topics), held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from ingest.landing.kafka_admin import KafkaTopic
from ingest.landing.kafka_log import Record

_RECORD = pa.schema(
    [
        ("partition", pa.int32()), ("offset", pa.int64()), ("timestamp", pa.timestamp("us", tz="UTC")),
        ("key", pa.binary()), ("value", pa.binary()),
    ]
)  # fmt: skip


@dataclass
class Log:
    """One life of a topic. An offset without a record is None, as a transaction's marker; `first`: what is left."""

    name: str
    generation: str
    partitions: dict[int, list[Record | None]] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)

    def append(self, partition: int, record: Record | None) -> int:
        """The offset of a new record."""
        self.partitions[partition].append(record)
        return len(self.partitions[partition]) - 1

    def remove(self, partition: int, before: int) -> None:
        """Forget the records before an offset, as retention does."""
        self.first[partition] = max(self.first.get(partition, 0), before)

    def batches(self, ranges: Mapping[int, tuple[int, int]], size: int) -> Iterator[pa.RecordBatch]:
        """What Spark gives a task: the records of the ranges that are there, `size` at a time."""
        for partition, (first, end) in sorted(ranges.items()):
            rows = [
                {
                    "partition": partition, "offset": offset, "key": record.key, "value": record.value,
                    "timestamp": None if record.timestamp is None else record.timestamp * 1000,
                }
                for offset in range(max(first, self.first.get(partition, 0)), end)
                if (record := self.partitions[partition][offset])
            ]  # fmt: skip
            for start in range(0, len(rows), size):
                yield pa.RecordBatch.from_pylist(rows[start : start + size], _RECORD)

    def describe(self, topic: str) -> KafkaTopic:
        """As Kafka's admin client."""
        return KafkaTopic(self.name, self.generation, tuple(sorted(self.partitions)))

    def first_offsets(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """As Kafka's admin client."""
        return {partition: self.first.get(partition, 0) for partition in partitions}

    def end_offsets(self, topics: Mapping[str, Iterable[int]]) -> dict[str, dict[int, int]]:
        """As Kafka's admin client."""
        return {name: {part: len(self.partitions[part]) for part in parts} for name, parts in topics.items()}

    def record_at(self, topic: str, partition: int, offset: int) -> Record | None:
        """As a consumer."""
        return self.partitions[partition][offset] if offset >= self.first.get(partition, 0) else None

    def time(self) -> datetime | None:
        """Not told."""
        return None
