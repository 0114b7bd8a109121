"""Who reads the landing folder meanwhile: is a row there twice, a file torn, a file gone?"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.parquet import opened

Coordinates = tuple[int, int]  # partition, offset


class Observer(threading.Thread):
    """Looks until it is ended. `rows`: how often each record was found, in files that were published."""

    def __init__(self, folder: LandingFolder, table: str) -> None:
        super().__init__(daemon=True)
        self.faults: list[str] = []
        self.rows: Counter[Coordinates] = Counter()
        self.looks = 0
        self._folder, self._tables = folder, (table, names.DEAD_LETTERS)
        self._known: set[str] = set()
        self._end = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        while not self._end.wait(0.05):
            self.look()

    def end(self) -> None:
        """Stop, and look a last time."""
        self._end.set()
        self.join()
        self.look()

    def look(self) -> None:
        """Read what is new since the last look."""
        there = set(self._keys())
        if gone := self._known - there:
            self.faults.append(f"gone: {sorted(gone)}")
        for key in sorted(there - self._known):
            try:
                with opened(self._folder.store, key) as file:
                    rows = file.read(columns=["_kafka_partition", "_kafka_offset"]).to_pydict()
            except LandingError as error:
                self.faults.append(f"torn: {error}")
            else:
                self.rows.update(zip(rows["_kafka_partition"], rows["_kafka_offset"], strict=True))
        self._known = there
        if twice := [record for record, times in self.rows.items() if times > 1]:
            self.faults.append(f"{len(twice)} rows twice, such as {twice[0]}")
        self.looks += 1

    def _keys(self) -> Iterator[str]:
        for table in self._tables:
            for hour in self._folder.hours(table):
                yield from self._folder.files(names.raw_folder(table, hour))
