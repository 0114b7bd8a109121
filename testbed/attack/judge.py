"""Hostile inputs through landing's own code: decoded, written as Parquet, read back, and judged by the oracle."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from contract.model import Contract, Topic
from contract.values import Misfit
from ingest.landing.decode import decode, decode_one
from testbed.attack.case import Maker, Sent
from testbed.city.pieces import land_batch
from testbed.oracle import project_oracle
from testbed.oracle.inputs import project_contract

_NEIGHBOURS = 40  # good records before and behind: more than the vectorised parse leaves to the exact one
_KNOWN_UNTIL_US = int(datetime(2262, 1, 1, tzinfo=UTC).timestamp()) * 10**6
Place = tuple[str, int, int]  # table, partition, offset


@dataclass
class Case:
    """One seed of a kind: for an attack by inputs what was sent. `failures`: a sentence each."""

    seed: int
    kind: str
    sent: Sequence[Sent] = ()
    failures: list[str] = field(default_factory=list)


def decoded(case: Case) -> None:
    """Each record by itself, and among good ones, becomes what its fate says; and they stay what they are."""
    contract = project_contract()
    topics = {topic.table: topic for topic in contract.topics}
    for number, sent in enumerate(case.sent):
        topic = topics[sent.table]
        good = _good(topic)
        expected = decode_one(topic, good)
        try:
            alone: Any = decode_one(topic, sent.value)
        except Misfit as misfit:
            alone = misfit
        case.failures += [f"record {number} alone: {text}" for text in _unlike(topic, alone, sent)]
        around = [good] * _NEIGHBOURS
        table, indexes, letters = decode(topic, pa.array([*around, sent.value, *around], pa.binary()))
        outcomes: dict[int, Any] = {letter.index: Misfit(letter.reason, letter.field) for letter in letters}
        outcomes |= zip(indexes.to_pylist(), _rows(table), strict=True)
        if sorted(outcomes) != list(range(2 * _NEIGHBOURS + 1)) or len(table) + len(letters) != len(outcomes):
            case.failures.append(f"record {number} among others: {len(table)} rows and {len(letters)} dead letters")
            continue
        case.failures += [
            f"record {number} among others: {text}" for text in _unlike(topic, outcomes.pop(_NEIGHBOURS), sent)
        ]
        if any(outcome != expected for outcome in outcomes.values()):
            case.failures.append(f"record {number} changes its neighbours")


class Landed:
    """A landing folder, and where each record of the cases came to lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places: dict[Place, tuple[Case, Sent]] = {}
        self._ends: dict[tuple[str, int], int] = {}
        self._number = 0

    def add(self, cases: Sequence[Case], landed_at: datetime) -> None:
        """Land all records of the cases: a batch for each topic."""
        contract = project_contract()
        for topic in contract.topics:
            rows = [self._placed(case, sent) for case in cases for sent in case.sent if sent.table == topic.table]
            if rows:
                land_batch(contract, topic, self.folder, rows, self._number, landed_at)
        self._number += 1

    def _placed(self, case: Case, sent: Sent) -> dict[str, Any]:
        offset = self._ends.get((sent.table, sent.partition), 0)
        self._ends[sent.table, sent.partition] = offset + 1
        self.places[sent.table, sent.partition, offset] = (case, sent)
        where = {"partition": sent.partition, "offset": offset, "timestamp": sent.timestamp_us}
        return {**where, "key": sent.key, "value": sent.value}


