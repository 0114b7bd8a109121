"""A landing folder on a local disk. Every write is whole and durable before it has its name.

The protocol of landing (staging.py, manifest.py) uses these verbs and nothing else of the disk, so that another store
is another class. The decision records 0002 and 0031 give the reasons.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa

from ingest.errors import GoneError, TakenError
from ingest.folder import lock
from ingest.folder.durable import make_folder, sync, write

_ASIDE = ".aside"


class LocalFile(io.BufferedWriter):
    """A new file that nobody sees until it is published."""

    def __init__(self, path: Path, handle: str) -> None:
        super().__init__(io.FileIO(path, "x"))
        self._handle = handle

    def seal(self) -> str:
        """Close the file and return its handle once its bytes are on the disk."""
        self.flush()
        os.fsync(self.fileno())
        self.close()
        return self._handle


@dataclass(frozen=True)
class LocalStore:
    """A folder on a local disk. Keys are paths below it; `staging` names the folder of a batch's staged work."""

    root: Path

    def named(self, key: str) -> str:
        """A key as a message names it."""
        return str(self.root / key)

    def identity(self) -> str:
        """The folder without links in its path."""
        return str(self.root.resolve())

    def answer(self) -> None:
        """Return once the disk answers: a network file system may hang."""
        os.stat(self.root)

    @contextmanager
    def alone(self, work: str) -> Iterator[bool]:
        """Hold the lock of a kind of work for the context; False if another process has it. A crash frees it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with lock.hold(self.root / f"_{work}.lock") as held:
            yield held

    def begin(self, staging: str) -> None:
        """Make the folder of a batch's staged work."""
        folder = self.root / staging
        make_folder(folder)
        for parent in (folder.parent, folder.parent.parent):  # also those that a crash left unsynced when it made them
            sync(parent)

    def stage(self, key: str, staging: str, *, kept: bool = False) -> LocalFile:
        """A file for the content of `key`. A task that is repeated gets another file."""
        handle = f"{staging}/{uuid.uuid4().hex}{PurePosixPath(key).suffix}"
        return LocalFile(self.root / handle, handle)

    def open_staged(self, handle: str) -> pa.NativeFile:
        """A sealed file, to be read before it is published. Raises FileNotFoundError."""
        return self.open(handle)

    def are_staged(self, handles: Iterable[str]) -> bool:
        """Whether all these sealed files are there still."""
        return all((self.root / handle).exists() for handle in handles)

    def publish(self, handle: str, key: str) -> None:
        """Give a sealed file its key; can be repeated after a crash, and at once by another job.

        Raises TakenError rather than replace a published file, and GoneError if neither is there.
        """
        source, target = self.root / handle, self.root / key
        make_folder(target.parent)
        try:
            os.link(source, target)  # unlike a rename, a link never replaces a file
        except FileNotFoundError as error:
            if not target.exists():
                raise GoneError(str(source), str(target)) from error
            return  # published before the crash
        except FileExistsError as error:
            if _differ(source, target):
                raise TakenError(str(source), str(target)) from error
        sync(target.parent)
        source.unlink(missing_ok=True)

    def check_published(self, moves: Iterable[tuple[str, str]]) -> None:
        """Raise as `publish` would, before anything has its key, if one of the moves (handle, key) cannot be made."""
        for handle, key in moves:
            source, target = self.root / handle, self.root / key
            if _differ(source, target):
                raise TakenError(str(source), str(target))
            if not source.exists() and not target.exists():  # in this order: another job may publish it now
                raise GoneError(str(source), str(target))

    def is_published(self, key: str) -> bool:
        """Whether a key is there, for good: a crash may have come before its folder was on the disk."""
        if not (self.root / key).exists():
            return False
        sync((self.root / key).parent)
        return True

    def put_new(self, key: str, content: bytes, staging: str = "") -> bool:
        """Write a small file under a key that is not there yet. False if it is there with other content.

        With `staging` the folder of a batch's staged work has to be there in that moment, and what is sealed in it is
        on the disk before. Raises FileNotFoundError.
        """
        target = self.root / key
        making = (
            self.root / staging / f"{target.name}.making"
            if staging
            else self.root / f"{key}.{uuid.uuid4().hex[:8]}.making"
        )
        make_folder(target.parent)
        write(making, content)
        sync(making.parent)  # what is sealed beside it must not come later
        try:
            os.link(making, target)
        except FileExistsError:
            return target.read_bytes() == content
        finally:
            making.unlink(missing_ok=True)
        sync(target.parent)
        return True

    def copy(self, key: str, other: str) -> None:
        """Put a small file under another key of its folder too, unless it is there. Needs no room on the disk."""
        with contextlib.suppress(FileExistsError):
            os.link(self.root / key, self.root / other)
        sync((self.root / other).parent)

    def replace(self, key: str, content: bytes) -> None:
        """Write a small file, over one that is there. For what can be found out again, never for what is published."""
        target, making = self.root / key, self.root / f"{key}.{uuid.uuid4().hex[:8]}.making"
        make_folder(target.parent)
        write(making, content)
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

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of each file of a folder, by name."""
        with os.scandir(self.root / folder) as found:
            return {entry.name: entry.stat().st_size for entry in found if entry.is_file()}

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

    def restore(self, work: str) -> None:
        """Put back what a `forget` that died had set aside in a folder of staged work."""
        for name in self.list(work):
            if name.endswith(_ASIDE) and self.is_folder(f"{work}/{name}"):
                with contextlib.suppress(OSError):  # another start does the same
                    os.rename(self.root / work / name, self.root / work / name.removesuffix(_ASIDE))

    def forget(self, staging: str, is_marked: Callable[[], bool] | None = None) -> None:
        """Remove a batch's staged work, unless `is_marked` returns True once no job can mark it any more.

        A job marks by a file of its staging folder (`put_new`): what has another name cannot be marked. A file whose
        name begins with `.` may stay, and the folder with it: NFS keeps what is still open as `.nfs…` until it is
        closed. The next start tries again.
        """
        folder = self.root / staging
        if is_marked:
            aside = folder.with_name(f"{folder.name}{_ASIDE}")
            with contextlib.suppress(FileNotFoundError):  # another start does the same
                os.rename(folder, aside)
                if is_marked():
                    os.rename(aside, folder)
                    return
            folder = aside
        if not folder.exists():
            return
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


def _differ(source: Path, target: Path) -> bool:
    """Whether both are there, as two files."""
    try:
        return not os.path.samestat(source.stat(), target.stat())
    except (FileNotFoundError, NotADirectoryError):
        return False
