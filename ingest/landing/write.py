"""What a Spark task does with the records of its Kafka partition: decode them and write them as Parquet."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from zipimport import zipimporter

import pyarrow as pa
import pyarrow.compute as pc

from ingest.folder.parquet import ParquetFile
from ingest.folder.requests import taken
from ingest.landing.batch import Batch
from ingest.landing.decode import decode
from ingest.landing.kafka_log import Record
from ingest.landing.kafka_time import held

# One row for each Kafka partition that had records: what was written, with the handles of the sealed files; as JSON
# objects of counts the dead letters by reason, and the worker's requests to a bucket since its last row.
WRITTEN = (
    "partition int, row_count bigint, dead_letter_count bigint, raw_file string, dead_letter_file string, "
    "last_offset bigint, last_record_digest string, byte_count bigint, reasons string, store_requests string"
)


def writer(batch: Batch) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function for `mapInArrow`: records (partition, offset, timestamp, key, value) in, rows of WRITTEN out."""

    def write(records: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        _forget_zips()
        files: dict[int, _PartitionFiles] = {}
        for chunk in records:
            for partition in pc.unique(chunk["partition"]).to_pylist():
                if partition not in batch.ranges:
                    continue
                first, end = batch.ranges[partition]
                due = pc.and_(pc.greater_equal(chunk["offset"], first), pc.less(chunk["offset"], end))
                due = pc.and_(pc.equal(chunk["partition"], partition), due)
                wanted = chunk if pc.all(due).as_py() else chunk.filter(due)  # the usual case copies no payload
                if not len(wanted):
                    continue
                if partition not in files:
                    files[partition] = _PartitionFiles(batch, partition)
                files[partition].append(wanted)
        for partition_files in files.values():
            yield partition_files.close()

    return write


def _forget_zips() -> None:
    """Before each task Spark's worker has Python read again what each zip on its path holds (`invalidate_caches`).

    One is pyspark.zip, of which nothing new is imported: that was nine tenths of what a worker did in a batch of some
    hundred records. An import that does look there makes the entry again.
    https://docs.python.org/3/library/sys.html#sys.path_importer_cache
    """
    for path, finder in [*sys.path_importer_cache.items()]:
        if isinstance(finder, zipimporter):
            del sys.path_importer_cache[path]


class _PartitionFiles:
    """The two files of one Kafka partition; a dead-letter file only if there is a dead letter."""

    def __init__(self, batch: Batch, partition: int) -> None:
        self.batch = batch
        self.partition = partition
        self.raw = batch.raw_file(partition)
        self.dead: ParquetFile | None = None
        self.last: tuple[int, Record] | None = None
        self.reasons: Counter[str] = Counter()

    def append(self, records: pa.RecordBatch) -> None:
        offset, timestamp, key, value = (records[name][-1] for name in ("offset", "timestamp", "key", "value"))
        self.last = (
            offset.as_py(),
            Record(timestamp.value // 1000 if timestamp.is_valid else None, key.as_py(), value.as_py()),
        )
        table, indexes, dead_letters = decode(self.batch.topic, records["value"])
        rescued = table["_rescued"]
        columns = dict(zip(table.column_names, table.columns, strict=True))
        places = records.select(["partition", "offset", "timestamp"])  # to take the payloads too would copy them
        columns |= self._coordinates(places if len(indexes) == len(places) else places.take(indexes))
        columns["_rescued"] = rescued
        self.raw.append(columns)
        if dead_letters:
            self.reasons.update(letter.reason.value for letter in dead_letters)
            dead = records.take(pa.array([letter.index for letter in dead_letters], pa.int64()))
            columns = self._coordinates(dead)
            columns["reason"] = pa.array([letter.reason.value for letter in dead_letters], pa.string())
            columns["field"] = pa.array([letter.field for letter in dead_letters], pa.string())
            columns |= {"key_bytes": dead["key"], "value_bytes": dead["value"]}
            if self.dead is None:
                self.dead = self.batch.dead_letter_file(self.partition)
            self.dead.append(columns)

    def _coordinates(self, records: pa.RecordBatch) -> dict[str, Any]:
        return {
            "_kafka_topic": pa.repeat(self.batch.topic.topic, len(records)),
            "_kafka_generation": pa.repeat(self.batch.generation, len(records)),
            "_kafka_partition": records["partition"],
            "_kafka_offset": records["offset"],
            "_kafka_timestamp": held(records["timestamp"]),
            "_landed_at": pa.repeat(pa.scalar(self.batch.landed_at, pa.timestamp("us", "UTC")), len(records)),
        }

    def close(self) -> pa.RecordBatch:
        raw, dead = self.raw.seal(), self.dead.seal() if self.dead else None
        return pa.RecordBatch.from_pydict(
            {
                "partition": pa.array([self.partition], pa.int32()),
                "row_count": pa.array([self.raw.rows], pa.int64()),
                "dead_letter_count": pa.array([self.dead.rows if self.dead else 0], pa.int64()),
                "raw_file": pa.array([raw], pa.string()),
                "dead_letter_file": pa.array([dead], pa.string()),
                "last_offset": pa.array([self.last[0] if self.last else None], pa.int64()),
                "last_record_digest": pa.array([self.last[1].digest() if self.last else None], pa.string()),
                "byte_count": pa.array([self.raw.size + (self.dead.size if self.dead else 0)], pa.int64()),
                "reasons": pa.array([json.dumps(self.reasons)], pa.string()),
                "store_requests": pa.array([json.dumps(taken())], pa.string()),
            }
        )
