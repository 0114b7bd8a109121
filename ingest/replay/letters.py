"""Dead letters, read from the landing folder. Needs no Spark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import FileName, hour_folder
from ingest.folder.parquet import opened
from ingest.landing.kafka_time import held
from ingest.replay.record import Coordinates


@dataclass(frozen=True)
class Letter:
    """A dead letter. A transformation returns another by `dataclasses.replace(letter, value=…)`, key= or topic=."""

    topic: str
    generation: str
    partition: int
    offset: int
    timestamp: datetime | None  # Kafka's, in UTC; None if it could not be held
    landed_at: datetime
    reason: str
    field: str | None
    key: bytes | None
    value: bytes | None


@dataclass(frozen=True)
class Choice:
    """Which dead letters: an empty tuple or None chooses all. `landed_from` is included, `landed_until` is not."""

    topics: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    landed_from: datetime | None = None
    landed_until: datetime | None = None

    def has(self, letter: Letter) -> bool:
        return (
            (not self.topics or letter.topic in self.topics)
            and (not self.reasons or letter.reason in self.reasons)
            and (self.landed_from is None or letter.landed_at >= self.landed_from)
            and (self.landed_until is None or letter.landed_at < self.landed_until)
        )


def letters(folder: LandingFolder, choice: Choice) -> Iterator[Letter]:
    """The chosen dead letters, oldest landing first; only hours that can hold one are opened.

    What `expire` has removed is read from the hour's compacted copy, also if it goes on meanwhile; each letter once.
    """
    first = hour_folder(choice.landed_from) if choice.landed_from else ""
    last = hour_folder(choice.landed_until) if choice.landed_until else "~"
    for hour in folder.kept_hours(names.DEAD_LETTERS, since=first):
        if hour > last:
            return
        for letter in _of_hour(folder, hour):
            if choice.has(letter):
                yield letter


def _of_hour(folder: LandingFolder, hour: str) -> Iterator[Letter]:
    """All letters of a landing hour: of its small files, then of its compacted copy those of files that are gone."""
    read: set[FileName] = set()
    for key in folder.files(names.raw_folder(names.DEAD_LETTERS, hour)):
        found = names.parse_file_name(key.rpartition("/")[2])
        if not found:  # somebody else's
            continue
        try:
            yield from _in_file(folder, key)
        except FileNotFoundError:  # expired since it was listed
            continue
        read.add(found)
    ranges: dict[tuple[str, str, int], list[tuple[int, int]]] = {}
    for name in read:
        ranges.setdefault((name.topic, name.generation, name.partition), []).append((name.first, name.end))
    for key in folder.files(names.compacted_folder(names.DEAD_LETTERS, hour)):
        for letter in _in_file(folder, key):
            place = (letter.topic, names.spelled(letter.generation), letter.partition)
            if not any(first <= letter.offset < end for first, end in ranges.get(place, [])):
                yield letter


def _in_file(folder: LandingFolder, key: str) -> Iterator[Letter]:
    with opened(folder.store, key) as file:
        for rows in file.iter_batches(batch_size=64):
            # Older versions landed any timestamp: one beyond the year 9999 is no time of Python's.
            place = rows.schema.get_field_index("_kafka_timestamp")
            rows = rows.set_column(place, "_kafka_timestamp", held(rows.column(place)))
            yield from map(_letter, rows.to_pylist())


def _letter(row: dict[str, Any]) -> Letter:
    return Letter(
        topic=row["_kafka_topic"],
        generation=row["_kafka_generation"],
        partition=row["_kafka_partition"],
        offset=row["_kafka_offset"],
        timestamp=row["_kafka_timestamp"],
        landed_at=row["_landed_at"],
        reason=row["reason"],
        field=row["field"],
        key=row["key_bytes"],
        value=row["value_bytes"],
    )


def coordinates(letter: Letter) -> Coordinates:
    """Where the letter's record is in Kafka."""
    return letter.topic, letter.generation, letter.partition, letter.offset
