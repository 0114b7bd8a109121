"""One batch of a topic: what a task must know of it, and what the driver makes of what the tasks wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
from pyspark.sql import Row

from contract.arrow import arrow_schema, raw_schema
from contract.model import Contract, Topic
from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.ledger import Ranges
from ingest.folder.manifest import Move
from ingest.folder.parquet import ParquetFile
from ingest.folder.staging import Staging


@dataclass(frozen=True)
class Schemas:
    """The Parquet schemas of the files of a topic's batches."""

    raw: pa.Schema
    dead_letters: pa.Schema
    ledger: pa.Schema

    @classmethod
    def of(cls, contract: Contract, topic: Topic) -> Schemas:
        """As the contract has them."""
        shared = (contract.dead_letters, contract.landed_batches)
        return cls(raw_schema(contract, topic), *(arrow_schema(table.columns) for table in shared))


@dataclass(frozen=True)
class Batch:
    """Travels to the tasks. `ranges` are the offsets to land; records outside of them are landed already.

    `given_up`: by partition, the offsets before its range whose loss was accepted (ingest/folder/ledger.py).
    `previous_landed_at`: of the topic's batch before this one; None for its first.
    """

    topic: Topic
    generation: str
    landed_at: datetime
    ranges: Ranges
    staging: Staging
    schemas: Schemas
    given_up: Mapping[int, int] = field(default_factory=dict)
    previous_landed_at: datetime | None = None

    def raw_file(self, partition: int) -> ParquetFile:
        """A new raw file for a partition's range."""
        return self.staging.file(self._key(self.topic.table, partition), self.schemas.raw)

    def dead_letter_file(self, partition: int) -> ParquetFile:
        """A new dead-letter file for a partition's range."""
        return self.staging.file(self._key(names.DEAD_LETTERS, partition), self.schemas.dead_letters)

    def moves(self, written: Sequence[Row]) -> list[Move]:
        """Add the raw files of partitions without a record and the ledger's file; what publishes the batch, in order.

        `written` has rows of write.WRITTEN. Dead letters come first, then raw files, then the ledger's, so that a
        reader who sees a batch in the ledger has all of it.
        """
        by_partition = {row.partition: row for row in written}
        if len(by_partition) != len(written):
            raise LandingError(
                f"Two tasks read one partition of {self.topic.topic}: leave Spark's minPartitions unset."
            )
        dead_letters, raw = [], []
        for partition in sorted(self.ranges):
            row = by_partition.get(partition)
            # Offsets without a record (transaction markers, compacted keys) are landed too: by a file without rows.
            handle = row.raw_file if row else self.raw_file(partition).seal()
            raw.append((handle, self._key(self.topic.table, partition)))
            if row and row.dead_letter_file:
                dead_letters.append((row.dead_letter_file, self._key(names.DEAD_LETTERS, partition)))
        return [*dead_letters, *raw, self._ledger_file(by_partition)]

    def _key(self, table: str, partition: int) -> str:
        name = names.file_name(self.topic.topic, self.generation, partition, *self.ranges[partition])
        return f"{names.raw_folder(table, names.hour_folder(self.landed_at))}/{name}"

    def _ledger_file(self, by_partition: Mapping[int, Row]) -> Move:
        rows = []
        for partition, (first, end) in sorted(self.ranges.items()):
            row = by_partition.get(partition)
            rows.append(
                {
                    "_kafka_topic": self.topic.topic,
                    "_kafka_generation": self.generation,
                    "_kafka_partition": partition,
                    "first_offset": first,
                    "end_offset": end,
                    "row_count": row.row_count if row else 0,
                    "dead_letter_count": row.dead_letter_count if row else 0,
                    "_landed_at": self.landed_at,
                    "given_up_count": self.given_up.get(partition, 0),
                    "previous_landed_at": self.previous_landed_at,
                    "last_offset": row.last_offset if row else None,
                    "last_record_digest": row.last_record_digest if row else None,
                }
            )
        name = names.ledger_name(self.topic.topic, self.generation, self.landed_at)
        key = f"{names.raw_folder(names.LEDGER, names.hour_folder(self.landed_at))}/{name}"
        file = self.staging.file(key, self.schemas.ledger)
        table = pa.Table.from_pylist(rows, schema=self.schemas.ledger)
        file.append(dict(zip(table.column_names, table.columns, strict=True)))
        return file.seal(), key
