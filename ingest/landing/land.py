"""Kafka to raw Parquet: one streaming query per topic that reads, decodes and writes."""

from __future__ import annotations

import atexit
import json
import logging
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.errors import StreamingQueryException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.types import StructType
from pyspark.sql.udf import UserDefinedFunction
from pyspark.util import PythonEvalType

from contract.arrow import arrow_schema, raw_schema
from contract.model import Contract, Topic
from contract.place import ROOT
from ingest.errors import LandingError
from ingest.failure import sentence
from ingest.folder.ledger import Ledger, check_names, fresh, read_ledger
from ingest.folder.lock import sole_writer
from ingest.folder.names import spelled
from ingest.folder.staging import mark_complete, publish, recover, stage
from ingest.landing.batch import complete
from ingest.landing.checkpoint import batch_plan, initial_offsets
from ingest.landing.kafka_admin import KafkaTopic, Topics, connect, starting_offsets
from ingest.landing.landed_columns import check_landed_columns
from ingest.landing.write import WRITTEN, Batch, writer
from ingest.settings import Settings

log = logging.getLogger("ingest")
_SHIPPED = "junction.zip"
_SESSION = {"spark.sql.session.timeZone": "UTC", "spark.sql.execution.arrow.maxRecordsPerBatch": "8192"}


@dataclass
class _Landing:
    """One topic being landed."""

    contract: Contract
    topic: Topic
    kafka: KafkaTopic
    settings: Settings
    ledger: Ledger
    checkpoint: Path


def land_once(spark: SparkSession, contract: Contract, settings: Settings) -> None:
    """Land what the topics hold now, in a session of its own; raises LandingError that names the topics that failed.

    The other topics are landed all the same.
    """
    with sole_writer(settings.landing), connect(spark, settings.kafka()) as topics:
        queries, failures = _start_all(spark, contract, settings, topics)
        try:
            for name, query in queries.items():
                _wait(name, query, failures)
        finally:  # Ctrl-C: a batch that was going on is finished or thrown away by the next start
            for query in queries.values():
                query.stop()
    _raise(failures)


def land_forever(spark: SparkSession, contract: Contract, settings: Settings) -> None:
    """Land until KeyboardInterrupt; a failing topic is reported at once and leaves the others running.

    Raises LandingError at the end if a topic failed; ends by itself if all have.
    """
    with sole_writer(settings.landing), connect(spark, settings.kafka()) as topics:
        queries, failures = _start_all(spark, contract, settings, topics)
        try:
            while queries:
                for name in [name for name, query in queries.items() if not query.isActive]:
                    _wait(name, queries.pop(name), failures)
                time.sleep(0.5)
        finally:
            for query in queries.values():
                query.stop()
    _raise(failures)


def _start_all(
    spark: SparkSession, contract: Contract, settings: Settings, topics: Topics
) -> tuple[dict[str, StreamingQuery], dict[str, str]]:
    _ship_code(spark)
    session = spark.newSession()
    for name, value in _SESSION.items():
        session.conf.set(name, value)
    chosen = [contract.topic(name) for name in settings.topics] or list(contract.topics)
    queries: dict[str, StreamingQuery] = {}
    failures: dict[str, str] = {}
    for topic in chosen:
        try:
            queries[topic.topic] = _start(session, contract, topic, settings, topics)
        except Exception as error:  # whatever it is, it is this topic's; the others go on
            _fail(topic.topic, error, failures)
    return queries, failures