def read_back(landing: Path, places: Mapping[Place, tuple[Case, Sent]]) -> None:
    """Each record is one raw row or one dead letter, with its values, or its key and bytes."""
    contract = project_contract()
    found: dict[Place, int] = {}
    for table, row in landed_rows(landing, contract):
        topic = next(topic for topic in contract.topics if topic.topic == row["_kafka_topic"])
        place = (topic.table, row["_kafka_partition"], row["_kafka_offset"])
        case, sent = places[place]
        found[place] = found.get(place, 0) + 1
        where = f"landed record {place}"
        known = sent.timestamp_us is not None and 0 <= sent.timestamp_us < _KNOWN_UNTIL_US
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=sent.timestamp_us or 0) if known else None
        if row["_kafka_timestamp"] != at:
            case.failures.append(f"{where}: Kafka timestamp {row['_kafka_timestamp']}, expected {at}")
        if table == "dead_letters":
            outcome: Any = Misfit(row["reason"], row["field"])
            if (row["key_bytes"], row["value_bytes"]) != (sent.key, sent.value):
                case.failures.append(f"{where}: the dead letter has another key or value")
        else:
            outcome = tuple(row[name] for name in [*(column.name for column in topic.columns), "_rescued"])
        case.failures += [f"{where}: {text}" for text in _unlike(topic, outcome, sent)]
    for place, (case, _) in places.items():
        if found.get(place) != 1:
            case.failures.append(f"landed record {place} is there {found.get(place, 0)} times")


def landed_rows(landing: Path, contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row of the raw tables of topics and of the dead letters."""
    for table in [*(topic.table for topic in contract.topics), "dead_letters"]:
        for path in sorted((landing / "raw" / table).glob("landed_date=*/landed_hour=*/*.parquet")):
            for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
                yield table, row


def judged(landing: Path, places: Mapping[Place, tuple[Case, Sent]]) -> None:
    """The oracle judges each row as its author does."""
    oracle = project_oracle(landing)
    for table in sorted({table for table, _, _ in places}):
        rows = oracle.mart(f"int_{table}_received").select(
            ["_kafka_partition", "_kafka_offset", "row_status", "invalid_reason"]
        )
        compare_judgements(table, rows, places, "the oracle")


def compare_judgements(table: str, rows: pa.Table, places: Mapping[Place, tuple[Case, Sent]], who: str) -> None:
    """Add a sentence for each row that is not judged as its author says, or that is not there once."""
    there: dict[Place, list[tuple[str, str | None]]] = {}
    for row in rows.to_pylist():
        place = (table, row["_kafka_partition"], row["_kafka_offset"])
        there.setdefault(place, []).append((row["row_status"], row["invalid_reason"]))
    for place, (case, sent) in places.items():
        if place[0] != table:
            continue
        found = there.pop(place, [])
        if len(found) != (sent.fate.reason is None):
            case.failures.append(f"{who}: {place} is in received {len(found)} times")
        elif found and sent.fate.status and found[0] != (sent.fate.status, sent.fate.invalid):
            expected = (sent.fate.status, sent.fate.invalid)
            case.failures.append(f"{who}: {place} is {found[0]}, expected {expected}: {sent.value!r:.300}")
    for place in there:
        places[next(iter(places))][0].failures.append(f"{who}: {place} is in received and was never sent")


def _good(topic: Topic) -> bytes:
    make = Maker(0)
    return make.text(make.fields(topic.table))


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


def _unlike(topic: Topic, outcome: Any, sent: Sent) -> list[str]:
    """How an outcome (a Misfit, or the values of a row with _rescued) differs from the fate."""
    fate = sent.fate
    shown = f"{sent.value!r:.200}"
    if isinstance(outcome, Misfit):
        reason = getattr(outcome.reason, "value", outcome.reason)
        if fate.reason is None or (str(reason), outcome.field) != (fate.reason, fate.named):
            expected = f"{fate.reason} {fate.named}" if fate.reason else "a row"
            return [f"became {reason} {outcome.field}, expected {expected}: {shown}"]
        return []
    if fate.reason is not None:
        return [f"became a row, expected {fate.reason} {fate.named}: {shown}"]
    kinds = [*((column.name, column.kind) for column in topic.columns), ("_rescued", "varchar")]
    return [
        f"{name} is {value!r:.80}, expected {fate.row.get(name)!r:.80}: {shown}"
        for (name, kind), value in zip(kinds, outcome, strict=True)
        if not _same(kind, value, fate.row.get(name))
    ]


def _same(kind: str, value: Any, expected: Any) -> bool:
    if kind == "double" and value is not None and expected is not None:
        return struct.pack("d", value) == struct.pack("d", float(expected))
    return bool(value == expected)
