"""Is Kafka's log still the one that was landed? A broker that was restored from an older copy, or elected out of sync,
gives old offsets to new records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ingest.errors import ChangedLogError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import EndsNote, Ledger, Proof, ledger_rows
from ingest.folder.names import spelled
from ingest.landing.kafka_time import micros

_KEPT = 19  # characters of a topic id that a later life of the log keeps
Read = Callable[[int, int], "Record | None"]  # partition, offset: the record there, None if there is none


@dataclass(frozen=True)
class Record:
    """A record as Kafka holds it. `timestamp` is in epoch ms; None, as any that `micros` cannot hold."""

    timestamp: int | None
    key: bytes | None
    value: bytes | None

    def digest(self) -> str:
        """32 hexadecimal digits that another record does not have."""
        held = None if self.timestamp is None or micros(self.timestamp) is None else self.timestamp
        texts = (b"-" if part is None else b"+" + part for part in (self.key, self.value))
        parts = (str(held).encode(), *texts)
        lengths = ",".join(str(len(part)) for part in parts)
        return hashlib.sha256(lengths.encode() + b"".join(parts)).hexdigest()[:32]


def check_log(
    folder: LandingFolder, topic: str, generation: str, ledger: Ledger,
    first: Mapping[int, int], ends: Mapping[int, int], read: Read,
) -> None:  # fmt: skip
    """Raise ChangedLogError that names the offsets, if Kafka holds other records than were landed at them, or fewer.

    `first`, `ends`: what Kafka has of each partition. A record that retention or compaction removed proves nothing.
    """
    replaced = {}
    for part in sorted(ledger.ends.keys() & ends.keys()):
        begin, end, proof = first.get(part, 0), ends[part], ledger.proofs.get(part)
        if end < ledger.ends[part] or (proof and not _holds(proof, part, begin, end, read)):
            since = _last_same(folder, topic, generation, part, begin, end, read)
            replaced[part] = (since, ledger.ends[part])
    if replaced:
        which = ", ".join(f"{since} to {end - 1} of partition {part}" for part, (since, end) in replaced.items())
        raise ChangedLogError(
            f"Kafka's log went back: what was landed as offsets {which} is no longer there (a broker was restored from "
            "an older copy, or elected out of sync): find out why, then start once with --changed-log land; the topic "
            "is landed again as a new generation, and what is there twice becomes duplicates."
        )


def current_generation(folder: LandingFolder, topic: str, topic_id: str) -> str:
    """The newest life of a topic's log: Kafka's topic id, or what `next_generation` made of it."""
    lives = "".join(re.escape(part) for part in (topic, "-", spelled(topic_id)[:_KEPT]))
    a_life = re.compile(rf"{lives}(~\d\d|{re.escape(spelled(topic_id)[_KEPT:])})\.json")
    noted = [match[1] for name in folder.store.list(names.ENDS) if (match := a_life.fullmatch(name))]
    since = _noted_hour(folder, topic, topic_id, noted)
    landed = _newest_landed(folder, topic, since) or _newest_landed(folder, topic, "")  # notes of another raw folder
    found = [*noted, landed[_KEPT:]] if landed.startswith(spelled(topic_id)[:_KEPT]) else noted
    newest = max((end for end in found if end.startswith("~")), default="")
    return topic_id[:_KEPT] + newest if newest else topic_id


def _noted_hour(folder: LandingFolder, topic: str, topic_id: str, noted: Iterable[str]) -> str:
    """The newest hour in the notes of a log's lives: nothing of the topic was landed before it since."""
    keys = [names.ends_note(topic, topic_id[:_KEPT] + end) for end in noted]
    return max((EndsNote(folder.store, key).read()[0] for key in keys), default="")


def _newest_landed(folder: LandingFolder, topic: str, since: str) -> str:
    """The generation (names.spelled) of the topic's newest batch in the hours from `since` on; "" if there is none.

    The notes can be removed, the ledger not. Times of landing only increase, so the newest batch is of the newest life.
    """
    for hour in folder.hours(names.LEDGER, since):
        found = map(names.parse_ledger_name, folder.store.list(names.raw_folder(names.LEDGER, hour)))
        of_topic = [batch for batch in found if batch and batch.topic == topic]
        if of_topic:
            return max(of_topic, key=lambda batch: batch.landed_at).generation
    return ""


def next_generation(generation: str) -> str:
    """The life after this one, of the same length: `~02` takes the place of the last characters, then `~03`."""
    number = int(generation[-2:]) if generation[-3] == "~" else 1
    return f"{generation[:_KEPT]}~{number + 1:02d}"


def _holds(proof: Proof, partition: int, first: int, end: int, read: Read) -> bool:
    offset, digest = proof
    if offset < first:
        return True
    if offset >= end:
        return False
    record = read(partition, offset)
    return record is None or record.digest() == digest


def _last_same(
    folder: LandingFolder, topic: str, generation: str, partition: int, first: int, end: int, read: Read
) -> int:
    """The offset after the newest batch whose last record is still there, or Kafka's end if that is before it.

    Else the first that Kafka has, and its end where no batch has kept a proof: then the length is all that is known.
    """
    since = end
    for row in ledger_rows(folder, topic, generation):
        if row["_kafka_partition"] == partition and row.get("last_offset") is not None:
            proof = (row["last_offset"], row["last_record_digest"])
            since = first
            if proof[0] < first:
                break
            if _holds(proof, partition, first, end, read):
                return min(int(row["end_offset"]), end)
    return since
