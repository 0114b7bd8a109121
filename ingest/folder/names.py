"""Names in the landing folder: a key is a path below it, with `/`. Each name is spelled and parsed here only."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import NamedTuple

LEDGER = "landed_batches"
DEAD_LETTERS = "dead_letters"
COMPACTED_HOURS = "compacted_hours"
STAGING = "_staging"
BATCHES = "_batches"
COPIES = "@compact"  # no topic can have this name
ENDS = "_ends"

_HOUR = "landed_date=%Y-%m-%d/landed_hour=%H"
_STAMP = "%Y%m%dT%H%M%S%fZ"
_FILE_NAME = re.compile(r"(.+)-(.{22})-(\d{5})-(\d{19})-(\d{19})\.parquet")
_STAGED_NAME = re.compile(r"\d+\.[0-9a-f]+")
_BATCH_MANIFEST = re.compile(r"after-\d{8}T\d{12}Z\.json")
_RECORD_NAME = re.compile(r"[a-z][a-z0-9_]*-(\d{8}T\d{12}Z)\.parquet")
_LEDGER_NAME = re.compile(r"(.+)-(.{22})-(\d{8}T\d{12}Z)\.parquet")


class FileName(NamedTuple):
    """What a raw or dead-letter file's name holds. `generation` is `spelled`; `end` is exclusive."""

    topic: str
    generation: str
    partition: int
    first: int
    end: int


class LedgerName(NamedTuple):
    """What the name of a batch's ledger file holds. `generation` is `spelled`."""

    topic: str
    generation: str
    landed_at: datetime


def file_name(topic: str, generation: str, partition: int, first: int, end: int) -> str:
    """The name of a batch's file for one Kafka partition: offsets from `first` to before `end`; names sort by offset.

    All that follows the topic has a fixed width (Kafka's 22 characters of a generation with `.` for `-`).
    """
    return f"{topic}-{spelled(generation)}-{partition:05d}-{first:019d}-{end:019d}.parquet"


def parse_file_name(name: str) -> FileName | None:
    """The parts of a `file_name`; None for any other name."""
    match = _FILE_NAME.fullmatch(name)
    return FileName(match[1], match[2], int(match[3]), int(match[4]), int(match[5])) if match else None


def ledger_name(topic: str, generation: str, landed_at: datetime) -> str:
    """The name of a batch's file in `landed_batches`; unique, because `landed_at` increases from batch to batch."""
    return f"{topic}-{spelled(generation)}-{stamp(landed_at)}.parquet"


def parse_ledger_name(name: str) -> LedgerName | None:
    """The parts of a `ledger_name`; None for any other name."""
    match = _LEDGER_NAME.fullmatch(name)
    try:
        return LedgerName(match[1], match[2], parse_stamp(match[3])) if match else None
    except ValueError:  # digits that are no time
        return None


def record_name(table: str, at: datetime) -> str:
    """The name of a file in `compacted_hours`: of a table that was compacted then."""
    return f"{table}-{stamp(at)}.parquet"


def parse_record_name(name: str) -> datetime | None:
    """When the compaction of a `record_name` was; None for any other name."""
    match = _RECORD_NAME.fullmatch(name)
    try:
        return parse_stamp(match[1]) if match else None
    except ValueError:  # digits that are no time
        return None


def batch_manifest(topic: str, previous: datetime | None) -> str:
    """The key of the manifest of a topic's batch: named for the `landed_at` of the batch before it, None for none."""
    if previous is None:
        return f"{BATCHES}/{topic}/first.json"
    return f"{BATCHES}/{topic}/{hour_folder(previous)}/after-{stamp(previous)}.json"


def is_batch_manifest(name: str) -> bool:
    """Whether it is the name of a `batch_manifest` that has a batch before it; these sort by time."""
    return _BATCH_MANIFEST.fullmatch(name) is not None


def copy_manifest(table: str, hour: str) -> str:
    """The key of the manifest of a compaction: of a table's landing hour."""
    return f"{BATCHES}/{COPIES}/{table}/{hour}/copy.json"


def staged_name(number: int) -> str:
    """A new name for the folder of a staged batch, by itself also when the number was staged before."""
    return f"{number}.{uuid.uuid4().hex[:8]}"


def is_staged_name(name: str) -> bool:
    """Whether it is a `staged_name`; what else lies there, such as NFS's `.nfs…` of a file still open, is no batch."""
    return _STAGED_NAME.fullmatch(name) is not None


def spelled(generation: str) -> str:
    """A Kafka topic id as file and folder names spell it."""
    return generation.replace("-", ".")


def stamp(at: datetime) -> str:
    """A time in a name: UTC, to the microsecond, of a fixed width."""
    return f"{at.astimezone(UTC):{_STAMP}}"


def parse_stamp(text: str) -> datetime:
    """The time of a `stamp`, in UTC; ValueError if it is none."""
    return datetime.strptime(text, _STAMP).replace(tzinfo=UTC)


def hour_folder(landed_at: datetime) -> str:
    """`landed_date=YYYY-MM-DD/landed_hour=HH` in UTC."""
    return f"{landed_at.astimezone(UTC):{_HOUR}}"


def hour_of(folder: str) -> datetime:
    """The begin of an `hour_folder`, in UTC."""
    return datetime.strptime(folder, _HOUR).replace(tzinfo=UTC)


def is_hour_folder(name: str) -> bool:
    """Whether it is an `hour_folder`; what else lies there, such as a copy `landed_hour=08.bak`, is no hour."""
    try:
        return hour_folder(hour_of(name)) == name
    except ValueError:
        return False


def is_stray(name: str) -> bool:
    """Whether every reader passes the file over: NFS, file browsers and engines leave such beside landing's files."""
    return name.startswith((".", "_"))


def ends_note(topic: str, generation: str) -> str:
    """The key of the note of a topic's ends."""
    return f"{ENDS}/{topic}-{spelled(generation)}.json"


def raw_folder(table: str, hour: str) -> str:
    """The folder of a table's landing hour (`hour_folder`), as landing writes it."""
    return f"raw/{table}/{hour}"


def compacted_folder(table: str, hour: str) -> str:
    """The folder of the large files of a table's landing hour."""
    return f"compacted/{table}/{hour}"
