"""Dead letters to new records: read them, correct them, and produce those that fit the contract now. Needs no Spark."""

from __future__ import annotations

import hashlib
import importlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow.parquet

from contract.model import Contract, ContractError
from contract.values import Misfit
from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import hour_folder
from ingest.landing.decode import decode_one
from ingest.replay.kafka import Record, ReplayKafka
from ingest.replay.record import Coordinates, Replayed, alone, spelled

log = logging.getLogger("ingest")
_MOST = 1000  # letters in one transaction
_MOST_BYTES = 32 << 20


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


Transform = Callable[[Letter], Letter | None]


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


@dataclass
class Outcome:
    """What became of the chosen letters. `unfit` counts `topic: reason field` of those that still do not fit."""

    replayed: int = 0
    before: int = 0
    left_out: int = 0
    unfit: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        parts = [f"{self.replayed} replayed", f"{self.before} were replayed before"]
        if self.left_out:
            parts.append(f"{self.left_out} left out by the transformation")
        unfit = "; ".join(f"{count} {why}" for why, count in self.unfit.most_common())
        parts.append(f"{self.unfit.total()} still do not fit" + (f" ({unfit})" if unfit else ""))
        return ", ".join(parts)


def replay(
    folder: LandingFolder, contract: Contract, options: Mapping[str, Any], choice: Choice,
    transform: Transform | None = None, dry_run: bool = False,
) -> Outcome:  # fmt: skip
    """Produce each chosen dead letter once more, if it fits `contract` after `transform`; a dry run produces nothing.

    A letter that was replayed before is skipped, whatever happened in between. Raises LandingError.
    """
    outcome = Outcome()
    with alone(folder):
        done = Replayed(folder)
        own_id = hashlib.sha256(str(folder.path.resolve()).encode()).hexdigest()[:12]
        kafka = None if dry_run else ReplayKafka(options, f"junction-replay-{own_id}")
        if kafka and (kept := done.settle(kafka.find)):
            log.info("replay: %d transaction of a replay that was killed is in the topic", kept)
        pending: dict[str, list[tuple[Letter, Letter]]] = {}
        for letter in letters(folder, choice):
            if _coordinates(letter) in done:
                outcome.before += 1
                continue
            corrected = _correct(letter, transform, contract, outcome)
            if corrected is None:
                continue
            outcome.replayed += 1
            batch = pending.setdefault(corrected.topic, [])
            batch.append((letter, corrected))
            if len(batch) >= _MOST or sum(len(new.value or b"") for _, new in batch) >= _MOST_BYTES:
                _produce(kafka, done, corrected.topic, pending.pop(corrected.topic))
        for topic, batch in pending.items():
            _produce(kafka, done, topic, batch)
    return outcome


def letters(folder: LandingFolder, choice: Choice) -> Iterator[Letter]:
    """The chosen dead letters, oldest landing first; only hours that can hold one are opened."""
    first = hour_folder(choice.landed_from) if choice.landed_from else ""
    last = hour_folder(choice.landed_until) if choice.landed_until else "~"
    for hour in reversed(list(folder.hours(names.DEAD_LETTERS, since=first))):
        if hour > last:
            return
        for key in folder.files(names.raw_folder(names.DEAD_LETTERS, hour)):
            with folder.store.open(key) as source, pyarrow.parquet.ParquetFile(source) as file:
                for rows in file.iter_batches(batch_size=64):
                    for row in rows.to_pylist():
                        letter = _letter(row)
                        if choice.has(letter):
                            yield letter


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


def find_transform(name: str) -> Transform:
    """The function that `module:function` names, imported; raises LandingError."""
    module, colon, function = name.partition(":")
    if not colon or not module or not function:
        raise LandingError(f"{name} names no transformation: write --transform module:function.")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise LandingError(
            f"{name} cannot be imported ({error}): name a module of the folder you are in, or set PYTHONPATH."
        ) from error
    if not callable(found):
        raise LandingError(f"{name} is no function: write one that takes a Letter and returns a Letter or None.")
    return found


def _correct(letter: Letter, transform: Transform | None, contract: Contract, outcome: Outcome) -> Letter | None:
    corrected = _transformed(letter, transform) if transform else letter
    if corrected is None:
        outcome.left_out += 1
        return None
    try:
        decode_one(contract.topic(corrected.topic), corrected.value)
    except ContractError:
        outcome.unfit[f"{corrected.topic}: not in the contract"] += 1
        return None
    except Misfit as misfit:
        outcome.unfit[" ".join(filter(None, (f"{corrected.topic}:", misfit.reason.value, misfit.field)))] += 1
        return None
    return corrected


def _transformed(letter: Letter, transform: Transform) -> Letter | None:
    try:
        made = transform(letter)
    except Exception as error:  # whatever the operator's function raises, the message names the letter
        where = spelled(_coordinates(letter))
        raise LandingError(f"The transformation failed for dead letter {where}: {error!r}: correct it.") from error
    if made is None:
        return None
    if not isinstance(made, Letter):
        raise LandingError(f"The transformation returned {type(made).__name__}: return a Letter or None.")
    # Only these three are the operator's to change: the rest says where the letter came from.
    return replace(letter, topic=made.topic, key=made.key, value=made.value)


def _produce(kafka: ReplayKafka | None, done: Replayed, topic: str, batch: list[tuple[Letter, Letter]]) -> None:
    if kafka is None:
        return
    ends = kafka.ends(topic)
    records: list[Record] = []
    for old, new in batch:
        # The old place keeps the order of a key; the old time is what dbt's rules on event times are about. A record
        # without one gets that of its sending.
        partition = old.partition if old.topic == topic and old.partition in ends else -1
        millis = max(0, (old.timestamp - _EPOCH) // timedelta(milliseconds=1)) if old.timestamp else 0
        records.append((_coordinates(old), partition, millis, new.key, new.value))
    finish = done.intend(topic, [coordinates for coordinates, *_ in records], ends)
    kafka.produce(topic, records)
    finish()
    log.info("replay: %s: %d records", topic, len(records))


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _coordinates(letter: Letter) -> Coordinates:
    return letter.topic, letter.generation, letter.partition, letter.offset
