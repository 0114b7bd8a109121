"""The landing folder as an object: what ingest and its commands ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import LandingError
from ingest.folder import lock, names
from ingest.folder.staging import Staging
from ingest.folder.store import LocalStore


@dataclass(frozen=True)
class LandingFolder:
    """`raw/<table>/<hour>` and `compacted/<table>/<hour>`, where an hour is named by names.hour_folder."""

    store: LocalStore

    @classmethod
    def at(cls, path: Path) -> LandingFolder:
        """The landing folder at a path, which need not be there yet."""
        return cls(LocalStore(path))

    @classmethod
    def existing(cls, path: Path) -> LandingFolder:
        """The landing folder at a path. Raises LandingError if nothing was landed there, as at a mistyped one."""
        if not (path / "raw").is_dir():
            raise LandingError(f"There is no landing folder {path}: say with --landing where the job landed.")
        return cls.at(path)

    @property
    def path(self) -> Path:
        """Where it lies, for messages and locks."""
        return self.store.root

    @contextmanager
    def sole_writer(self, work: str = "landing") -> Iterator[None]:
        """Hold the lock for this kind of work; raises LandingError if another job has it. A crash frees it."""
        self.path.mkdir(parents=True, exist_ok=True)
        with lock.hold(self.path / f"_{work}.lock") as held:
            if not held:
                raise LandingError(f"Another {work} job writes to {self.path}: stop it, or land in another folder.")
            yield

    def begin(self, work: str, number: int) -> Staging:
        """Stage a batch of a topic (or of another `work`), by itself also when its number was staged before."""
        staging = Staging(self.store, f"{names.STAGING}/{work}/{names.staged_name(number)}")
        self.store.begin(staging.place)
        return staging

    def staged(self, work: str) -> list[Staging]:
        """The batches of a topic (or of another `work`) that are staged."""
        folder = f"{names.STAGING}/{work}"
        batches = [f"{folder}/{name}" for name in self.store.list(folder) if names.is_staged_name(name)]
        return [Staging(self.store, place) for place in batches if self.store.is_folder(place)]

    def recover(self, work: str) -> int:
        """Finish the marked batches and throw the unmarked ones away; the number finished."""
        finished = 0
        for staging in self.staged(work):
            if staging.moves() is None:
                self.store.forget(staging.place)
            else:
                staging.publish()
                finished += 1
        return finished

    def awaited(self) -> Iterator[str]:
        """The keys to which marked batches are still to be published."""
        for work in self.store.list(names.STAGING):
            for staging in self.staged(work):
                yield from (key for _, key in staging.moves() or [])

    def hours(self, table: str, since: str = "", root: str = "raw") -> Iterator[str]:
        """The hours of a table from `since` on, the newest first."""
        table_folder = f"{root}/{table}"
        for date in self._folders(table_folder, "landed_date="):
            if date < since.partition("/")[0]:
                return
            for hour in self._folders(f"{table_folder}/{date}", "landed_hour="):
                if f"{date}/{hour}" >= since and names.is_hour_folder(f"{date}/{hour}"):
                    yield f"{date}/{hour}"

    def files(self, folder: str) -> list[str]:
        """The keys of the Parquet files of an hour (names.raw_folder, names.compacted_folder), sorted.

        Without names that begin with `.` or `_`, which every reader passes over: they are no file of landing's.
        """
        return [
            f"{folder}/{name}"
            for name in self.store.list(folder)
            if name.endswith(".parquet") and not names.is_stray(name)
        ]

    def kept_hours(self, table: str, since: str = "") -> list[str]:
        """The hours of a table from `since` on, the oldest first, also where only the compacted copy is left."""
        return sorted({*self.hours(table, since), *self.hours(table, since, root="compacted")})

    def _folders(self, folder: str, prefix: str) -> list[str]:
        return [name for name in reversed(self.store.list(folder)) if name.startswith(prefix)]
