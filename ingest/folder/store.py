"""What a landing folder lies on: the verbs that the landing protocol needs, and nothing else of a disk or a bucket.

A key is a path below the landing folder, with `/`. What is staged is whole and seen by nobody, until it is published
under its key, which is never replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from contract.options import Place


class Sink(Protocol):
    """A new file that nobody sees until it is published; Arrow writes to it."""

    def write(self, data: bytes, /) -> int:
        """Take bytes; how many."""

    def tell(self) -> int:
        """The bytes that were taken."""

    def seal(self) -> str:
        """Close the file and return its handle once its bytes are stored for good."""


class Store(Protocol):
    """A local disk (local_store.py) or a bucket (s3_store.py). It travels to Spark's workers."""

    def named(self, key: str) -> str:
        """A key as a message names it."""

    def identity(self) -> str:
        """What is the same for the same place, however it is spelled."""

    def answer(self) -> None:
        """Return if the store answers at all, soon; raise whatever it or its client raises if not."""

    def alone(self, work: str) -> AbstractContextManager[bool]:
        """Hold the lock of a kind of work for the context, where there are locks; False if another process has it."""

    def begin(self, staging: str) -> None:
        """Prepare the place of a batch's staged work."""

    def stage(self, key: str, staging: str, *, kept: bool = False) -> Sink:
        """A sink for the content of `key`; `kept` if this process reads it before it is published."""

    def open_staged(self, handle: str) -> pa.NativeFile:
        """A sealed file that was `kept`, to be read once. Raises FileNotFoundError."""

    def are_staged(self, handles: Iterable[str]) -> bool:
        """Whether all these sealed files are there still, as far as that can be asked for."""

    def publish(self, handle: str, key: str) -> None:
        """Give a sealed file its key; can be repeated, and at once by another job. Raises TakenError, GoneError."""

    def check_published(self, moves: Iterable[tuple[str, str]]) -> None:
        """Raise as `publish` would, before anything has its key, as far as that can be asked for."""

    def is_published(self, key: str) -> bool:
        """Whether a key is there, for good."""

    def put_new(self, key: str, content: bytes, staging: str = "") -> bool:
        """Write a small file under a key that is not there yet. False if it is there with other content."""

    def copy(self, key: str, other: str) -> None:
        """Put a small file under another key of its folder too, unless it is there."""

    def replace(self, key: str, content: bytes) -> None:
        """Write a small file, over one that is there."""

    def read(self, key: str) -> bytes | None:
        """The content of a small file; None if there is none."""

    def open(self, key: str) -> pa.NativeFile:
        """A file to read from at any place. Raises FileNotFoundError."""

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of each file of a folder, by name."""

    def list(self, folder: str) -> list[str]:
        """The names of the files and folders in a folder, sorted; [] if there is no such folder."""

    def newest(self, keys: Iterable[str]) -> str | None:
        """The key of the file that was written last; None without keys."""

    def is_folder(self, key: str) -> bool:
        """Whether it is a folder."""

    def restore(self, work: str) -> None:
        """Put back what a `forget` that died had set aside in a folder of staged work."""

    def forget(self, staging: str, is_marked: Callable[[], bool] | None = None) -> None:
        """Remove a batch's staged work, unless `is_marked` returns True once no job can mark it any more."""

    def remove(self, folder: str, names: Iterable[str]) -> None:
        """Remove published files of a folder."""


def store_at(place: Place) -> Store:
    """The store at a place: a folder of a disk, or a prefix of a bucket."""
    if isinstance(place, Path):
        from ingest.folder.local_store import LocalStore

        return LocalStore(place)
    from ingest.folder.s3_store import S3Store  # AWS's library is loaded by who lands to a bucket

    return S3Store(place.name, f"{place.prefix}/" if place.prefix else "")
