"""The landing protocol on files: a batch is staged, marked complete, then published by names that say its offsets.

A crash at any point leaves a batch that `recover` either finishes (marked) or throws away (unmarked). A published
name is never replaced or removed. The decision record 0002 gives the reasons.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

MANIFEST = "manifest.json"


class LandingError(RuntimeError):
    """Landing cannot go on; the message says what to do."""


def file_name(topic: str, generation: str, partition: int, first: int, end: int) -> str:
    """The name of a batch's file for one Kafka partition: offsets from `first` to before `end`; names sort by offset.

    All that follows the topic has a fixed width (Kafka's 22 characters of a generation with `.` for `-`).
    """
    return f"{topic}-{spelled(generation)}-{partition:05d}-{first:019d}-{end:019d}.parquet"


def ledger_name(topic: str, generation: str, landed_at: datetime) -> str:
    """The name of a batch's file in `landed_batches`; unique, because `landed_at` increases from batch to batch."""
    return f"{topic}-{spelled(generation)}-{landed_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.parquet"


def spelled(generation: str) -> str:
    """A Kafka topic id as file and folder names spell it."""
    return generation.replace("-", ".")


def hour_folder(landed_at: datetime) -> str:
    """`landed_date=YYYY-MM-DD/landed_hour=HH` in UTC."""
    return f"{landed_at.astimezone(UTC):landed_date=%Y-%m-%d/landed_hour=%H}"


@contextmanager
def sole_writer(landing: Path, work: str = "landing") -> Iterator[None]:
    """Hold the landing folder's lock for this kind of work; raises LandingError if another job has it.

    A crash frees it.
    """
    landing.mkdir(parents=True, exist_ok=True)
    with (landing / f"_{work}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LandingError(
                f"Another {work} job writes to {landing}: stop it, or land in another folder."
            ) from error
        yield


def stage(landing: Path, topic: str, batch_id: int) -> Path:
    """Make the batch's own folder, outside of every table's folder and on the same file system."""
    folder = landing / "_staging" / topic / f"{batch_id}.{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    return folder


def mark_complete(staging: Path, moves: Iterable[tuple[str, str]]) -> None:
    """Declare all files in `staging` written and durable: (name, its path below the landing folder), in order.

    From here on the batch will be published, by this process or by the next.
    """
    manifest = staging / (MANIFEST + ".making")
    with manifest.open("w", encoding="utf-8") as file:
        json.dump([list(move) for move in moves], file)
        file.flush()
        os.fsync(file.fileno())
    manifest.rename(staging / MANIFEST)
    for folder in (staging, staging.parent, staging.parent.parent):
        _sync(folder)


def publish(landing: Path, staging: Path) -> None:
    """Move a marked batch's files to their names, in the manifest's order; can be repeated after a crash.

    Raises LandingError rather than replace a published file.
    """
    for name, target in json.loads((staging / MANIFEST).read_text(encoding="utf-8")):
        _move(staging / name, landing / target)
    (staging / MANIFEST).unlink()
    shutil.rmtree(staging)


def recover(landing: Path, topic: str) -> int:
    """Finish the topic's marked batches and throw its unmarked ones away; the number finished."""
    finished = 0
    for staging in sorted((landing / "_staging" / topic).glob("*")):
        if (staging / MANIFEST).exists():
            publish(landing, staging)
            finished += 1
        else:
            shutil.rmtree(staging)
    return finished


def _move(source: Path, target: Path) -> None:
    _make_durable_folder(target.parent)
    try:
        os.link(source, target)  # unlike a rename, a link never replaces a file
    except FileNotFoundError:
        if not target.exists():
            raise
        return  # moved before the crash
    except FileExistsError as error:
        if not source.exists():
            return
        if not os.path.samestat(source.stat(), target.stat()):
            raise LandingError(
                f"{target} is published already and differs from {source}: keep both and report it."
            ) from error
    _sync(target.parent)
    source.unlink()


def _make_durable_folder(folder: Path) -> None:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
