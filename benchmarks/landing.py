"""How many events a second does landing take, against what else could be done? `python -m benchmarks.landing`

Simulates a topic of at least 3 million events into a real broker, then reads it again and again in one warm Spark
session, the ways in turn, so that a busy minute of the machine is everybody's:

a   this job, with all of its guarantees
b   the Spark job that people write: from_json, Spark's own Parquet sink, the Kafka source as it comes
b2  the same with this job's Kafka options
c   Spark reads the same and writes the offsets only: what Spark and Kafka leave to a landing
d   a confluent-kafka consumer that only consumes

A Spark way's rate is that of all batches but the first, by the times at which Spark's checkpoint says they were
committed. Then compacts what (a) landed, and measures Python's part alone. Writes landing.json, .png and .md.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
from confluent_kafka import Consumer, TopicPartition
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sql

from benchmarks.landing_profile import cores, microseconds_of_python
from benchmarks.landing_report import report
from contract.options import Parser
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.checkpoint import batch_plan
from ingest.landing.land import land_once
from ingest.landing.session import session
from ingest.retention.compact import compact
from ingest.settings import Settings
from local.broker import Broker
from local.progress import Progress
from local.spark import stop
from simulator.__main__ import main as simulate

TOPIC = "vehicle-telemetry"
PARTITIONS = 4
VEHICLES = 50
BATCHES = 6  # of which the first is not counted
ROUNDS = 5
SPARK_TYPES = {"varchar": "string", "timestamp": "timestamp", "double": "double", "integer": "int", "bigint": "bigint"}


class Bench:
    """A filled topic, a warm session, and the ways to read it."""

    def __init__(self, spark: SparkSession, broker: Broker, folder: Path, events: int) -> None:
        self.spark = spark
        self.folder = folder
        self.events = events
        self.contract = load_contract()
        topics = (self.contract.topic(TOPIC),)
        self.contract = replace(self.contract, topics=topics)
        # Landed long enough ago for compaction: the hour is closed.
        at = (datetime.now(UTC) - timedelta(hours=30)).replace(minute=10)
        self.settings = Settings(
            broker.bootstrap_servers, folder, folder, max_offsets=-(-events // BATCHES), landed_at=at
        )
        self.ways: dict[str, Callable[[Path], float]] = {
            "a": self.this_job,
            "b": lambda work: self.stream(self.parsed, {}, work),
            "b2": lambda work: self.stream(self.parsed, self.settings.consumer(), work),
            "c": lambda work: self.stream(lambda records: records.select("partition", "offset"),
                                          self.settings.consumer(), work),
            "d": self.consume,
        }  # fmt: skip

    def run(self, way: str) -> float:
        """Events per second of one way, in a folder of its own that is then removed."""
        work = self.folder / f"{way}-{uuid.uuid4().hex[:8]}"
        try:
            return self.ways[way](work)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def land(self, work: Path) -> Path:
        """Land all of the topic by this job; the landing folder."""
        settings = replace(self.settings, landing=work / "landing", checkpoints=work / "checkpoints")
        land_once(self.spark, self.contract, settings)
        landed = sum(
            row["row_count"]
            for path in (work / "landing" / "raw" / "landed_batches").glob("*/*/*.parquet")
            for row in pyarrow.parquet.read_table(path, partitioning=None).to_pylist()
        )
        assert landed == self.events
        return work / "landing"

    def this_job(self, work: Path) -> float:
        """(a)"""
        self.land(work)
        (checkpoint,) = (work / "checkpoints" / TOPIC).iterdir()
        return rate(checkpoint)

    def stream(self, shape: Callable[[DataFrame], DataFrame], options: dict[str, str], work: Path) -> float:
        """(b), (b2), (c): Spark's own Parquet sink."""
        reader = self.spark.readStream.format("kafka")
        for name, value in ({"bootstrap.servers": self.settings.bootstrap_servers} | options).items():
            reader = reader.option(f"kafka.{name}", value)
        records = (
            reader.option("subscribe", TOPIC)
            .option("startingOffsets", "earliest")
            .option("maxOffsetsPerTrigger", self.settings.max_offsets)
            .load()
        )
        query = (
            shape(records)
            .writeStream.format("parquet")
            .option("path", str(work / "data"))
            .option("checkpointLocation", str(work / "checkpoint"))
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()
        written = sum(pyarrow.parquet.read_metadata(path).num_rows for path in (work / "data").glob("*.parquet"))
        assert written == self.events
        return rate(work / "checkpoint")

    def parsed(self, records: DataFrame) -> DataFrame:
        """The columns of the contract, by from_json."""
        columns = self.contract.topic(TOPIC).columns
        schema = ", ".join(f"{column.name} {SPARK_TYPES[column.kind]}" for column in columns)
        event = sql.from_json(sql.col("value").cast("string"), schema).alias("event")
        return records.select(event).select("event.*")

    def consume(self, work: Path) -> float:
        """(d), without its first tenth."""
        consumer = Consumer({
            "bootstrap.servers": self.settings.bootstrap_servers, "group.id": work.name,
            "auto.offset.reset": "earliest", "enable.auto.commit": False,
        })  # fmt: skip
        consumer.subscribe([TOPIC])
        seen, first, began = 0, 0, 0.0
        with contextlib.closing(consumer):
            while seen < self.events:
                seen += len(consumer.consume(10_000, timeout=30))
                if not first and seen > self.events / 10:
                    first, began = seen, time.perf_counter()
            return (seen - first) / (time.perf_counter() - began)

    def compacted(self) -> dict[str, float]:
        """Sizes of raw files before and after compaction, in MB: medians and sums."""
        work = self.folder / "compacted"
        landing = self.land(work)
        compact(LandingFolder.at(landing), self.contract)
        sizes: dict[str, float] = {}
        for name in ("raw", "compacted"):
            files = [path.stat().st_size / 1e6 for path in (landing / name / "vehicle_telemetry").glob("*/*/*.parquet")]
            sizes |= {f"{name}_files": len(files), f"{name}_median_mb": round(statistics.median(files), 1)}
            sizes |= {f"{name}_mb": round(sum(files), 1)}
        return sizes


def rate(checkpoint: Path) -> float:
    """Events per second between the commits of a query's first batch and of its last."""
    commits = sorted((path for path in (checkpoint / "commits").iterdir() if path.name.isdigit()), key=_number)
    rows = sum(end - first for path in commits[1:] for first, end in batch_plan(checkpoint, _number(path))[0].values())
    return rows / (commits[-1].stat().st_mtime - commits[0].stat().st_mtime)


def _number(path: Path) -> int:
    return int(path.name)


def fill(broker: Broker, events: int) -> int:
    """Simulate at least so many events into the topic; how many there are."""
    broker.create_topics([TOPIC], partitions=PARTITIONS)
    hours = str(events / VEHICLES / 3600)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert simulate(["--bootstrap-servers", broker.bootstrap_servers, "--topics", TOPIC, "--hours", hours,
                         "--vehicles", str(VEHICLES)]) == 0  # fmt: skip
    consumer = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "count"})
    with contextlib.closing(consumer):
        marks = [consumer.get_watermark_offsets(TopicPartition(TOPIC, number)) for number in range(PARTITIONS)]
    return sum(high - low for low, high in marks)


def measure(events: int, rounds: int) -> dict[str, Any]:
    """The rates of each way in each round (events/s), sizes of compacted files (MB), Python's part (µs an event)."""
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="junction-landing-") as name, Broker(Path(name) / "kafka") as broker:
        progress.phase(f"Simulating {events:,} events")
        events = fill(broker, events)
        spark = session()
        try:
            bench = Bench(spark, broker, Path(name), events)
            rates: dict[str, list[int]] = {way: [] for way in bench.ways}
            for number in range(rounds + 1):
                for way in bench.ways:
                    found = round(bench.run(way))
                    progress.phase(f"{'round ' + str(number) if number else 'warm-up'}, {way}: {found:,} events/s")
                    rates[way] += [found] if number else []
            sizes = bench.compacted()
            alone = microseconds_of_python(bench.contract, broker.bootstrap_servers, Path(name))
        finally:
            stop(spark)
    return {"events": events, "cores": cores(), "rates": rates, "files": sizes, "python_us": round(alone, 2)}


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3_000_000, help="events in the topic (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds after the warm-up (default %(default)s)")
    flags = parser.parse_args()
    report(measure(flags.events, flags.rounds))


if __name__ == "__main__":
    main()
