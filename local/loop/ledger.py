"""What has been landed, from the ledger's files as they appear: cheap enough to be asked all the time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from contract.options import Bucket, Place
from local.checks import LocalError
from local.loop.ledger_files import BucketFiles, DiskFiles

_NAME = re.compile(r"(.+)-(.{22})-(\d{8}T\d{12}Z)\.parquet")  # topic, generation, when (ingest/folder/names.py)
_COLUMNS = ["_kafka_generation", "_kafka_partition", "end_offset", "row_count", "dead_letter_count", "_landed_at"]
_LINES = """
    select _kafka_topic, _kafka_generation, _kafka_partition, max(end_offset), cast(sum(row_count) as bigint),
        cast(sum(dead_letter_count) as bigint), max(_landed_at)
    from (select distinct * from raw.landed_batches)
    group by all order by max(_landed_at)
"""
_NAMES = """
    select distinct strftime(_landed_at, 'landed_date=%Y-%m-%d/landed_hour=%H/') || _kafka_topic || '-'
        || replace(_kafka_generation, '-', '.') || '-' || strftime(_landed_at, '%Y%m%dT%H%M%S%fZ') || '.parquet'
    from raw.landed_batches where _landed_at >= (select max(_landed_at) from raw.landed_batches) - interval 14 hours
"""


@dataclass
class Landed:
    """What the ledger says of a topic: offsets by partition of its newest generation, and sums over all of them."""

    generation: str = ""
    ends: dict[int, int] = field(default_factory=dict)  # partition: the offset behind the last that landed
    rows: int = 0
    dead_letters: int = 0
    newest: datetime | None = None

    def add(self, line: dict[str, Any]) -> None:
        """Count one line of the ledger."""
        at = line["_landed_at"].replace(tzinfo=UTC)
        if line["_kafka_generation"] != self.generation and (self.newest is None or at >= self.newest):
            self.generation, self.ends = line["_kafka_generation"], {}
        if line["_kafka_generation"] == self.generation:
            partition = line["_kafka_partition"]
            self.ends[partition] = max(self.ends.get(partition, 0), line["end_offset"])
        self.rows += line["row_count"]
        self.dead_letters += line["dead_letter_count"]
        self.newest = max(filter(None, (self.newest, at)))


class Ledger:
    """The ledger of a landing folder, each of whose files it reads once. A bucket is read through `warehouse`."""

    def __init__(
        self, landing: Place, warehouse: duckdb.DuckDBPyConnection | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.files: BucketFiles | DiskFiles
        if isinstance(landing, Bucket):
            assert warehouse, "a bucket is read by a connection that has its secret"
            self.files = BucketFiles(f"{landing}/raw/landed_batches", warehouse, clock)
        else:
            self.files = DiskFiles(landing / "raw" / "landed_batches", clock)
        self._known: dict[str, set[str]] = {}  # landing hour's folder: names of files that were read
        self.topics: dict[str, Landed] = {}
        self.trouble = ""

    def begin_with(self, warehouse: duckdb.DuckDBPyConnection) -> None:
        """Take what an earlier run has read into the warehouse, so that the files of long ago are not read again."""
        try:
            lines, names = warehouse.execute(_LINES).fetchall(), warehouse.execute(_NAMES).fetchall()
        except duckdb.CatalogException:  # nothing was built yet
            return
        for topic, *values in lines:
            self.topics.setdefault(topic, Landed()).add(dict(zip(_COLUMNS, values, strict=True)))
        for (name,) in names:
            hour, _, file = name.rpartition("/")
            self._known.setdefault(hour, set()).add(file)

    def follow(self) -> set[str]:
        """Read the files that have appeared since; the topics that they are of. Raises LocalError for a damaged one.

        A bucket that does not answer is tried again by the next call; `trouble` has its answer meanwhile.
        """
        landed: set[str] = set()
        try:
            for hour, names in self.files.changed(self._known):
                known = self._known.setdefault(hour, set())
                for name in sorted(names - known):
                    if match := _NAME.fullmatch(name):
                        self._read(match[1], hour, name)
                        landed.add(match[1])
                    known.add(name)
            self.trouble = ""
        except self.files.unanswered as error:
            self.trouble = str(error)
        return landed

    def _read(self, topic: str, hour: str, name: str) -> None:
        try:
            lines = self.files.lines(f"{hour}/{name}", _COLUMNS)
        except FileNotFoundError:  # somebody took it away
            return
        except self.files.unanswered:
            raise
        except (pa.ArrowInvalid, OSError, duckdb.InvalidInputException) as error:
            raise LocalError(
                f"{self.files.root}/{hour}/{name} cannot be read ({error}): "
                "put it back from a backup, then start again."
            ) from error
        for line in lines:
            self.topics.setdefault(topic, Landed()).add(line)
