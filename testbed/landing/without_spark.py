"""Lands a batch with the landing job's own code, without Kafka and Spark."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from pyspark.sql import Row

from ingest.landing.batch import Batch
from ingest.landing.write import writer


def land(batch: Batch, records: Iterable[pa.RecordBatch]) -> None:
    """Write, complete and publish a batch; the records are what Spark gives a task (write.writer)."""
    written = [Row(**row) for part in writer(batch)(records) for row in part.to_pylist()]
    batch.staging.mark_complete(batch.moves(written))
    batch.staging.publish()
