"""Is Kafka's log still the one that was landed? A broker that was restored from an older copy, or elected out of sync,
gives old offsets to new records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingest.errors import ChangedLogError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, Proof, ledger_rows
from ingest.folder.names import spelled

_KEPT = 19  # characters of a topic id that a later life of the log keeps
Read = Callable[[int, int], "Record | None"]  # partition, offset: the record there, None if there is none


@dataclass(frozen=True)
class Record:
    """A record as Kafka holds it. `timestamp` is in epoch ms; None, as any that 64 bits of microseconds cannot hold."""

    timestamp: int | None
    key: bytes | None
    value: bytes | None

    def digest(self) -> str:
        """32 hexadecimal digits that another record does not have."""
        held = self.timestamp is not None and -(2**63) <= self.timestamp * 1000 < 2**63
        texts = (b"-" if part is None else b"+" + part for part in (self.key, self.value))
        parts = (str(self.timestamp if held else None).encode(), *texts)
        lengths = ",".join(str(len(part)) for part in parts)
        return hashlib.sha256(lengths.encode() + b"".join(parts)).hexdigest()[:32]


def check_log(
    folder: LandingFolder, topic: str, generation: str, ledger: Ledger,
    first: Mapping[int, int], ends: Mapping[int, int], read: Read,
) -> None:  # fmt: skip
    """Raise ChangedLogError that names the offsets, if Kafka holds other records than were landed at them.

    `first`, `ends`: what Kafka has of each partition. A record that retention or compaction removed proves nothing.
    """
    replaced = {}
    for part, proof in sorted(ledger.proofs.items()):
        if part in ends and not _holds(proof, part, first.get(part, 0), ends[part], read):
            since = _last_same(folder, topic, generation, part, first.get(part, 0), ends[part], read)
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
    found = [topic_id]
    note = re.compile(re.escape(f"{topic}-{spelled(topic_id)[:_KEPT]}") + r"(~[0-9]{2})\.json")
    for name in folder.store.list("_ends"):
        if match := note.fullmatch(name):
            found.append(topic_id[:_KEPT] + match[1])
    return max(found, key=lambda generation: generation[-2:] if "~" in generation else "")


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
    """The offset after the newest batch whose last record is still there; else the first that Kafka has."""
    for row in ledger_rows(folder, topic, generation):
        if row["_kafka_partition"] == partition and row.get("last_offset") is not None:
            proof = (row["last_offset"], row["last_record_digest"])
            if proof[0] >= first and _holds(proof, partition, first, end, read):
                return int(row["end_offset"])
            if proof[0] < first:
                break
    return first
