"""Readers that know nothing of Spark: what DuckDB and pyarrow see in the landing folder at any moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.dataset
import pyarrow.parquet

from contract.model import Contract
from ingest.folder.names import hour_folder

_KEY = ["_kafka_topic", "_kafka_generation", "_kafka_partition", "_kafka_offset"]


class Reader(threading.Thread):
    """Looks again and again: is a row there twice, has a row gone, has a published file changed?

    DuckDB reads the folders. pyarrow reads as a catalog does: of a compacted hour the copy. Hold `pause` while small
    files are expired, which readers must let happen between two looks.
    """

    def __init__(self, landing: Path, contract: Contract) -> None:
        super().__init__(daemon=True)
        self.pause = threading.Lock()
        self.faults: list[str] = []
        self.looks = 0
        self.files = 0
        self._landing = landing
        self._tables = [*(topic.table for topic in contract.topics), contract.dead_letters.table]
        self._most = 0
        self._known: dict[Path, tuple[int, int, int]] = {}
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.wait(1.5):
            self.look()

    def end(self) -> None:
        """Stop looking, and look a last time."""
        self._end.set()
        self.join()
        self.look()

    def look(self) -> None:
        """Look once; what is wrong, and a file that cannot be read, is a fault."""
        try:
            self._look()
        except Exception as error:  # a torn file is one
            self.faults.append(f"a reader failed: {error!r}")

    def _look(self) -> None:
        with self.pause:
            small = list((self._landing / "raw").glob("*/*/*/*.parquet"))
            if not small:
                return
            self._unchanged(small)
            patterns = [f"{self._landing}/raw/{table}/**/*.parquet" for table in self._tables]
            patterns = [pattern for table, pattern in zip(self._tables, patterns, strict=True) if self._has(table)]
            if patterns:
                self._once_by_duckdb(patterns)
                self._once_by_pyarrow()
        self.looks += 1

    def _has(self, table: str) -> bool:
        return next((self._landing / "raw" / table).glob("*/*/*.parquet"), None) is not None

    def _unchanged(self, files: list[Path]) -> None:
        for path in files:
            stat = path.stat()
            is_now = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._known.setdefault(path, is_now) != is_now:
                self.faults.append(f"{path.name} was changed after it was published")
        self.files = len(self._known)

    def _once_by_duckdb(self, patterns: list[str]) -> None:
        query = f"select {', '.join(_KEY)}, count(*) from read_parquet(?, union_by_name = true) group by all"
        twice = duckdb.connect().execute(f"{query} having count(*) > 1 limit 5", [patterns]).fetchall()
        if twice:
            self.faults.append(f"DuckDB sees twice: {twice}")

    def _once_by_pyarrow(self) -> None:
        files = [str(path) for table in self._tables for path in catalog(self._landing, table)]
        rows = pyarrow.dataset.dataset(files, format="parquet").to_table(columns=_KEY)
        different = len(rows.group_by(_KEY).aggregate([]))
        if different != len(rows):
            self.faults.append(f"pyarrow sees {len(rows) - different} rows twice")
        if different < self._most:
            self.faults.append(f"{self._most - different} rows are gone that were seen before")
        self._most = max(self._most, different)


def catalog(landing: Path, table: str) -> Iterator[Path]:
    """The files of a table as a catalog has them: the copy of each hour that has a record, else the small files."""
    compacted = {
        hour_folder(row["compacted_hour"])
        for record in (landing / "raw" / "compacted_hours").glob(f"*/*/{table}-*.parquet")
        for row in pyarrow.parquet.ParquetFile(record).read().to_pylist()
        if row["raw_table"] == table and isinstance(row["compacted_hour"], datetime)
    }
    for hour in sorted(compacted):
        yield from (landing / "compacted" / table / hour).glob("*.parquet")
    for folder in (landing / "raw" / table).glob("*/*"):
        if folder.relative_to(landing / "raw" / table).as_posix() not in compacted:
            yield from folder.glob("*.parquet")
