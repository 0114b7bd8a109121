"""Lands a simulated city with the landing job's own code, without Kafka and Spark: a batch per topic and piece."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa

from contract.model import Contract, Topic
from contract.options import Place
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import read_ledger
from ingest.landing.batch import Batch, Schemas
from simulator.__main__ import main as simulate
from testbed.landing.without_spark import land

PARTITIONS = 2
GENERATION = "standinGeneration00001"
_RECORD = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("timestamp", pa.timestamp("us", tz="UTC")),
        ("key", pa.binary()),
        ("value", pa.binary()),
    ]
)
Records = Mapping[str, Sequence[dict[str, Any]]]  # rows of _RECORD, by Kafka name of the topic, in send order


@dataclass(frozen=True)
class City:
    """What a simulation sent, each record with the partition and offset that Kafka would have given it."""

    records: Records

    def land(self, landing: Place, piece: int, of: int, landed_at: datetime) -> None:
        """Land the `piece`th of `of` pieces, counted from 0, as if the clock said `landed_at`."""
        contract = load_contract()
        for topic in contract.topics:
            sent = self.records.get(topic.topic, [])
            rows = sent[len(sent) * piece // of : len(sent) * (piece + 1) // of]
            if rows:
                land_batch(contract, topic, landing, rows, piece, landed_at)


def city(folder: Path, *options: str) -> City:
    """Simulate with the simulator's `options`, into `folder`."""
    assert simulate(["--to-files", str(folder), *options]) == 0
    files = {topic.topic: folder / f"{topic.topic}.jsonl" for topic in load_contract().topics}
    return City({topic: list(_records(file)) for topic, file in files.items() if file.exists()})


def _records(file: Path) -> Iterator[dict[str, Any]]:
    offsets = [0] * PARTITIONS
    for line in file.open(encoding="utf-8"):
        stored = json.loads(line)
        key = (stored["key"] or "").encode()
        value = b64decode(stored["value_base64"]) if "value_base64" in stored else (stored["value"] or "").encode()
        partition = crc32(key) % PARTITIONS
        yield {
            "partition": partition,
            "offset": offsets[partition],
            "timestamp": stored["timestamp_ms"] * 1000,
            "key": key,
            "value": value if stored.get("value") is not None or "value_base64" in stored else None,
        }
        offsets[partition] += 1


def numbered(rows: Sequence[dict[str, Any]], before: Sequence[Sequence[dict[str, Any]]] = ()) -> list[dict[str, Any]]:
    """The rows of one topic with the offsets that they have behind those of the parts `before`, by partition."""
    offsets = [sum(row["partition"] == p for part in before for row in part) for p in range(PARTITIONS)]
    counted = []
    for row in rows:
        counted.append({**row, "offset": offsets[row["partition"]]})
        offsets[row["partition"]] += 1
    return counted


def land_batch(
    contract: Contract, topic: Topic, landing: Place, rows: Sequence[dict[str, Any]], number: int, landed_at: datetime
) -> None:
    """Land rows of _RECORD as the topic's batch of that number."""
    ranges = {}
    for partition in {row["partition"] for row in rows}:
        offsets = [row["offset"] for row in rows if row["partition"] == partition]
        ranges[partition] = (min(offsets), max(offsets) + 1)
    folder = LandingFolder.at(landing)
    newest = read_ledger(folder, topic.topic, GENERATION, PARTITIONS).newest
    batch = Batch(
        topic,
        GENERATION,
        landed_at,
        ranges,
        folder.begin(topic.topic, number, newest),
        Schemas.of(contract, topic),
        previous_landed_at=newest,
    )
    land(batch, [pa.RecordBatch.from_pylist(list(rows), _RECORD)])
