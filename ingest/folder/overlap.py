"""Does the landing folder hold what one job alone can have landed, and room for its next batch? Asked of its names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger
from ingest.folder.manifest import Move
from ingest.folder.names import FileName, hour_folder, spelled

_LOOKED_AT = timedelta(days=1)  # before the newest batch: a start must not read all of history


def check_names(folder: LandingFolder, table: str, topic: str, generation: str, ledger: Ledger) -> None:
    """Raise LandingError if files of rows or of dead letters since the newest batch hold offsets that the ledger lacks,
    or two of them the same.

    Two the same are looked for from one day before the newest batch on.

    A crash cannot do the first, since start-up finishes what is marked; it takes somebody who removes a manifest or a
    line of the ledger. The second takes two jobs of a version before 0031 that landed at once.
    """
    for of in (table, names.DEAD_LETTERS):
        _check_names(folder, of, topic, generation, ledger)


def _check_names(folder: LandingFolder, table: str, topic: str, generation: str, ledger: Ledger) -> None:
    newest = hour_folder(ledger.newest) if ledger.newest else ""
    found = sorted(_files(folder, table, topic, generation, ledger), key=lambda file: file[0][2:])
    for name, key in found:
        if key >= names.raw_folder(table, newest) and name.end > ledger.ends.get(name.partition, 0):
            raise LandingError(
                f"{folder.store.named(key)} is not in the ledger, because a manifest or a file of the ledger was "
                "removed: move it out of the landing folder with its dead letters, and its offsets are landed again."
            )
    for (before, key_before), (name, key) in pairwise(found):
        if name.partition == before.partition and name.first < before.end:
            raise LandingError(
                f"{folder.store.named(key_before)} and {folder.store.named(key)} hold the same offsets, because two "
                "jobs landed at once: stop one of them and move the later of the two batches out of the landing "
                "folder, then start again."
            )


def check_not_compacted(folder: LandingFolder, moves: Iterable[Move]) -> None:
    """Raise LandingError if an hour to which a batch's files go has a compacted copy, or is about to get one.

    Catalogs read the copy: they would never see the batch, nor its line of the ledger. It takes the clock of
    compaction to be ahead, or this one to be behind, by a day.
    """
    for raw in sorted({key.rpartition("/")[0] for _, key in moves}):
        _, table, hour = raw.split("/", 2)
        is_marked = folder.store.read(names.copy_manifest(table, hour)) is not None
        if is_marked or folder.files(names.compacted_folder(table, hour)):
            raise LandingError(
                f"{raw} is compacted already, by a clock that was ahead of this machine's: set both clocks right, and "
                "landing goes on when the hour is over."
            )


def _files(
    folder: LandingFolder, table: str, topic: str, generation: str, ledger: Ledger
) -> Iterator[tuple[FileName, str]]:
    """The files of a topic's generation in the hours of a table that are looked at: their names, and their keys."""
    since = hour_folder(ledger.newest - _LOOKED_AT) if ledger.newest else ""
    for hour in folder.hours(table, since):
        for key in folder.files(names.raw_folder(table, hour)):
            found = names.parse_file_name(key.rpartition("/")[2])
            if found and (found.topic, found.generation) == (topic, spelled(generation)):
                yield found, key
