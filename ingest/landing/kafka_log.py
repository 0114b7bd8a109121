"""Is Kafka's log still the one that was landed? A broker that was restored from an older copy, or elected out of sync,
gives old offsets to new records.
"""

from __future__ import annotations

import hashlib
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


def micros(millis: int) -> int | None:
    """Epoch ms as microseconds; None if 64 bits do not hold them."""
    return millis * 1000 if -(2**63) <= millis * 1000 < 2**63 else None


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
    found = [topic_id]
    for name in folder.store.list("_ends"):
        if name.startswith(f"{topic}-{spelled(topic_id)[:_KEPT]}~") and name.endswith(".json"):
            found.append(topic_id[:_KEPT] + name.removesuffix(".json")[-3:])
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
