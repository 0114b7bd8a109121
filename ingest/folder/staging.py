"""The landing protocol: a batch is staged, marked complete, then published by names that say its offsets.

A crash at any point leaves a batch that the next start either finishes (marked) or throws away (unmarked). A published
name is never replaced or removed. The decision record 0002 gives the reasons.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet

from ingest.errors import LandingError
from ingest.folder.parquet import ParquetFile, opened
from ingest.folder.store import LocalStore

_MANIFEST = "manifest.json"
Move = tuple[str, str]  # the handle of a sealed file, the key that it gets


@dataclass(frozen=True)
class Staging:
    """The staged work of one batch; `place` is its folder, outside of every table's. Travels to Spark's workers."""

    store: LocalStore
    place: str

    def file(self, key: str, schema: pa.Schema) -> ParquetFile:
        """A new file that will be published as `key`."""
        return ParquetFile(self.store.stage(key, self.place), schema)

    def opened(self, handle: str) -> AbstractContextManager[pyarrow.parquet.ParquetFile]:
        """A sealed file, to be read before it is published."""
        return opened(self.store, f"{self.place}/{handle}")

    def mark_complete(self, moves: Iterable[Move]) -> None:
        """Declare all staged files sealed: `moves` are published in their order.

        From here on the batch will be published, by this process or by the next. Raises LandingError if a file is gone:
        marked, the batch would stop each start.
        """
        moves = list(moves)
        there = {*self.store.list(self.place)}
        try:
            if not all(handle in there for handle, _ in moves):
                raise FileNotFoundError(self.place)
            content = json.dumps([list(move) for move in moves]).encode()
            marked = self.store.put_new(self._manifest, content, make_folder=False)
        except FileNotFoundError as error:
            raise LandingError(
                f"The staged files in {self.place} were removed before they were published, as by another job: stop "
                "one of the two jobs, then start again."
            ) from error
        assert marked, f"{self._manifest} is there already"

    def moves(self) -> list[Move] | None:
        """What is to be published; None if the batch is not marked complete. LandingError if that cannot be read."""
        manifest = self.store.read(self._manifest)
        return None if manifest is None else self._parse(manifest)

    def publish(self) -> None:
        """Give the files of a marked batch their keys, in order; can be repeated after a crash.

        Raises LandingError rather than replace a published file.
        """
        moves = self.moves()
        assert moves is not None, "mark_complete comes before publish"
        self.store.check_published(moves, self.place)
        for handle, key in moves:
            self.store.publish(handle, key, self.place)
        self.store.forget(self.place, _MANIFEST)

    def _parse(self, manifest: bytes) -> list[Move]:
        try:
            moves = [(handle, key) for handle, key in json.loads(manifest)]
        except (ValueError, TypeError):
            moves = []
        if not moves or not all(isinstance(part, str) for move in moves for part in move):
            raise LandingError(
                f"{self.store.root / self._manifest} cannot be read: put it back, or move its folder out of the "
                "landing folder, and what of the batch is published already is named."
            )
        return moves

    @property
    def _manifest(self) -> str:
        return f"{self.place}/{_MANIFEST}"
