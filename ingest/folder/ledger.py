"""What is landed already, read from `raw/landed_batches`: one file per batch, one row per Kafka partition of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.clocks import CLOCKS_APART
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import hour_folder, spelled
from ingest.folder.parquet import opened
from ingest.folder.store import Store

log = logging.getLogger("ingest")
Proof = tuple[int, str]  # the offset of a landed record, and its digest (landing/kafka_log.py)
Ranges = dict[int, tuple[int, int]]  # Kafka partition: first offset, end offset (exclusive)
_TICK = timedelta(milliseconds=1)


@dataclass
class Ledger:
    """One topic's landed offsets: `ends` per partition of this generation; `newest` over all generations.

    `given_up`: how many offsets before a partition's end `--lost-offsets skip` has passed over since its last batch;
    its next one notes them (`given_up_count`), so that the gap is known as accepted. `starts`: where a partition that
    was never landed began when a job first saw it; one that was added since begins at 0. `proofs`: the last record that
    was landed of each partition.
    """

    ends: dict[int, int] = field(default_factory=dict)
    newest: datetime | None = None
    given_up: dict[int, int] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    proofs: dict[int, Proof] = field(default_factory=dict)
    note: EndsNote | None = field(default=None, compare=False)
    warned: bool = field(default=False, compare=False)  # that `newest` is to come

    def next_landing(self, at: datetime) -> datetime:
        """The `_landed_at` of a batch with the timestamp `at`: later than every batch before it."""
        if self.newest is None or at > self.newest:
            return at
        if self.newest > at + CLOCKS_APART and not self.warned:
            self.warned = True
            log.warning(
                "Batches were landed as of %s, which is to come: the next ones follow them, and nothing is lost "
                "(docs/runbook-landing.md, The clock)",
                self.newest,
            )
        return self.newest + _TICK

    def begin(self, available: Mapping[int, int]) -> None:
        """Note where partitions begin that were never landed: `available` is each partition's first offset."""
        new = {part: first for part, first in available.items() if part not in self.ends | self.starts}
        self.starts |= new
        if new and self.note:
            self.note.write(self)

    @property
    def due(self) -> dict[int, int]:
        """The offset of each known partition from which landing goes on."""
        return self.starts | self.ends

    def lag(self, available: Mapping[int, int]) -> int:
        """How many offsets are still to be landed: `available` is the end of each partition in Kafka."""
        return sum(max(0, end - self.due.get(part, 0)) for part, end in available.items())

    def still_to_land(self, batch: Ranges) -> Ranges:
        """The part of a batch's ranges that is not landed; {} if all is.

        Raises LandingError if the batch begins after what should come next: then landing it would lose records.
        """
        rest = {}
        for partition, (first, end) in batch.items():
            due = self.due.get(partition, 0)
            if first > due:
                raise LandingError(
                    f"Offsets {due} to {first - 1} of partition {partition} are not in the landing folder but Spark is "
                    "past them: start again, and landing starts where the folder ends."
                )
            if end > max(first, due):
                rest[partition] = (max(first, due), end)
        return rest

    def pass_lost(self, available: Mapping[int, int], *, skip: bool) -> None:
        """Find the offsets that Kafka has removed before they were landed: `available` is each partition's first.

        Raises LandingError that names them, or with `skip` goes on after them, and notes it: no ledger row will ever
        cover them, and the next one counts them as given up, which `audit_landing` shows. Of a partition that was never
        landed, they are landed as a range with fewer records.
        """
        due = self.due
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
        if self.note:  # or the next start without `skip` would stop again
            self.note.write(self)

    def record(self, landed: Ranges, landed_at: datetime, proofs: Mapping[int, Proof] | None = None) -> None:
        """Take note of a published batch."""
        self.proofs |= proofs or {}
        self.ends |= {partition: end for partition, (_, end) in landed.items()}
        self.given_up = {partition: count for partition, count in self.given_up.items() if partition not in landed}
        before, self.newest = self.newest, landed_at
        if self.note and (before is None or hour_folder(before) != hour_folder(landed_at)):
            self.note.write(self)


