"""Which dead letters were produced again: files beside `raw`, one per Kafka transaction, that are never removed.

An intent is written before the transaction and becomes a record when it is committed. A crash in between leaves the
intent, and the topic itself then tells whether its records are there: by their header, from the offsets that the intent
holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder

Coordinates = tuple[str, str, int, int]  # topic, generation, partition, offset
# Asks the topic which coordinates stand in headers at or after the given offsets per partition.
Finder = Callable[[str, dict[int, int]], set[Coordinates]]
_FOLDER = "replayed"
_INTENT, _DONE = ".intent", ".json"


@dataclass(frozen=True)
class Intent:
    """A note that letters are about to be produced: call `finish` once they are, `drop` if none was."""

    finish: Callable[[], None]
    drop: Callable[[], None]


class Replayed:
    """The record of one landing folder. Hold `alone` while using it."""

    def __init__(self, folder: LandingFolder) -> None:
        self._store = folder.store
        self._done: set[Coordinates] = set()
        for name in self._notes(_DONE):
            self._done |= _letters(self._read(name))

    def __contains__(self, coordinates: Coordinates) -> bool:
        return coordinates in self._done

    def settle(self, find: Finder) -> int:
        """Finish what a crash left: keep an intent whose records are in the topic, drop the others; the number kept.

        All records of an intent are in the topic or none is, since they are one transaction.
        """
        kept = 0
        for name in self._notes(_INTENT):
            intent = self._read(name)
            letters = _letters(intent)
            if letters & find(intent["topic"], {int(at): offset for at, offset in intent["from_offsets"].items()}):
                self._finish(name, intent)
                kept += 1
            else:
                self._store.remove(_FOLDER, [name])
        return kept

    def intend(self, topic: str, letters: Sequence[Coordinates], from_offsets: dict[int, int]) -> Intent:
        """Note durably that `letters` are about to be produced; tell what is returned whether they were.

        `from_offsets`: the end of each partition of the topic before that. Raises LandingError if one was replayed.
        """
        again = sorted(set(letters) & self._done)
        if again or len(set(letters)) != len(letters):
            raise LandingError(f"Dead letter {spelled(again[0] if again else letters[0])} would be replayed twice.")
        at = datetime.now(UTC)
        name = f"{topic}-{names.stamp(at)}{_INTENT}"
        intent = {"topic": topic, "at": at.isoformat(), "from_offsets": from_offsets, "letters": letters}
        intended = self._store.put_new(f"{_FOLDER}/{name}", json.dumps(intent).encode())
        assert intended, f"{_FOLDER}/{name} is there already"
        return Intent(lambda: self._finish(name, intent), lambda: self._store.remove(_FOLDER, [name]))

    def _finish(self, name: str, intent: dict[str, Any]) -> None:
        """The intent becomes the record: a crash in between leaves both, which say the same."""
        self._store.copy(f"{_FOLDER}/{name}", f"{_FOLDER}/{name.removesuffix(_INTENT)}{_DONE}")
        self._store.remove(_FOLDER, [name])
        self._done |= _letters(intent)

    def _notes(self, suffix: str) -> list[str]:
        a_note = re.compile(rf".+-\d{{8}}T\d{{12}}Z{re.escape(suffix)}")
        listed = self._store.list(_FOLDER)
        return [name for name in listed if a_note.fullmatch(name) and not names.is_stray(name)]

    def _read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._store.read(f"{_FOLDER}/{name}") or b"")
        return found


@contextmanager
def alone(folder: LandingFolder) -> Iterator[None]:
    """Hold the replay lock of a landing folder (landing itself may go on); LandingError if another replay has it."""
    with folder.store.alone("replay") as is_alone:
        if not is_alone:
            raise LandingError(f"Another replay works on {folder.name}: let it end first.")
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
