"""What is landed already, read from `raw/landed_batches`: one file per batch, one row per Kafka partition of it."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet

from ingest.errors import LandingError
from ingest.folder.names import hour_folder, hour_folders, spelled

log = logging.getLogger("ingest")
Ranges = dict[int, tuple[int, int]]  # Kafka partition: first offset, end offset (exclusive)
LONGEST_WAIT = timedelta(hours=12)  # a batch is not landed as of a time longer ago: `fresh`
_TICK = timedelta(milliseconds=1)


@dataclass
class Ledger:
    """One topic's landed offsets: `ends` per partition of this generation; `newest` over all generations.

    `given_up`: how many offsets before a partition's end `--lost-offsets skip` has passed over since its last batch;
    its next one notes them (`given_up_count`), so that the gap is known as accepted.
    """

    ends: dict[int, int] = field(default_factory=dict)
    newest: datetime | None = None
    given_up: dict[int, int] = field(default_factory=dict)
    note: Path | None = field(default=None, compare=False)  # where the next start looks first: `read_ledger`

    def next_landing(self, at: datetime) -> datetime:
        """The `_landed_at` of a batch with the timestamp `at`: later than every batch before it."""
        return at if self.newest is None or at > self.newest else self.newest + _TICK

    def still_to_land(self, batch: Ranges, initial: Mapping[int, int]) -> Ranges:
        """The part of a batch's ranges that is not landed; {} if all is. `initial`: where the checkpoint began.

        Raises LandingError if the batch begins after what should come next: then landing it would lose records.
        """
        rest = {}
        for partition, (first, end) in batch.items():
            due = self.ends.get(partition, initial.get(partition, 0))
            if first > due:
                raise LandingError(
                    f"Offsets {due} to {first - 1} of partition {partition} are not in the landing folder but the "
                    "checkpoint is past them: remove the topic's checkpoint, and landing starts where the folder ends."
                )
            if end > max(first, due):
                rest[partition] = (max(first, due), end)
        return rest

    def pass_lost(self, available: Mapping[int, int], initial: Mapping[int, int], *, skip: bool) -> None:
        """Find the offsets that Kafka has removed before they were landed: `available` is each partition's first.

        Raises LandingError that names them, or with `skip` goes on after them, and notes it: no ledger row will ever
        cover them, and the next one counts them as given up, which `audit_landing` shows. What `initial` has and the
        ledger lacks is landed as a range with fewer records.
        """
        due = {**initial, **self.ends}
        lost = {part: (due[part], first) for part, first in sorted(available.items()) if first > due.get(part, first)}
        if not lost:
            return
        which = ", ".join(f"{first} to {end - 1} of partition {part}" for part, (first, end) in lost.items())
        if not skip:
            raise LandingError(
                f"Kafka no longer has offsets {which}, which were not landed: find out why (retention, deleted "
                "records), then go on without them by --lost-offsets skip; audit_landing counts them as never landed."
            )
        log.warning("Kafka no longer has offsets %s, which were not landed: going on without them", which)
        for part, (first, end) in lost.items():
            if part in self.ends:
                self.ends[part], self.given_up[part] = end, self.given_up.get(part, 0) + end - first
        if self.note and self.newest:  # or the next start without `skip` would stop again
            _write_note(self.note, hour_folder(self.newest), self)

    def record(self, landed: Ranges, landed_at: datetime) -> None:
        """Take note of a published batch."""
        self.ends |= {partition: end for partition, (_, end) in landed.items()}
        self.given_up = {partition: count for partition, count in self.given_up.items() if partition not in landed}
        before, self.newest = self.newest, landed_at
        if self.note and (before is None or hour_folder(before) != hour_folder(landed_at)):
            _write_note(self.note, hour_folder(landed_at), self)


def fresh(at: datetime, now: datetime | None = None) -> datetime:
    """A batch's timestamp, but at most LONGEST_WAIT ago.

    Spark planned the batch then; a job that comes back after days would land it in an hour that is compacted by now. No
    reader has seen the batch: a marked one is finished under its own name before anything is planned.
    """
    return max(at, (now or datetime.now(UTC)) - LONGEST_WAIT)


def read_ledger(landing: Path, topic: str, generation: str, partitions: int) -> Ledger:
    """Read the topic's ledger from its newest batch back until each of its `partitions` was seen.

    A partition that never had a record would be looked for in all of history at each start. So what a start found is
    noted in `_ends/`, again at each new hour: nothing lands before the topic's newest hour, so the next start reads
    from that hour on. A note can be removed while no job runs: it costs one long start.
    """
    note = landing / "_ends" / f"{topic}-{spelled(generation)}.json"
    since, known, given_up = _noted(note)
    ledger = _read(landing, topic, generation, partitions, since)
    if since and not ledger.newest:  # the note's own batch is not there: it belongs to another raw folder
        since, known, given_up = "", {}, {}
        ledger = _read(landing, topic, generation, partitions, since)
    # What was given up stands in the partition's next batch: one that ends after the note tells of no other.
    ledger.given_up = {part: count for part, count in given_up.items() if ledger.ends.get(part, 0) <= known[part]}
    ledger.ends = {part: max(ends.get(part, 0) for ends in (known, ledger.ends)) for part in known | ledger.ends}
    ledger.note = note
    if ledger.newest and hour_folder(ledger.newest) != since:
        _write_note(note, hour_folder(ledger.newest), ledger)
    return ledger


def _read(landing: Path, topic: str, generation: str, partitions: int, since: str) -> Ledger:
    ledger = Ledger()
    name = re.compile(re.escape(topic) + r"-(.{22})-\d{8}T\d{12}Z\.parquet")
    for hour in hour_folders(landing / "raw" / "landed_batches", since):
        matches = [match for path in hour.iterdir() if (match := name.fullmatch(path.name))]
        for match in sorted(matches, key=lambda match: match[0][-30:], reverse=True):
            rows = pyarrow.parquet.read_table(hour / match[0], partitioning=None).to_pylist()
            ledger.newest = max(ledger.newest or rows[0]["_landed_at"], rows[0]["_landed_at"])
            if match[1] == spelled(generation):
                for row in rows:
                    ledger.ends.setdefault(row["_kafka_partition"], row["end_offset"])
            if len(ledger.ends) >= partitions:
                return ledger
    return ledger


def _noted(note: Path) -> tuple[str, dict[int, int], dict[int, int]]:
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "", {}, {}
    ends, given_up = (
        {int(part): number for part, number in found.get(key, {}).items()} for key in ("ends", "given_up")
    )
    return found["hour"], ends, given_up


def _write_note(note: Path, hour: str, ledger: Ledger) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    making = note.with_suffix(".making")
    with making.open("w", encoding="utf-8") as file:
        json.dump({"hour": hour, "ends": ledger.ends, "given_up": ledger.given_up}, file)
        file.flush()
        os.fsync(file.fileno())
    making.rename(note)


def check_names(landing: Path, table: str, topic: str, generation: str, ledger: Ledger) -> None:
    """Raise LandingError if raw files since the newest batch hold offsets that the ledger lacks.

    A crash cannot do that, since start-up finishes what is staged; it takes somebody who removes the staging folder.
    """
    name = re.compile(re.escape(f"{topic}-{spelled(generation)}-") + r"(\d{5})-\d{19}-(\d{19})\.parquet")
    newest = hour_folder(ledger.newest) if ledger.newest else ""
    folder = landing / "raw" / table
    for hour in hour_folders(folder, newest):
        for path in hour.iterdir():
            match = name.fullmatch(path.name)
            if match and int(match[2]) > ledger.ends.get(int(match[1]), 0):
                raise LandingError(
                    f"{path} is not in the ledger, because a staging folder was removed: move it out of the landing "
                    "folder with its dead letters, and its offsets are landed again."
                )