@dataclass(frozen=True)
class EndsNote:
    """Where a start reads the ledger from: what the last one found, as of the topic's newest hour then.

    A partition that never had a record would be looked for in all of history at each start. Nothing lands before the
    topic's newest hour, so the ledger is read from the noted hour on. A note can be removed while no job runs: it costs
    one long start.
    """

    store: Store
    key: str

    def read(self) -> tuple[str, Ledger]:
        """The noted hour, '' if no batch was landed then, and what was noted with it. LandingError if it is no note."""
        content = self.store.read(self.key)
        if content is None:
            return "", Ledger()
        try:
            return self._parse(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise LandingError(
                f"{self.store.named(self.key)} cannot be read: remove it, and the start reads the ledger further back; "
                "offsets whose loss was accepted since the last batch are then reported once more."
            ) from error

    def _parse(self, found: dict[str, Any]) -> tuple[str, Ledger]:
        hour: str = found["hour"]
        if hour and not names.is_hour_folder(hour):
            raise ValueError(hour)
        ends, given_up, starts = (
            {int(part): number for part, number in found.get(key, {}).items()} for key in ("ends", "given_up", "starts")
        )
        proofs = {int(part): (offset, digest) for part, (offset, digest) in found.get("proofs", {}).items()}
        return hour, Ledger(ends, given_up=given_up, starts=starts, proofs=proofs)

    def write(self, ledger: Ledger) -> None:
        """Note a ledger as it is now."""
        hour = hour_folder(ledger.newest) if ledger.newest else ""
        parts = {"ends": ledger.ends, "given_up": ledger.given_up, "starts": ledger.starts, "proofs": ledger.proofs}
        self.store.replace(self.key, json.dumps({"hour": hour, **parts}).encode())


def read_ledger(folder: LandingFolder, topic: str, generation: str, partitions: int) -> Ledger:
    """Read the topic's ledger from its newest batch back until each of its `partitions` was seen, or to its note."""
    note = EndsNote(folder.store, names.ends_note(topic, generation))
    since, noted = note.read()
    ledger = _read(folder, topic, generation, partitions, since)
    if since and not ledger.newest:  # the note's own batch is not there: it belongs to another raw folder
        since, noted = "", Ledger()
        ledger = _read(folder, topic, generation, partitions, since)
    # What was given up stands in the partition's next batch: one that ends after the note tells of no other.
    given_up = noted.given_up.items()
    ledger.given_up = {part: count for part, count in given_up if ledger.ends.get(part, 0) <= noted.ends[part]}
    ledger.ends = {part: max(of.get(part, 0) for of in (noted.ends, ledger.ends)) for part in noted.ends | ledger.ends}
    ledger.starts = {part: first for part, first in noted.starts.items() if part not in ledger.ends}
    ledger.proofs = noted.proofs | ledger.proofs
    ledger.note = note
    if ledger.newest and hour_folder(ledger.newest) != since:
        note.write(ledger)
    return ledger


def _read(folder: LandingFolder, topic: str, generation: str, partitions: int, since: str) -> Ledger:
    ledger = Ledger()
    for hour in folder.hours(names.LEDGER, since):
        keys = folder.files(names.raw_folder(names.LEDGER, hour))
        batches = [(found, key) for key in keys if (found := names.parse_ledger_name(key.rpartition("/")[2]))]
        of_topic = [(found.landed_at, found.generation, key) for found, key in batches if found.topic == topic]
        for landed_at, of_generation, key in sorted(of_topic, reverse=True):
            ledger.newest = max(ledger.newest or landed_at, landed_at)
            if of_generation == spelled(generation):
                for row in _rows(folder, key):
                    ledger.ends.setdefault(row["_kafka_partition"], row["end_offset"])
                    if row.get("last_offset") is not None:
                        ledger.proofs.setdefault(
                            row["_kafka_partition"], (row["last_offset"], row["last_record_digest"])
                        )
            if len(ledger.ends) >= partitions:
                return ledger
    return ledger


def ledger_rows(folder: LandingFolder, topic: str, generation: str) -> Iterator[dict[str, Any]]:
    """The ledger's rows of a topic's generation, the newest batch first."""
    for hour in folder.hours(names.LEDGER):
        for key in reversed(folder.files(names.raw_folder(names.LEDGER, hour))):
            found = names.parse_ledger_name(key.rpartition("/")[2])
            if found and (found.topic, found.generation) == (topic, spelled(generation)):
                yield from _rows(folder, key)


def _rows(folder: LandingFolder, key: str) -> list[dict[str, Any]]:
    with opened(folder.store, key) as file:
        rows: list[dict[str, Any]] = file.read().to_pylist()
    return rows
