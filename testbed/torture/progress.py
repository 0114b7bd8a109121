"""How far each partition is landed while a job runs, by the ledger's files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pyarrow.parquet


class Progress:
    """Reads each file of the ledger once."""

    def __init__(self, landing: Path) -> None:
        self._landing = landing
        self._known: set[Path] = set()
        self._ends: dict[tuple[str, int], int] = {}
        self._newest: datetime | None = None

    def ends(self) -> Mapping[tuple[str, int], int]:
        """The offset after the last that is landed, by topic and partition."""
        self._look()
        return self._ends

    def count(self) -> int:
        """How many offsets are landed."""
        return sum(self.ends().values())

    def newest(self) -> datetime | None:
        """The latest `_landed_at` of all."""
        self._look()
        return self._newest

    def reaches(self, ends: Mapping[tuple[str, int], int]) -> bool:
        """Whether all is landed that lies before these ends."""
        found = self.ends()
        return all(found.get(place, 0) >= end for place, end in ends.items())

    def _look(self) -> None:
        for path in {*(self._landing / "raw" / "landed_batches").glob("*/*/*.parquet")} - self._known:
            for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
                place = (row["_kafka_topic"], row["_kafka_partition"])
                self._ends[place] = max(self._ends.get(place, 0), row["end_offset"])
                self._newest = max(self._newest or row["_landed_at"], row["_landed_at"])
            self._known.add(path)
