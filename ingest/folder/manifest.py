"""The decision which batch comes next: one small file, put if absent, that names what is published.

A manifest of landing is named for the batch that it follows, so a batch has one successor at most: batches form one
chain, and a job that planned from an end of it that is no longer the end loses the put, however late it comes. The
decision record 0031 has the proof.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.errors import GoneError, LandingError, TakenError
from ingest.folder.store import Store

Move = tuple[str, str]  # the handle of a sealed file, the key that it gets


@dataclass(frozen=True)
class Manifest:
    """The file `key` of a landing folder, which need not be there. `within`: what its handles lie in, if they are names
    only, as those of versions before 0031.
    """

    store: Store
    key: str
    within: str = ""

    def decide(self, moves: Sequence[Move], staging: str) -> bool:
        """Put the manifest: from here on `moves` will be published, in their order, by any job. False if another has
        decided before. Raises FileNotFoundError if what is staged was removed.
        """
        if not self.store.are_staged(handle for handle, _ in moves):
            raise FileNotFoundError(staging)
        return self.store.put_new(self.key, json.dumps([list(move) for move in moves]).encode(), staging)

    def moves(self) -> list[Move] | None:
        """What is to be published; None if there is no manifest. Raises LandingError if it cannot be read."""
        content = self.store.read(self.key)
        return None if content is None else self._parse(content)

    def awaited(self) -> list[str]:
        """The keys that are still to be published: all, or none."""
        moves = self.moves()
        return [] if not moves or self.store.is_published(moves[-1][1]) else [key for _, key in moves]

    def publish(self) -> bool:
        """Give the files their keys, in order; can be repeated after a crash, and at once by another job.

        False if that is done already: the last key says so, and the others may be compacted and expired by now. Raises
        LandingError rather than replace a published file.
        """
        moves = self.moves()
        assert moves is not None, "decide comes before publish"
        last = moves[-1][1]
        if self.store.is_published(last):
            return False
        try:
            self.store.check_published(moves)
            for handle, key in moves:
                self.store.publish(handle, key)
        except (GoneError, TakenError) as error:
            if not self.store.is_published(last):  # or another job has published all of it meanwhile
                raise self._cannot(error) from error
        return True

    def _cannot(self, error: GoneError | TakenError) -> LandingError:
        staged, key = error.args
        manifest = self.store.named(self.key)
        if isinstance(error, GoneError):
            return LandingError(
                f"{staged} was removed before it was published as {key}: put it back, or move {manifest} out of the "
                "landing folder, then start again; what the ledger lacks is landed again."
            )
        return LandingError(
            f"{key} is published already and differs from {staged}, because two jobs worked at once: stop one of them, "
            f"move {manifest} out of the landing folder, then start again; what the ledger lacks is landed again."
        )

    def _parse(self, content: bytes) -> list[Move]:
        try:
            moves = [(handle, key) for handle, key in json.loads(content)]
            if not moves or not all(isinstance(part, str) for move in moves for part in move):
                raise ValueError(content)
        except (ValueError, TypeError) as error:
            raise LandingError(
                f"{self.store.named(self.key)} cannot be read: put it back, or move it out of the landing folder, and "
                "what of the batch is published already is named."
            ) from error
        return [(f"{self.within}{handle}", key) for handle, key in moves]
