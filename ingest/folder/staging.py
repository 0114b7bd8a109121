"""The landing protocol: a batch is staged, marked complete, then published by names that say its offsets.

A crash at any point leaves a batch that the next start either finishes (marked) or throws away (unmarked). A published
name is never replaced or removed. The decision records 0002 and 0031 give the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet

from ingest.errors import LandingError
from ingest.folder.manifest import Manifest, Move
from ingest.folder.parquet import ParquetFile, opened
from ingest.folder.store import Store


@dataclass(frozen=True)
class Staging:
    """The staged work of one batch; `place` is its folder, outside of every table's, and `manifest` what marks it.
    Travels to Spark's workers.
    """

    store: Store
    place: str
    manifest: Manifest

    def file(self, key: str, schema: pa.Schema, *, kept: bool = False) -> ParquetFile:
        """A new file that will be published as `key`; `kept` if it is read before."""
        try:
            return ParquetFile(self.store.stage(key, self.place, kept=kept), schema)
        except FileNotFoundError as error:
            raise self._removed() from error

    def opened(self, handle: str) -> AbstractContextManager[pyarrow.parquet.ParquetFile]:
        """A sealed file, to be read before it is published."""
        return opened(self.store, handle, staged=True)

    def mark_complete(self, moves: Iterable[Move]) -> None:
        """Declare all staged files sealed: `moves` are published in their order, the one last that makes them count.

        From here on the batch will be published, by this process or by the next. Raises LandingError if a file is gone
        (marked, the batch would stop each start), or if another job has marked a batch in this one's place.
        """
        try:
            is_decided = self.manifest.decide(list(moves), self.place)
        except FileNotFoundError as error:
            raise self._removed() from error
        if not is_decided:
            raise LandingError(
                f"Another job was first with the batch that comes next ({self.store.named(self.manifest.key)}): stop "
                "one of the two jobs; this one goes on after that batch."
            )

    def publish(self) -> None:
        """Give the files of a marked batch their keys, in order. Raises LandingError rather than replace one."""
        self.manifest.publish()
        self.store.forget(self.place)

    def _removed(self) -> LandingError:
        return LandingError(
            f"The staged files in {self.place} were removed before they were published, as by another job: stop one of "
            "the two jobs, then start again."
        )
