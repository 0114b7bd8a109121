"""Which dead letters were produced again: files beside `raw`, one per Kafka transaction, that are never removed.

An intent is written before the transaction and renamed when it is committed. A crash in between leaves the intent, and
the topic itself then tells whether its records are there: by their header, from the offsets that the intent holds.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import LandingError

Coordinates = tuple[str, str, int, int]  # topic, generation, partition, offset
# Asks the topic which coordinates stand in headers at or after the given offsets per partition.
Finder = Callable[[str, dict[int, int]], set[Coordinates]]
_INTENT = ".intent"


class Replayed:
    """The record of one landing folder. Hold `alone` while using it."""

    def __init__(self, landing: Path) -> None:
        self._folder = landing / "replayed"
        self._done: set[Coordinates] = set()
        for path in sorted(self._folder.glob("*.json")):
            self._done |= _letters(json.loads(path.read_text(encoding="utf-8")))

    def __contains__(self, coordinates: Coordinates) -> bool:
        return coordinates in self._done

    def settle(self, find: Finder) -> int:
        """Finish what a crash left: keep an intent whose records are in the topic, drop the others; the number kept.

        All records of an intent are in the topic or none is, since they are one transaction.
        """
        kept = 0
        for path in sorted(self._folder.glob(f"*{_INTENT}")):
            intent = json.loads(path.read_text(encoding="utf-8"))
            letters = _letters(intent)
            if letters & find(intent["topic"], {int(at): offset for at, offset in intent["from_offsets"].items()}):
                self._finish(path, letters)
                kept += 1
            else:
                path.unlink()
        return kept

    def intend(self, topic: str, letters: Sequence[Coordinates], from_offsets: dict[int, int]) -> Callable[[], None]:
        """Note durably that `letters` are about to be produced; call what is returned once they are.

        `from_offsets`: the end of each partition of the topic before that. Raises LandingError if one was replayed.
        """
        again = sorted(set(letters) & self._done)
        if again or len(set(letters)) != len(letters):
            raise LandingError(f"Dead letter {spelled(again[0] if again else letters[0])} would be replayed twice.")
        self._folder.mkdir(parents=True, exist_ok=True)
        at = datetime.now(UTC)
        name = f"{topic}-{at:%Y%m%dT%H%M%S%fZ}"
        path = self._folder / f"{name}{_INTENT}"
        note = {"topic": topic, "at": at.isoformat(), "from_offsets": from_offsets, "letters": letters}
        _write(path, note)
        return lambda: self._finish(path, set(letters))

    def _finish(self, path: Path, letters: set[Coordinates]) -> None:
        path.rename(path.with_suffix(".json"))
        _sync(self._folder)
        self._done |= letters


@contextmanager
def alone(landing: Path) -> Iterator[None]:
    """Hold the replay lock of a landing folder (landing itself may go on); LandingError if another replay has it."""
    if not landing.is_dir():
        raise LandingError(f"There is no landing folder {landing}: say with --landing where the job landed.")
    with (landing / "_replay.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LandingError(f"Another replay works on {landing}: let it end first.") from error
        yield


def spelled(coordinates: Coordinates) -> str:
    """`topic/generation/partition/offset`, as the header has it; no part can hold a slash."""
    return "/".join(str(part) for part in coordinates)


def parsed(text: str) -> Coordinates:
    """The inverse of `spelled`; ValueError if it is nothing of the kind."""
    topic, generation, partition, offset = text.split("/")
    return topic, generation, int(partition), int(offset)


def _letters(note: dict[str, Any]) -> set[Coordinates]:
    return {(topic, generation, partition, offset) for topic, generation, partition, offset in note["letters"]}


def _write(path: Path, note: dict[str, Any]) -> None:
    making = path.with_suffix(".making")
    with making.open("w", encoding="utf-8") as file:
        json.dump(note, file)
        file.flush()
        os.fsync(file.fileno())
    making.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
