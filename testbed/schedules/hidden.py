"""Raw files that appear later than their ledger line, as on a network file system or in a synced bucket."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq


@dataclass
class Hidden:
    """The files of one landing that are not there yet; they wait in `aside`."""

    landing: Path
    aside: Path
    _files: dict[Path, int] = field(default_factory=dict)

    @contextmanager
    def hiding(self, table: str, runs: int, draw: random.Random) -> Iterator[None]:
        """Hide one of the files with rows that `table` gets meanwhile, for so many runs (0: hide none)."""
        before = self._there(table)
        yield
        came = sorted(file for file in self._there(table) - before if pq.read_metadata(file).num_rows)
        if runs and came:
            file = draw.choice(came)
            self.aside.mkdir(parents=True, exist_ok=True)
            file.rename(self.aside / file.name)
            self._files[file] = runs

    def reveal(self, all_of_them: bool = False) -> int:
        """A run is over: bring back what has been hidden for long enough; how many files."""
        self._files = {file: runs - 1 for file, runs in self._files.items()}
        due = [file for file, runs in self._files.items() if all_of_them or runs <= 0]
        for file in due:
            (self.aside / file.name).rename(file)
            del self._files[file]
        return len(due)

    def _there(self, table: str) -> set[Path]:
        return set((self.landing / "raw" / table).rglob("*.parquet"))
