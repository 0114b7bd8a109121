"""How much of a topic is in memory at once, from Kafka's client to the task that writes. docs/landing.md has a table.

Records are compressed in Kafka and not in memory: a client that counts compressed bytes bounds nothing, so what a poll
returns is bounded by the number of records.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, replace

HEAP = "2g"
_LEAST_HEAP = 512  # MB: Spark refuses less than 450, and the JVM counts some of its own
_STEP = 8  # a topic that ran out of memory is tried with an eighth
_OFFSETS = 64  # polls of a batch of a topic that ran out of memory


@dataclass(frozen=True)
class Bounds:
    """Of one Kafka partition that is being read. Of what is sent to Python the last record may go beyond the bytes."""

    poll_records: int = 500
    fetch_bytes: int = 8 << 20  # compressed; Kafka sends at least one batch of a producer
    arrow_records: int = 8192
    arrow_bytes: int = 32 << 20

    @property
    def offsets(self) -> int:
        """The most offsets of a batch, where a topic's batches are bounded."""
        return _OFFSETS * self.poll_records

    def __str__(self) -> str:
        return f"{self.poll_records} record(s) of a poll and {self.arrow_records} in Python at once"

    def consumer(self) -> dict[str, str]:
        """The options of the Kafka client of a task: a batch is one long read."""
        return {
            "isolation.level": "read_committed",
            "fetch.max.bytes": str(self.fetch_bytes),
            "max.partition.fetch.bytes": str(self.fetch_bytes),
            "max.poll.records": str(self.poll_records),
            "receive.buffer.bytes": str(2**20),
        }

    def session(self) -> dict[str, str]:
        """Of a Spark session: the records that the JVM sends to Python at once."""
        return {
            "spark.sql.execution.arrow.maxRecordsPerBatch": str(self.arrow_records),
            "spark.sql.execution.arrow.maxBytesPerBatch": str(self.arrow_bytes),
        }

    def smaller(self) -> Bounds | None:
        """An eighth of it; None if a poll returns one record already."""
        if self.poll_records == 1:
            return None
        return Bounds(
            _eighth(self.poll_records, 1),
            _eighth(self.fetch_bytes, 1 << 16),
            _eighth(self.arrow_records, 1),
            _eighth(self.arrow_bytes, 1 << 20),
        )

    def within(self, poll_records: int, fetch_bytes: int) -> Bounds:
        """At most so many, where a user's own options allow less."""
        return replace(
            self,
            poll_records=min(self.poll_records, poll_records),
            fetch_bytes=min(self.fetch_bytes, fetch_bytes),
        )


def heap_size(text: str) -> str:
    """Parse the heap of a JVM, in MB or GB; raises ArgumentTypeError."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}[mg]", text):
        raise argparse.ArgumentTypeError(f"{text} is no size of a heap: write it like 1500m or 4g.")
    if text.endswith("m") and int(text[:-1]) < _LEAST_HEAP:
        raise argparse.ArgumentTypeError(f"{text} is too small a heap for Spark: give {_LEAST_HEAP}m or more.")
    return text


def _eighth(number: int, least: int) -> int:
    """An eighth of it, but `least` if that is more; never more than it was."""
    return min(number, max(number // _STEP, least))
