"""Everything that Kafka's topics hold against everything that landed, record by record, without Spark."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet

from contract.model import Contract, Topic
from testbed.torture.reader import catalog
from testbed.torture.truth import Place, Records


@dataclass
class Reckoning:
    """`held` is what the topics hold; `lost`, `twice` and `changed` count records.

    The digests are over all records of either side, in order.
    """

    held: int = 0
    rows: int = 0
    dead_letters: int = 0
    lost: int = 0
    twice: int = 0
    changed: int = 0
    ledger_faults: list[str] = field(default_factory=list)
    sent_digest: str = ""
    landed_digest: str = ""

    @property
    def exact(self) -> bool:
        return not (self.lost or self.twice or self.changed or self.ledger_faults) and (
            self.sent_digest == self.landed_digest
        )


def reckon(landing: Path, contract: Contract, held: Records) -> Reckoning:
    """Compare field by field, and the bytes of dead letters; also the ledger's own counts and ranges."""
    found = Reckoning(held=sum(map(len, held.values())))
    sent, landed = hashlib.sha256(), hashlib.sha256()
    for topic in contract.topics:
        there: dict[Place, str] = {}
        for place, line, dead in _landed(landing, contract, topic):
            found.twice += place in there
            found.dead_letters += dead
            found.rows += not dead
            there[place] = line
        records = held[topic.topic]
        for place in sorted(records.keys() | there.keys()):
            expected = _expected(topic, records[place].value, there.get(place, "")) if place in records else None
            found.lost += place in records and place not in there
            found.changed += place in there and there[place] != expected
            if expected is not None:
                sent.update(f"{topic.topic} {place} {expected}\n".encode())
            if place in there:
                landed.update(f"{topic.topic} {place} {there[place]}\n".encode())
    found.sent_digest, found.landed_digest = sent.hexdigest(), landed.hexdigest()
    found.ledger_faults = list(_ledger_faults(landing, found))
    return found


def _landed(landing: Path, contract: Contract, topic: Topic) -> Iterator[tuple[Place, str, bool]]:
    for path in catalog(landing, topic.table):
        for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
            if row["_kafka_topic"] == topic.topic:
                fields = {column.name: row[column.name] for column in topic.columns}
                yield (row["_kafka_partition"], row["_kafka_offset"]), _spelled(topic, fields), False
    for path in catalog(landing, contract.dead_letters.table):
        for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
            if row["_kafka_topic"] == topic.topic:
                yield (row["_kafka_partition"], row["_kafka_offset"]), f"dead {row['value_bytes']!r}", True


def _expected(topic: Topic, value: bytes | None, landed: str) -> str:
    """What a record should have become: its bytes where it is a dead letter, else its fields as JSON reads them."""
    if landed.startswith("dead "):
        return f"dead {value!r}"
    try:
        fields = json.loads(value or b"")
        fields["event_time"] = datetime.fromisoformat(fields["event_time"])
        return _spelled(topic, fields)
    except (ValueError, TypeError, KeyError):
        return f"dead {value!r}"


def _spelled(topic: Topic, fields: Mapping[str, Any]) -> str:
    spelled = {}
    for column in topic.columns:
        value = fields.get(column.name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        elif column.data_type == "double" and value is not None:
            value = float(value)
        spelled[column.name] = value
    return json.dumps(spelled, sort_keys=True)


def _ledger_faults(landing: Path, found: Reckoning) -> Iterator[str]:
    """The ledger's ranges follow each other from 0 without a gap or an overlap, also in time; its counts are true."""
    batches = [
        row
        for path in (landing / "raw" / "landed_batches").glob("*/*/*.parquet")
        for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()
    ]
    ends: dict[tuple[str, int], int] = {}
    times: dict[tuple[str, int], datetime] = {}
    for row in sorted(batches, key=lambda row: row["first_offset"]):
        where = (row["_kafka_topic"], row["_kafka_partition"])
        if row["first_offset"] != ends.get(where, 0):
            yield f"{where}: a range begins at {row['first_offset']} and the one before ends at {ends.get(where, 0)}"
        if where in times and row["_landed_at"] <= times[where]:
            yield f"{where}: the range from {row['first_offset']} was landed as of a time before the one before it"
        ends[where], times[where] = row["end_offset"], row["_landed_at"]
    for column, rows in (("row_count", found.rows), ("dead_letter_count", found.dead_letters)):
        if sum(row[column] for row in batches) != rows:
            yield f"the ledger's {column} is {sum(row[column] for row in batches)}, and {rows} are there"
    staged = [path for path in (landing / "_staging").glob("*/*") if path.parent.name != "@compact"]
    if staged:
        yield f"{len(staged)} batches are still staged"
