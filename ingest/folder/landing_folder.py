"""The landing folder as an object: what ingest and its commands ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from contract.options import Place
from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.manifest import Manifest
from ingest.folder.staging import Staging
from ingest.folder.store import Store, store_at


@dataclass(frozen=True)
class LandingFolder:
    """`raw/<table>/<hour>` and `compacted/<table>/<hour>`, where an hour is named by names.hour_folder."""

    store: Store

    @classmethod
    def at(cls, place: Place) -> LandingFolder:
        """The landing folder at a place, which need not be there yet."""
        return cls(store_at(place))

    @classmethod
    def existing(cls, place: Place) -> LandingFolder:
        """The landing folder at a place. Raises LandingError if nothing was landed there, as at a mistyped one."""
        folder = cls.at(place)
        if not folder.store.is_folder("raw"):
            raise LandingError(f"There is no landing folder {place}: say with --landing where the job landed.")
        return folder

    @property
    def name(self) -> str:
        """Where it lies, for messages."""
        return self.store.named("").rstrip("/")

    @contextmanager
    def sole_writer(self, work: str = "landing") -> Iterator[None]:
        """Hold the lock for this kind of work, where there are locks; raises LandingError if another job has it."""
        with self.store.alone(work) as is_alone:
            if not is_alone:
                raise LandingError(f"Another {work} job writes to {self.name}: stop it, or land in another folder.")
            yield

    def begin(self, topic: str, number: int, previous: datetime | None = None) -> Staging:
        """Stage the batch of a topic that follows the one landed at `previous` (None: its first), by itself also when
        its number was staged before.
        """
        return self._begin(topic, number, names.batch_manifest(topic, previous))

    def begin_copy(self, table: str, hour: str, number: int) -> Staging:
        """Stage the compacted copy of a table's landing hour."""
        return self._begin(names.COPIES, number, names.copy_manifest(table, hour))

    def _begin(self, work: str, number: int, manifest: str) -> Staging:
        staging = f"{names.STAGING}/{work}/{names.staged_name(number)}"
        self.store.begin(staging)
        return Staging(self.store, staging, Manifest(self.store, manifest))

    def staged(self, work: str) -> list[str]:
        """The folders of the batches of a topic (or of another `work`) that are staged."""
        folder = f"{names.STAGING}/{work}"
        batches = [f"{folder}/{name}" for name in self.store.list(folder) if names.is_staged_name(name)]
        return [place for place in batches if self.store.is_folder(place)]

    def recover(self, topic: str) -> int:
        """Finish the batch of a topic that is marked, and throw the unmarked ones away; the number finished."""
        self.store.restore(f"{names.STAGING}/{topic}")
        finished = self._finish(topic)
        places = self.staged(topic)
        for place in places:
            finished += self.finish_older(place)
            self.store.forget(place, lambda: bool(self.awaited(topic)))
        return finished + (self._finish(topic) if places else 0)  # what another job has marked meanwhile

    def _finish(self, topic: str) -> int:
        newest = self.newest_batch(topic)
        return int(newest is not None and newest.publish())

    def awaited(self, topic: str) -> list[str]:
        """The keys to which the topic's marked batch is still to be published: all of it, or none."""
        newest = self.newest_batch(topic)
        return newest.awaited() if newest else []

    def newest_batch(self, topic: str) -> Manifest | None:
        """The newest manifest of a topic's batches, which form one chain: all before it are published."""
        for hour in self.hours(topic, root=names.BATCHES):
            folder = f"{names.BATCHES}/{topic}/{hour}"
            if marked := [name for name in self.store.list(folder) if names.is_batch_manifest(name)]:
                return Manifest(self.store, f"{folder}/{max(marked)}")
        first = Manifest(self.store, names.batch_manifest(topic, None))
        return None if first.moves() is None else first

    def copies(self) -> Iterator[Manifest]:
        """The manifests of compactions that are kept."""
        work = f"{names.BATCHES}/{names.COPIES}"
        for table in self.store.list(work):
            for hour in self.hours(f"{names.COPIES}/{table}", root=names.BATCHES):
                key = names.copy_manifest(table, hour)
                at, _, name = key.rpartition("/")
                if name in self.store.list(at):  # a crash may have come between the folder and its manifest
                    yield Manifest(self.store, key)

    def finish_older(self, place: str) -> bool:
        """Publish a batch that a version before 0031 has marked, in its staging folder."""
        older = Manifest(self.store, f"{place}/manifest.json", within=f"{place}/")
        return older.moves() is not None and older.publish()

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