def _ship_code(spark: SparkSession) -> None:
    """Give Spark's Python workers what they run, wherever they are and whatever their working directory is."""
    if any(path.endswith(f"/{_SHIPPED}") for path in spark.sparkContext.listFiles):
        return
    folder = tempfile.mkdtemp(prefix="junction-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # not before: executors fetch it when they first need it
    archive = Path(folder) / _SHIPPED
    with zipfile.ZipFile(archive, "w") as file:
        for module in (module for package in ("contract", "ingest") for module in (ROOT / package).rglob("*.py")):
            file.write(module, module.relative_to(ROOT))
    spark.sparkContext.addPyFile(str(archive))


def _start(spark: SparkSession, contract: Contract, topic: Topic, settings: Settings, topics: Topics) -> StreamingQuery:
    landing = _take_up(contract, topic, settings, topics)
    with _pool(spark, topic.topic):
        stream = read(spark, landing.kafka, landing.ledger, settings).writeStream.queryName(f"land {topic.topic}")
        if settings.trigger_seconds is None:
            stream = stream.trigger(availableNow=True)
        else:
            stream = stream.trigger(processingTime=f"{round(settings.trigger_seconds * 1000)} milliseconds")
        stream = stream.option("checkpointLocation", str(landing.checkpoint))
        return stream.foreachBatch(_batch_function(landing, topics)).start()


def _take_up(contract: Contract, topic: Topic, settings: Settings, topics: Topics) -> _Landing:
    """Finish or throw away what the topic's last job has left, and find where landing goes on."""
    recovered = recover(settings.landing, topic.topic)
    if recovered:
        log.info("%s: finished %d batch that a crash interrupted", topic.topic, recovered)
    check_landed_columns(settings.landing, topic.table, (*topic.columns, *contract.landing_columns))
    kafka = topics.describe(topic.topic)
    ledger = read_ledger(settings.landing, topic.topic, kafka.generation, len(kafka.partitions))
    ledger.pass_lost(topics.first_offsets(topic.topic, kafka.partitions), {}, skip=not settings.fail_on_lost_offsets)
    check_names(settings.landing, topic.table, topic.topic, kafka.generation, ledger)
    checkpoint = settings.checkpoints / topic.topic / spelled(kafka.generation)
    return _Landing(contract, topic, kafka, settings, ledger, checkpoint)


@contextmanager
def _pool(spark: SparkSession, name: str) -> Iterator[None]:
    """Let a query that starts here run in a fair pool of its own, so that none waits for another's batch."""
    context: Any = spark.sparkContext
    context.setLocalProperty("spark.scheduler.pool", name)
    try:
        yield
    finally:
        context.setLocalProperty("spark.scheduler.pool", None)


def read(spark: SparkSession, kafka: KafkaTopic, ledger: Ledger, settings: Settings) -> DataFrame:
    """The topic as a stream. A new checkpoint begins where the ledger ends; an old one knows where it was."""
    reader = spark.readStream.format("kafka")
    for name, value in settings.consumer().items():
        reader = reader.option(f"kafka.{name}", value)
    if settings.max_offsets:
        reader = reader.option("maxOffsetsPerTrigger", settings.max_offsets)
    return (
        reader.option("subscribe", kafka.name)
        .option("startingOffsets", json.dumps(starting_offsets(kafka, ledger.ends)))
        .option("failOnDataLoss", settings.fail_on_lost_offsets)
        .load()
        .select("partition", "offset", "timestamp", "key", "value")
    )


def _batch_function(landing: _Landing, topics: Topics) -> Callable[[DataFrame, int], None]:
    def land_batch(records: DataFrame, batch_id: int) -> None:
        began = time.monotonic()
        name, ledger = landing.topic.topic, landing.ledger
        planned, at = batch_plan(landing.checkpoint, batch_id)
        initial = initial_offsets(landing.checkpoint)
        available = topics.first_offsets(name, planned)
        ledger.pass_lost(available, initial, skip=not landing.settings.fail_on_lost_offsets)
        ranges = ledger.still_to_land(planned, initial)
        if not ranges:
            if planned:
                log.info("%s: batch %d is landed already", name, batch_id)
            return
        landed_at = ledger.next_landing(landing.settings.landed_at or fresh(at))
        staging = stage(landing.settings.landing, name, batch_id)
        batch = Batch(
            landing.topic,
            landing.kafka.generation,
            landed_at,
            ranges,
            staging,
            raw_schema(landing.contract, landing.topic),
            arrow_schema(landing.contract.dead_letters.columns),
            dict(ledger.given_up),
            ledger.newest,
        )
        written = _map_in_arrow(records, writer(batch), WRITTEN).collect()
        moves = complete(batch, written, arrow_schema(landing.contract.landed_batches.columns))
        if topics.describe(name).generation != landing.kafka.generation:
            raise LandingError(f"Topic {name} was deleted and made again while it was landed: start landing again.")
        mark_complete(staging, moves)
        publish(landing.settings.landing, staging)
        ledger.record(ranges, landed_at)
        rows, dead = sum(row.row_count for row in written), sum(row.dead_letter_count for row in written)
        rate = (rows + dead) / (time.monotonic() - began)
        log.info("%s: batch %d landed %d rows, %d dead letters, %.0f records/s", name, batch_id, rows, dead, rate)

    return land_batch


def _map_in_arrow(
    frame: DataFrame, function: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]], schema: str
) -> DataFrame:
    """`DataFrame.mapInArrow`, which in PySpark 4.0 insists on pandas although nothing in its way uses it."""
    evaluated = UserDefinedFunction(
        function, StructType.fromDDL(schema), evalType=PythonEvalType.SQL_MAP_ARROW_ITER_UDF
    )
    column: Any = evaluated(*[frame[name] for name in frame.columns])
    internal: Any = frame._jdf
    return DataFrame(internal.mapInArrow(column._jc, False, None), frame.sparkSession)


def _wait(name: str, query: StreamingQuery, failures: dict[str, str]) -> None:
    try:
        query.awaitTermination()
    except StreamingQueryException as error:
        _fail(name, error, failures)


def _fail(name: str, error: Exception, failures: dict[str, str]) -> None:
    failures[name] = sentence(error)
    log.error("%s: failed, the other topics go on: %s", name, failures[name])


def _raise(failures: dict[str, str]) -> None:
    if failures:
        which = "; ".join(f"{name}: {failure}" for name, failure in failures.items())
        raise LandingError(f"{len(failures)} topic(s) were not landed completely. {which}")
