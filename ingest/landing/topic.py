"""One topic being landed: from what its last job has left, batch after batch."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.types import StructType
from pyspark.sql.udf import UserDefinedFunction
from pyspark.util import PythonEvalType

from contract.model import Contract, Topic
from ingest.errors import LandingError
from ingest.folder.clocks import agreed, check_still_open, fresh
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, Ranges
from ingest.folder.names import spelled
from ingest.folder.overlap import check_not_compacted
from ingest.landing import metrics
from ingest.landing.batch import Batch, Schemas
from ingest.landing.checkpoint import batch_plan, begin_anew
from ingest.landing.kafka_admin import KafkaTopic, Topics, starting_offsets
from ingest.landing.kafka_log import check_log
from ingest.landing.landed_columns import check_landed_columns
from ingest.landing.read_apart import OVERFLOW, read_apart
from ingest.landing.resume import resume
from ingest.landing.write import WRITTEN, writer
from ingest.settings import Settings

log = logging.getLogger("ingest")


@dataclass
class TopicLanding:
    """The state of one topic's query."""

    topic: Topic
    kafka: KafkaTopic
    generation: str  # Kafka's topic id, or of a log that went back what kafka_log.next_generation made of it
    schemas: Schemas
    folder: LandingFolder
    ledger: Ledger
    checkpoint: Path
    settings: Settings
    topics: Topics
    batch_began: float | None = None  # time.monotonic() of the batch at hand
    landed_last: float | None = None  # and of the last batch that was landed since take_up
    is_ending: bool = False  # no batch is begun any more

    @classmethod
    def take_up(cls, contract: Contract, topic: Topic, settings: Settings, topics: Topics) -> TopicLanding:
        """Finish or throw away what the topic's last job has left, and find where landing goes on."""
        folder = LandingFolder.at(settings.landing)
        recovered = folder.recover(topic.topic)
        if recovered:
            log.info("%s: finished %d batch that a crash interrupted", topic.topic, recovered)
        check_landed_columns(folder, topic.table, (*topic.columns, *contract.landing_columns))
        kafka = topics.describe(topic.topic)
        generation, ledger = resume(folder, topic, kafka, settings, topics)
        checkpoint = settings.checkpoints / topic.topic / spelled(generation)
        return cls(topic, kafka, generation, Schemas.of(contract, topic), folder, ledger, checkpoint, settings, topics)

    def start(self, spark: SparkSession) -> StreamingQuery:
        """Start the query that lands the topic; it keeps the session's settings as they are now."""
        begin_anew(self.checkpoint)
        for name, value in self.settings.bounds.session().items():
            spark.conf.set(name, value)
        with _pool(spark, self.topic.topic):
            stream = self.read(spark).writeStream.queryName(f"land {self.topic.topic}")
            if self.settings.trigger_seconds is None:
                stream = stream.trigger(availableNow=True)
            else:
                stream = stream.trigger(processingTime=f"{round(self.settings.trigger_seconds * 1000)} milliseconds")
            stream = stream.option("checkpointLocation", str(self.checkpoint))
            return stream.foreachBatch(self.land_batch).start()

    def read(self, spark: SparkSession) -> DataFrame:
        """The topic as a stream that begins where the ledger ends."""
        reader = spark.readStream.format("kafka")
        for name, value in self.settings.consumer().items():
            reader = reader.option(f"kafka.{name}", value)
        if self.settings.max_offsets:
            reader = reader.option("maxOffsetsPerTrigger", self.settings.max_offsets)
        return (
            reader.option("subscribe", self.kafka.name)
            .option("startingOffsets", json.dumps(starting_offsets(self.kafka, self.ledger.due)))
            .option("failOnDataLoss", self.settings.fail_on_lost_offsets)
            .load()
            .select("partition", "offset", "timestamp", "key", "value")
        )

    def land_batch(self, records: DataFrame, batch_id: int) -> None:
        """Land one batch of the query, exactly once; the function for `foreachBatch`."""
        if self.is_ending:
            return  # Spark takes it for landed; the next start asks the ledger
        self.batch_began = began = time.monotonic()
        try:
            batch = self.plan(batch_id)
            if batch is None:
                return
            written = self.write(batch, records)
            self.complete(batch, written)
            self.publish(batch)
            self.record(batch, written)
        finally:
            self.batch_began = None
        self.landed_last = time.monotonic()
        metrics.landed(self.kafka.name, written, self.landed_last - began)
        rows, dead = sum(row.row_count for row in written), sum(row.dead_letter_count for row in written)
        rate = (rows + dead) / (self.landed_last - began)
        log.info(
            "%s: batch %d landed %d rows, %d dead letters, %.0f records/s", self.kafka.name, batch_id, rows, dead, rate,
            extra={"topic": self.kafka.name, "batch": batch_id, "rows": rows, "dead_letters": dead},
        )  # fmt: skip

    def plan(self, batch_id: int) -> Batch | None:
        """What of Spark's batch is to be landed, as of when, and where it is staged; None if all of it is landed."""
        planned, at = batch_plan(self.checkpoint, batch_id)
        available = self.topics.first_offsets(self.kafka.name, planned)
        self.ledger.pass_lost(available, skip=not self.settings.fail_on_lost_offsets)
        ranges = self.ledger.still_to_land(planned)
        if not ranges:
            if planned:
                log.info("%s: batch %d is landed already", self.kafka.name, batch_id)
            return None
        landed_at = self.settings.landed_at or agreed(fresh(at), self.topics.time())
        return Batch(
            self.topic,
            self.generation,
            self.ledger.next_landing(landed_at),
            ranges,
            self.folder.begin(self.topic.topic, batch_id, self.ledger.newest),
            self.schemas,
            dict(self.ledger.given_up),
            self.ledger.newest,
        )

    def write(self, batch: Batch, records: DataFrame) -> list[Row]:
        """Let the tasks decode and stage the records; rows of WRITTEN.

        Spark's source cannot read a timestamp of more than 2**63 microseconds: the driver then reads the batch.
        """
        try:
            return _map_in_arrow(records, writer(batch), WRITTEN).collect()
        except Exception as error:  # of Spark, of py4j or of a worker: known by its text only
            if OVERFLOW not in str(error):
                raise
        log.warning("%s: a Kafka timestamp overflows Spark's: the driver reads this batch", self.kafka.name)
        apart = read_apart(records.sparkSession, self.kafka.name, self._consumer(), batch.ranges)
        return [Row(**row) for part in writer(batch)(apart) for row in part.to_pylist()]

    def _consumer(self) -> dict[str, str]:
        reset = "none" if self.settings.fail_on_lost_offsets else "earliest"
        return self.settings.consumer() | {"auto.offset.reset": reset}

    def complete(self, batch: Batch, written: list[Row]) -> None:
        """Stage what the driver adds, and mark the batch: it will be published, by this job or by the next."""
        moves = batch.moves(written)
        kafka = self.topics.describe(self.kafka.name)
        if kafka.generation != self.kafka.generation:
            raise LandingError(
                f"Topic {self.kafka.name} was deleted and made again while it was landed: start landing again."
            )
        self.kafka = kafka  # with the partitions that were added since
        self.check_log(batch.ranges)
        if not self.settings.landed_at:  # a test's clock may be of any time
            check_still_open(batch.landed_at)
        check_not_compacted(self.folder, moves)
        batch.staging.mark_complete(moves)

    def check_log(self, ranges: Ranges) -> None:
        """Raise ChangedLogError if Kafka no longer has the records before the ranges: what was read may be of another
        log, and its last record would become the proof that the next check trusts.
        """
        first = self.topics.first_offsets(self.kafka.name, ranges)
        ends = {part: end for part, (_, end) in ranges.items()}
        read = partial(self.topics.record_at, self.kafka.name)
        check_log(self.folder, self.kafka.name, self.generation, self.ledger, first, ends, read)

    def publish(self, batch: Batch) -> None:
        """Give the batch's files their names, the ledger's last."""
        batch.staging.publish()

    def record(self, batch: Batch, written: list[Row]) -> None:
        """Go on after the batch."""
        proofs = {row.partition: (row.last_offset, row.last_record_digest) for row in written}
        self.ledger.record(batch.ranges, batch.landed_at, proofs)


@contextmanager
def _pool(spark: SparkSession, name: str) -> Iterator[None]:
    """Let a query that starts here run in a fair pool of its own, so that none waits for another's batch."""
    context: Any = spark.sparkContext
    context.setLocalProperty("spark.scheduler.pool", name)
    try:
        yield
    finally:
        context.setLocalProperty("spark.scheduler.pool", None)


def _map_in_arrow(
    frame: DataFrame, function: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]], schema: str
) -> DataFrame:
    """`DataFrame.mapInArrow`, which in PySpark 4.1 insists on pandas although nothing in its way uses it."""
    evaluated = UserDefinedFunction(
        function, StructType.fromDDL(schema), evalType=PythonEvalType.SQL_MAP_ARROW_ITER_UDF
    )
    column: Any = evaluated(*[frame[name] for name in frame.columns])
    internal: Any = frame._jdf
    return DataFrame(internal.mapInArrow(column._jc, False, None), frame.sparkSession)
