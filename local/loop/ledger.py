"""What has been landed, from the ledger's files as they appear: cheap enough to be asked twice a second."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from local.checks import LocalError

_NAME = re.compile(r"(.+)-(.{22})-(\d{8}T\d{12}Z)\.parquet")  # topic, generation, when (ingest/folder/names.py)
_HOURS_OPEN = 13  # a batch is published at most 12 hours after the time that it is stamped with
_SETTLED = 1.0  # seconds after which a folder's time shows each change
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
    """The ledger of a landing folder. It lists a folder only when its time has changed, and reads each file once."""

    def __init__(self, landing: Path, clock: Callable[[], float] = time.time) -> None:
        self._root = landing / "raw" / "landed_batches"
        self._clock = clock
        self._known: dict[str, set[str]] = {}  # landing hour's folder: names of files that were read
        self._listed: dict[str, tuple[int, bool]] = {}  # its time when it was listed, and whether that was settled
        self.topics: dict[str, Landed] = {}

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
        """Read the files that have appeared since; the topics that they are of. Raises LocalError for a damaged one."""
        landed = set()
        for hour in self._changed_hours():
            known = self._known.setdefault(hour, set())
            for name in sorted({*os.listdir(self._root / hour)} - known):
                match = _NAME.fullmatch(name)
                known.add(name)
                if match:
                    self._read(match[1], self._root / hour / name)
                    landed.add(match[1])
        return landed

    def _read(self, topic: str, file: Path) -> None:
        try:
            lines = pq.read_table(file, columns=_COLUMNS, partitioning=None).to_pylist()
        except FileNotFoundError:  # somebody took it away
            return
        except (pa.ArrowInvalid, OSError) as error:
            raise LocalError(
                f"{file} cannot be read ({error}): put it back from a backup, then start again."
            ) from error
        for line in lines:
            self.topics.setdefault(topic, Landed()).add(line)

    def _changed_hours(self) -> Iterator[str]:
        """The folders to list, oldest first: those since the oldest that can still change."""
        hours = sorted(self._hours())
        oldest = min([*hours[-_HOURS_OPEN:], *sorted(self._known)[-_HOURS_OPEN:]], default="")
        for hour in hours:
            if hour < oldest and self._known:
                continue
            with contextlib.suppress(FileNotFoundError):
                changed = (self._root / hour).stat().st_mtime_ns
                if self._listed.get(hour) != (changed, True):
                    self._listed[hour] = (changed, self._clock() > changed / 1e9 + _SETTLED)
                    yield hour

    def _hours(self) -> Iterator[str]:
        """Of two days, or of all while nothing is known: `landed_date=…/landed_hour=…`."""
        if not self._root.exists():
            return
        days = sorted(name for name in os.listdir(self._root) if name.startswith("landed_date="))
        for day in days[-2:] if self._known else days:
            for hour in os.listdir(self._root / day):
                if hour.startswith("landed_hour="):
                    yield f"{day}/{hour}"
