"""The driver's part of a batch: from what the tasks wrote to a complete, marked staging folder."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import Row

from ingest.errors import LandingError
from ingest.folder.names import file_name, hour_folder, ledger_name
from ingest.folder.parquet import ParquetFile
from ingest.landing.write import Batch


def complete(batch: Batch, written: Sequence[Row], ledger_schema: pa.Schema) -> list[tuple[str, str]]:
    """Add the raw files of partitions without a record and the ledger's file; the moves that publish the batch.

    `written` has rows of WRITTEN. The moves are (name in staging, path below the landing folder): dead letters, raw
    files, then the ledger's, so that a reader who sees a batch in the ledger has all of it.
    """
    by_partition = {row.partition: row for row in written}
    if len(by_partition) != len(written):
        raise LandingError(f"Two tasks read one partition of {batch.topic.topic}: leave Spark's minPartitions unset.")
    hour = hour_folder(batch.landed_at)
    dead_letters, raw = [], []
    for partition, (first, end) in sorted(batch.ranges.items()):
        row = by_partition.get(partition)
        name = file_name(batch.topic.topic, batch.generation, partition, first, end)
        raw_file = row.raw_file if row else _empty(batch, partition)
        raw.append((raw_file, f"raw/{batch.topic.table}/{hour}/{name}"))
        if row and row.dead_letter_file:
            dead_letters.append((row.dead_letter_file, f"raw/dead_letters/{hour}/{name}"))
    ledger = ledger_name(batch.topic.topic, batch.generation, batch.landed_at)
    _write_ledger(batch, by_partition, ledger_schema)
    return [*dead_letters, *raw, ("ledger.parquet", f"raw/landed_batches/{hour}/{ledger}")]


def _empty(batch: Batch, partition: int) -> str:
    """Offsets without a record (transaction markers, compacted keys) are landed too: by a file without rows."""
    file = ParquetFile(batch.staging / f"{partition:05d}.empty.parquet", batch.raw_schema)
    file.close()
    return file.path.name


def _write_ledger(batch: Batch, by_partition: dict[int, Row], schema: pa.Schema) -> None:
    rows = []
    for partition, (first, end) in sorted(batch.ranges.items()):
        row = by_partition.get(partition)
        rows.append(
            {
                "_kafka_topic": batch.topic.topic,
                "_kafka_generation": batch.generation,
                "_kafka_partition": partition,
                "first_offset": first,
                "end_offset": end,
                "row_count": row.row_count if row else 0,
                "dead_letter_count": row.dead_letter_count if row else 0,
                "_landed_at": batch.landed_at,
                "given_up_count": batch.given_up.get(partition, 0),
                "previous_landed_at": batch.previous_landed_at,
            }
        )
    file = ParquetFile(batch.staging / "ledger.parquet", schema)
    table = pa.Table.from_pylist(rows, schema=schema)
    file.append(dict(zip(table.column_names, table.columns, strict=True)))
    file.close()
