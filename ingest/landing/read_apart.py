"""Reads a batch in the driver, with Kafka's own client in Spark's JVM: for records that Spark's source cannot make a
row of. Slower than its tasks by far, and as exact.

Spark multiplies a record's timestamp by 1,000 before anything is selected, and fails beyond 64 bits: a producer that
writes nanoseconds would stop its topic for ever. Spark refuses interceptors and deserializers, so nothing can correct
the record on its way.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession

from ingest.errors import LandingError
from ingest.folder.ledger import Ranges
from ingest.landing.kafka_time import micros

OVERFLOW = "long overflow"  # Java's words
_BYTES = "org.apache.kafka.common.serialization.ByteArrayDeserializer"
_POLL_MS = 1000
_MOST = 20  # records of a poll: they come to Python through one string
_PATIENCE = 120  # seconds without a record or a move of the position, as Spark waits for a record


def read_apart(spark: SparkSession, topic: str, options: Mapping[str, str], ranges: Ranges) -> Iterator[pa.RecordBatch]:
    """The records of the ranges, as Spark gives them to a task (write.writer), a poll at a time.

    A timestamp that does not fit into microseconds of 64 bits is null. Raises LandingError if Kafka does not answer.
    """
    jvm: Any = spark.sparkContext._jvm
    properties = jvm.java.util.Properties()
    most = min(_MOST, int(options.get("max.poll.records", _MOST)))
    own = {"enable.auto.commit": "false", "max.poll.records": str(most)}
    for name, value in {**options, "key.deserializer": _BYTES, "value.deserializer": _BYTES, **own}.items():
        properties.setProperty(name, value)
    take = _Columns(jvm)
    consumer = jvm.org.apache.kafka.clients.consumer.KafkaConsumer(properties)
    try:
        for partition, (first, end) in sorted(ranges.items()):
            place = jvm.org.apache.kafka.common.TopicPartition(topic, partition)
            consumer.assign(jvm.java.util.Collections.singletonList(place))
            consumer.seek(place, first)
            moved, position = time.monotonic(), first
            while position < end:
                records = consumer.poll(jvm.java.time.Duration.ofMillis(_POLL_MS)).records(place)
                if records.size():
                    yield _batch(partition, *take(records))
                before, position = position, consumer.position(place)
                if position > before:
                    moved = time.monotonic()
                elif time.monotonic() - moved > _PATIENCE:
                    raise LandingError(
                        f"Kafka returns no record of {topic} from offset {position} of partition {partition} on: check "
                        "its brokers, then start again."
                    )
    finally:
        consumer.close()


class _Columns:
    """Takes records out of the JVM by columns: one call each for a list of them, not several for each record."""

    def __init__(self, jvm: Any) -> None:
        invoke = jvm.java.lang.invoke
        lookup = invoke.MethodHandles.publicLookup()
        record = jvm.java.lang.Class.forName("org.apache.kafka.clients.consumer.ConsumerRecord")
        function = jvm.java.lang.Class.forName("java.util.function.Function")
        long, thing = jvm.java.lang.Long.TYPE, jvm.java.lang.Class.forName("java.lang.Object")
        self._getters = [
            invoke.MethodHandleProxies.asInterfaceInstance(
                function, lookup.findVirtual(record, name, invoke.MethodType.methodType(kind))
            )
            for name, kind in (("offset", long), ("timestamp", long), ("key", thing), ("value", thing))
        ]
        self._jvm = jvm

    def __call__(self, records: Any) -> list[list[Any]]:
        columns = self._jvm.java.util.ArrayList()
        for getter in self._getters:
            columns.add(records.stream().map(getter).toList())
        # Spark's own pickler, of objects that this process has asked for.
        found: list[list[Any]] = pickle.loads(self._jvm.net.razorvine.pickle.Pickler(False).dumps(columns))
        return found


def _batch(partition: int, offsets: list[int], millis: list[int], keys: list[Any], values: list[Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "partition": pa.array([partition] * len(offsets), pa.int32()),
            "offset": pa.array(offsets, pa.int64()),
            "timestamp": pa.array([micros(ms) for ms in millis], pa.int64()).cast(pa.timestamp("us", "UTC")),
            "key": pa.array([None if key is None else bytes(key) for key in keys], pa.binary()),
            "value": pa.array([None if value is None else bytes(value) for value in values], pa.binary()),
        }
    )
