"""Where the landing folder lies: a local disk. Every write is whole and durable before it has its name.

The protocol of landing (staging.py) uses these verbs and nothing else of the disk, so that another store is another
class. The decision record 0002 gives the reasons.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa

from ingest.errors import LandingError


class Sink(io.BufferedWriter):
    """A new file that nobody sees until it is published."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path, "x"))
        self._name = path.name

    def seal(self) -> str:
        """Close the file and return its handle once its bytes are on the disk."""
        self.flush()
        os.fsync(self.fileno())
        self.close()
        return self._name


@dataclass(frozen=True)
class LocalStore:
    """A folder on a local disk. Keys are paths below it; `staging` names the folder of a batch's staged work."""

    root: Path

    def begin(self, staging: str) -> None:
        """Make the folder of a batch's staged work."""
        folder = self.root / staging
        _make_folder(folder)
        for parent in (folder.parent, folder.parent.parent):  # also those that a crash left unsynced when it made them
            _sync(parent)

    def stage(self, key: str, staging: str) -> Sink:
        """A file for the content of `key`. A task that is repeated gets another file."""
        return Sink(self.root / staging / f"{uuid.uuid4().hex}{PurePosixPath(key).suffix}")

    def publish(self, handle: str, key: str, staging: str) -> None:
        """Give a sealed file its key; can be repeated after a crash.

        Raises LandingError rather than replace a published file, or if neither is there.
        """
        source, target = self.root / staging / handle, self.root / key
        _make_folder(target.parent)
        try:
            os.link(source, target)  # unlike a rename, a link never replaces a file
        except FileNotFoundError as error:
            if not target.exists():
                raise self._removed(target, source) from error
            return  # published before the crash
        except FileExistsError as error:
            if not source.exists():
                return
            if not os.path.samestat(source.stat(), target.stat()):
                raise self._published_by_another(target, source) from error
        _sync(target.parent)
        source.unlink()

    def check_published(self, moves: Iterable[tuple[str, str]], staging: str) -> None:
        """Raise LandingError, before anything has its key, if one of the moves (handle, key) cannot be published."""
        for handle, key in moves:
            source, target = self.root / staging / handle, self.root / key
            if target.exists() and source.exists() and not os.path.samestat(source.stat(), target.stat()):
                raise self._published_by_another(target, source)
            if not target.exists() and not source.exists():
                raise self._removed(target, source)

    def _removed(self, target: Path, source: Path) -> LandingError:
        return LandingError(
            f"{source} was removed before it was published as {target}: put it back, or move {source.parent} out of "
            "the landing folder, then start again; what the ledger lacks is landed again."
        )

    def _published_by_another(self, target: Path, source: Path) -> LandingError:
        return LandingError(
            f"{target} is published already and differs from {source}, because two jobs worked at once: stop one of "
            f"them, move {source.parent} out of the landing folder, then start again; what the ledger lacks is landed "
            "again."
        )

    def put_new(self, key: str, content: bytes, *, make_folder: bool = True) -> bool:
        """Write a small file under a key that is not there yet. False if it is there with other content.

        Raises FileNotFoundError if its folder is not there and is not to be made.
        """
        target, making = self.root / key, self.root / f"{key}.making"
        if make_folder:
            _make_folder(target.parent)
        _write(making, content)
        _sync(target.parent)  # what is sealed beside it must not come later
        try:
            os.link(making, target)
        except FileExistsError:
            return target.read_bytes() == content
        finally:
            making.unlink()
        _sync(target.parent)
        return True

    def copy(self, key: str, other: str) -> None:
        """Put a small file under another key of its folder too, unless it is there. Needs no room on the disk."""
        with contextlib.suppress(FileExistsError):
            os.link(self.root / key, self.root / other)
        _sync((self.root / other).parent)

    def replace(self, key: str, content: bytes) -> None:
        """Write a small file, over one that is there. For what can be found out again, never for what is published."""
        target, making = self.root / key, self.root / f"{key}.making"
        _make_folder(target.parent)
        _write(making, content)
        os.rename(making, target)

    def read(self, key: str) -> bytes | None:
        """The content of a small file; None if there is none."""
        try:
            return (self.root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def open(self, key: str) -> pa.NativeFile:
        """A file to read from at any place. Raises FileNotFoundError."""
        return pa.OSFile(str(self.root / key))

    def size(self, key: str) -> int:
        """The bytes of a file."""
        return (self.root / key).stat().st_size

    def list(self, folder: str) -> list[str]:
        """The names of the files and folders in a folder, sorted; [] if there is no such folder."""
        try:
            return sorted(os.listdir(self.root / folder))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def newest(self, keys: Iterable[str]) -> str | None:
        """The key of the file that was written last; None without keys."""
        return max(keys, key=lambda key: (self.root / key).stat().st_mtime_ns, default=None)

    def is_folder(self, key: str) -> bool:
        """Whether it is a folder that lies here, and not a link to one elsewhere."""
        path = self.root / key
        return path.is_dir() and not path.is_symlink()

    def forget(self, staging: str, first: str = "") -> None:
        """Remove a batch's staged work, the file `first` before the others.

        A file whose name begins with `.` may stay, and the folder with it: NFS keeps what is still open as `.nfs…`
        until it is closed. What is left is no marked batch, and the next start tries again.
        """
        folder = self.root / staging
        if first:
            (folder / first).unlink()
        try:
            shutil.rmtree(folder)
        except OSError:
            for path in folder.iterdir():
                if not path.name.startswith("."):
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def remove(self, folder: str, names: Iterable[str]) -> None:
        """Remove published files of a folder, and the folder when nothing is left in it."""
        for name in names:
            (self.root / folder / name).unlink()
        with contextlib.suppress(OSError):  # something else lies there: it is not ours to remove
            (self.root / folder).rmdir()


def _make_folder(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _write(path: Path, content: bytes) -> None:
    if path.exists():  # left by a crash, and maybe the published file itself under a second name
        path.unlink()
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
