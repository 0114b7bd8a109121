"""Dead letters to new records: read them, correct them, and produce those that fit the contract now. Needs no Spark."""

from __future__ import annotations

import hashlib
import importlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from contract.model import Contract, ContractError
from contract.values import Misfit
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.decode import decode_one
from ingest.replay.kafka import Record, Refused, ReplayKafka
from ingest.replay.letters import Choice, Letter, coordinates, letters
from ingest.replay.record import Replayed, alone, spelled

log = logging.getLogger("ingest")
_MOST = 1000  # letters in one transaction
_MOST_BYTES = 32 << 20
Transform = Callable[[Letter], Letter | None]


def _counts(reasons: Counter[str]) -> str:
    return "; ".join(f"{count} {why}" for why, count in reasons.most_common())


@dataclass
class Outcome:
    """What became of the chosen letters.

    `unfit` counts `topic: reason field` of those that still do not fit, `refused` `topic: the broker's reason`.
    """

    replayed: int = 0
    before: int = 0
    left_out: int = 0
    unfit: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        parts = [f"{self.replayed} replayed", f"{self.before} were replayed before"]
        if self.left_out:
            parts.append(f"{self.left_out} left out by the transformation")
        if self.refused:
            parts.append(f"{self.refused.total()} refused by the broker ({_counts(self.refused)})")
        parts.append(f"{self.unfit.total()} still do not fit" + (f" ({_counts(self.unfit)})" if self.unfit else ""))
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
        own_id = hashlib.sha256(folder.store.identity().encode()).hexdigest()[:12]
        # The producer first: from here on a replay that is paused, or goes on elsewhere, can commit nothing.
        kafka = None if dry_run else ReplayKafka(options, f"junction-replay-{own_id}")
        done = Replayed(folder)
        if kafka and (kept := done.settle(kafka.find)):
            log.info("replay: %d transaction of a replay that was killed is in the topic", kept)
        pending: dict[str, list[tuple[Letter, Letter]]] = {}
        for letter in letters(folder, choice):
            if coordinates(letter) in done:
                outcome.before += 1
                continue
            corrected = _correct(letter, transform, contract, outcome)
            if corrected is None:
                continue
            batch = pending.setdefault(corrected.topic, [])
            batch.append((letter, corrected))
            if len(batch) >= _MOST or sum(len(new.value or b"") for _, new in batch) >= _MOST_BYTES:
                _produce(kafka, done, corrected.topic, pending.pop(corrected.topic), outcome)
        for topic, batch in pending.items():
            _produce(kafka, done, topic, batch, outcome)
    return outcome


def find_transform(name: str) -> Transform:
    """The function that `module:function` names, imported; raises LandingError."""
    module, colon, function = name.partition(":")
    if not colon or not module or not function:
        raise LandingError(f"{name} names no transformation: write --transform module:function.")
    try:
        found = getattr(importlib.import_module(module), function)
    except Exception as error:  # whatever the operator's module raises, or a name that is none
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
        where = spelled(coordinates(letter))
        raise LandingError(f"The transformation failed for dead letter {where}: {error!r}: correct it.") from error
    if made is None:
        return None
    if not isinstance(made, Letter):
        raise LandingError(f"The transformation returned {type(made).__name__}: return a Letter or None.")
    # Only these three are the operator's to change: the rest says where the letter came from.
    return replace(letter, topic=made.topic, key=made.key, value=made.value)


def _produce(
    kafka: ReplayKafka | None, done: Replayed, topic: str, batch: list[tuple[Letter, Letter]], outcome: Outcome
) -> None:
    """Produce a batch; of one with letters that the broker refuses, by halves, all others."""
    if kafka is None:
        outcome.replayed += len(batch)
        return
    ends = kafka.ends(topic)
    todo = [batch]
    while todo:
        part = todo.pop()
        try:
            _transact(kafka, done, topic, part, ends)
        except Refused as refused:
            # A broker refuses all records that were sent together: only one by itself is the cause for sure.
            if len(part) > 1:
                todo += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            outcome.refused[f"{topic}: {refused.reason}"] += 1
            which = spelled(coordinates(part[0][0]))
            log.warning("replay: the broker refused dead letter %s: %s", which, refused.reason)
        else:
            outcome.replayed += len(part)
            log.info("replay: %s: %d records", topic, len(part))


def _transact(
    kafka: ReplayKafka, done: Replayed, topic: str, batch: list[tuple[Letter, Letter]], ends: dict[int, int]
) -> None:
    records: list[Record] = []
    for old, new in batch:
        # The old place keeps the order of a key; the old time is what dbt's rules on event times are about. A record
        # without one gets that of its sending.
        partition = old.partition if old.topic == topic and old.partition in ends else -1
        millis = max(0, (old.timestamp - _EPOCH) // timedelta(milliseconds=1)) if old.timestamp else 0
        records.append((coordinates(old), partition, millis, new.key, new.value))
    intent = done.intend(topic, [where for where, *_ in records], ends)
    try:
        kafka.produce(topic, records)
    except Refused:
        intent.drop()
        raise
    intent.finish()


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
