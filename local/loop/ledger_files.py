"""The files of the ledger as they appear, on a disk and in a bucket."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

_HOURS_OPEN = 13  # a batch is published at most 12 hours after the time that it is stamped with
_SETTLED = 1.0  # seconds after which a folder's time shows each change
_ALL_EVERY = 600.0  # seconds, in a bucket
_TURN = 300.0  # seconds for which the hour before is looked at as often as the new one

Lines = list[dict[str, Any]]


class DiskFiles:
    """Below a folder of a disk. A folder is listed only when its time has changed."""

    every = 0.5  # seconds between two looks
    unanswered: tuple[type[Exception], ...] = ()

    def __init__(self, root: Path, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        self._clock = clock
        self._listed: dict[str, tuple[int, bool]] = {}  # its time when it was listed, and whether that was settled

    def changed(self, known: Collection[str]) -> Iterator[tuple[str, set[str]]]:
        """The hours in which something can be new, oldest first, each with the names in it; `known` are those seen."""
        hours = sorted(self._hours(max(known, default="")))
        oldest = min([*hours[-_HOURS_OPEN:], *sorted(known)[-_HOURS_OPEN:]], default="")
        for hour in hours:
            if hour < oldest and known:
                continue
            with contextlib.suppress(FileNotFoundError):
                changed = (self.root / hour).stat().st_mtime_ns
                if self._listed.get(hour) != (changed, True):
                    self._listed[hour] = (changed, self._clock() > changed / 1e9 + _SETTLED)
                    yield hour, {*os.listdir(self.root / hour)}

    def lines(self, name: str, columns: Sequence[str]) -> Lines:
        """The lines of a file. Raises FileNotFoundError, ArrowInvalid, OSError."""
        return pq.read_table(self.root / name, columns=[*columns], partitioning=None).to_pylist()

    def _hours(self, newest: str) -> Iterator[str]:
        """`landed_date=…/landed_hour=…` of the last two days and those since the newest known hour, or of all."""
        if not self.root.exists():
            return
        days = sorted(name for name in os.listdir(self.root) if name.startswith("landed_date="))
        since = min([newest.partition("/")[0], *days[-2:]])
        for day in (day for day in days if day >= since):
            for hour in os.listdir(self.root / day):
                if hour.startswith("landed_hour="):
                    yield f"{day}/{hour}"


class BucketFiles:
    """Below a prefix of a bucket, by the connection's httpfs. Each list is a request or more: a look lists the current
    hour, every ten minutes all hours in which something can be new."""

    every = 2.0  # seconds between two looks
    unanswered: tuple[type[Exception], ...] = (duckdb.IOException,)  # an HTTPException is one

    def __init__(self, root: str, warehouse: duckdb.DuckDBPyConnection, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        self._connection = warehouse.cursor()  # of the thread that looks
        self._connection.execute("set TimeZone = 'UTC'")
        self._clock = clock
        self._all_at = 0.0

    def changed(self, known: Collection[str]) -> Iterator[tuple[str, set[str]]]:
        """As DiskFiles.changed. Raises `unanswered`, as `lines` does."""
        now, patterns = self._clock(), ["landed_date=*/landed_hour=*"]
        looks_at_all = now >= self._all_at
        if known and not looks_at_all:
            patterns = sorted({_hour(now - _TURN), _hour(now)})
        elif known:
            newest = datetime.strptime(max(known), "landed_date=%Y-%m-%d/landed_hour=%H").replace(tzinfo=UTC)
            hours = max(_HOURS_OPEN, math.ceil((now - newest.timestamp()) / 3600) + 1)
            patterns = [_hour(now - 3600 * ago) for ago in range(hours)]
            if hours > 24:  # a list for each day takes fewer requests
                patterns = sorted({f"{pattern.partition('/')[0]}/landed_hour=*" for pattern in patterns})
        found: dict[str, set[str]] = {}
        globs = [f"{self.root}/{pattern}/*.parquet" for pattern in patterns]
        for (file,) in self._connection.execute("select file from glob($1)", [globs]).fetchall():
            hour, _, name = file.removeprefix(f"{self.root}/").rpartition("/")
            found.setdefault(hour, set()).add(name)
        yield from sorted(found.items())
        if looks_at_all:
            self._all_at = now + _ALL_EVERY

    def lines(self, name: str, columns: Sequence[str]) -> Lines:
        """The lines of a file. Raises FileNotFoundError, or an error of DuckDB's."""
        sql = f"select {', '.join(columns)} from read_parquet($1, hive_partitioning = false)"
        try:
            rows = self._connection.execute(sql, [f"{self.root}/{name}"]).fetchall()
        except duckdb.HTTPException as error:
            if error.status_code == 404:
                raise FileNotFoundError(str(error)) from error
            raise
        return [dict(zip(columns, row, strict=True)) for row in rows]


def _hour(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):landed_date=%Y-%m-%d/landed_hour=%H}"
