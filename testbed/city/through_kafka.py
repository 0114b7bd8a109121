"""A simulated city for a test: its records piece by piece through a real broker and the landing job."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from confluent_kafka import Producer
from pyspark.sql import SparkSession

from contract.reading import load_contract
from ingest.landing.land import land_once
from ingest.settings import Settings
from local.broker import Broker
from simulator.__main__ import main as simulate

Records = Mapping[str, Sequence[dict[str, Any]]]


def events(folder: Path, *options: str) -> Records:
    """Simulate into `folder`, the truth beside. Of each topic the records in send order: key, value, timestamp_ms."""
    arguments = ["--to-files", str(folder), "--truth", str(folder / "truth.jsonl"), *options]
    assert simulate(arguments) == 0
    return {
        path.stem: [_record(line) for line in path.open()] for path in folder.glob("*.jsonl") if path.stem != "truth"
    }


def _record(line: str) -> dict[str, Any]:
    stored = json.loads(line)
    if "value_base64" in stored:
        stored["value"] = b64decode(stored.pop("value_base64"))
    elif stored["value"] is not None:
        stored["value"] = stored["value"].encode()
    return stored


def truth(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The facts of one kind that the simulation wrote."""
    return [fact for line in (folder / "truth.jsonl").open() if (fact := json.loads(line))["kind"] == kind]


def piece(records: Records, number: int, of: int) -> Records:
    """The `number`th of `of` pieces, counted from 0: of each topic the same share, in send order."""
    return {topic: rows[len(rows) * number // of : len(rows) * (number + 1) // of] for topic, rows in records.items()}


def send(broker: Broker, records: Records) -> int:
    """Send records to their topics, in order; the count of those that the broker has confirmed."""
    broker.create_topics(records)
    confirmed: list[Any] = []
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "enable.idempotence": True})
    for topic, rows in records.items():
        for row in rows:
            producer.produce(
                topic, row["value"], row["key"], timestamp=row["timestamp_ms"],
                on_delivery=lambda error, _: confirmed.append(None) if error is None else None,
            )  # fmt: skip
            producer.poll(0)
    producer.flush()
    return len(confirmed)


def land(
    session: SparkSession,
    broker: Broker,
    folder: Path,
    landed_at: datetime,
    project: Path | None = None,
    topics: Sequence[str] = (),
) -> None:
    """Land all that the topics (all of the contract) hold into `folder`/landing, as if the clock said `landed_at`."""
    settings = Settings(
        broker.bootstrap_servers, folder / "landing", folder / "checkpoints", tuple(topics), landed_at=landed_at
    )
    land_once(session, load_contract(project), settings)


def landed(folder: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Columns of a raw table as DuckDB reads them, knowing nothing of how they were landed."""
    files = folder / "landing" / "raw" / table / "**" / "*.parquet"
    return duckdb.connect().execute(f"select {columns} from read_parquet('{files}')").fetchall()
