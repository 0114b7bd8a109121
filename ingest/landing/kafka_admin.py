"""What the Kafka cluster says about topics, asked with the client and the options that Spark's source uses."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it has no type hints
from pyspark.sql import SparkSession

from ingest.errors import LandingError, MissingTopicError
from ingest.landing.kafka_log import Record

_POLL_MS, _READ_PATIENCE = 500, 20  # ms of one poll, seconds in all
_PATIENCE = {"default.api.timeout.ms": "20000", "request.timeout.ms": "10000"}
_DESERIALIZERS = dict.fromkeys(
    ("key.deserializer", "value.deserializer"), "org.apache.kafka.common.serialization.ByteArrayDeserializer"
)


@dataclass(frozen=True)
class KafkaTopic:
    """One life of a topic: `generation` is Kafka's topic id, as `kafka-topics.sh --describe` prints it."""

    name: str
    generation: str
    partitions: tuple[int, ...]


class Topics:
    """A connected Kafka admin client."""

    def __init__(self, admin: Any, jvm: Any, options: Mapping[str, str]) -> None:
        self._admin = admin
        self._consumer: Any = None  # made when it is needed first
        self._reading = threading.Lock()
        self._jvm = jvm
        self._options = dict(options)
        self._servers = options["bootstrap.servers"]

    def describe(self, topic: str) -> KafkaTopic:
        """Ask for one topic; raises LandingError if it does not exist or Kafka does not answer."""
        try:
            names = self._jvm.java.util.Collections.singletonList(topic)
            found = self._admin.describeTopics(names).allTopicNames().get().get(topic)
        except Py4JJavaError as error:
            raise self._unanswered(topic, error) from error
        partitions = tuple(sorted(partition.partition() for partition in found.partitions()))
        return KafkaTopic(topic, found.topicId().toString(), partitions)

    def first_offsets(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """The first offset that each partition still has; raises LandingError if Kafka does not answer."""
        earliest = self._jvm.org.apache.kafka.clients.admin.OffsetSpec.earliest()
        return self._offsets({topic: partitions}, earliest)[topic]

    def end_offsets(self, topics: Mapping[str, Iterable[int]]) -> dict[str, dict[int, int]]:
        """By topic and partition, the offset after the last that can be read: an open transaction is not counted.

        One request for all topics. Raises LandingError if Kafka does not answer.
        """
        return self._offsets(topics, self._jvm.org.apache.kafka.clients.admin.OffsetSpec.latest())

    def time(self) -> datetime | None:
        """The clock of Kafka's active controller; None if Kafka does not tell it (no KRaft, or no right to ask)."""
        try:
            quorum = self._admin.describeMetadataQuorum().quorumInfo().get()
        except Py4JJavaError:
            return None
        times = [voter.lastFetchTimestamp() for voter in quorum.voters() if voter.replicaId() == quorum.leaderId()]
        told = [time.getAsLong() for time in times if time.isPresent() and time.getAsLong() > 0]
        return datetime.fromtimestamp(told[0] / 1000, UTC) if told else None

    def record_at(self, topic: str, partition: int, offset: int) -> Record | None:
        """The record at an offset; None if there is none (any more). Raises LandingError if Kafka does not answer."""
        place = self._jvm.org.apache.kafka.common.TopicPartition(topic, partition)
        wait = self._jvm.java.time.Duration.ofMillis(_POLL_MS)
        with self._reading:  # a client is for one thread at a time
            return self._record_at(place, offset, wait)

    def _record_at(self, place: Any, offset: int, wait: Any) -> Record | None:
        try:
            consumer = self._consumer = self._consumer or self._make_consumer()
            consumer.assign(self._jvm.java.util.Collections.singletonList(place))
            consumer.seek(place, offset)
            deadline = time.monotonic() + _READ_PATIENCE
            while time.monotonic() < deadline:
                for record in consumer.poll(wait).records(place):
                    if record.offset() > offset:
                        return None
                    key, value = record.key(), record.value()
                    return Record(record.timestamp(), key and bytes(key), None if value is None else bytes(value))
                if consumer.position(place) > offset:  # markers of transactions, or compacted away
                    return None
        except Py4JJavaError as error:
            raise self._unanswered(place.topic(), error) from error
        raise LandingError(
            f"Kafka on {self._servers} does not answer for {place.topic()} (no record in {_READ_PATIENCE} s): "
            "check --bootstrap-servers and --kafka-option."
        )

    def close(self) -> None:
        """End the connections."""
        for client in (self._consumer, self._admin):
            if client is not None:
                client.close()

    def _make_consumer(self) -> Any:
        own = {"enable.auto.commit": "false", "auto.offset.reset": "none", "max.poll.records": "1"}
        # Kafka sends a producer's batch however large it is.
        least = {"fetch.max.bytes": "1", "max.partition.fetch.bytes": "1"}
        options = _DESERIALIZERS | self._options | own | least
        return self._jvm.org.apache.kafka.clients.consumer.KafkaConsumer(_properties(self._jvm, options))

    def _offsets(self, topics: Mapping[str, Iterable[int]], spec: Any) -> dict[str, dict[int, int]]:
        place_of = self._jvm.org.apache.kafka.common.TopicPartition
        places = {(topic, part): place_of(topic, part) for topic, parts in topics.items() for part in parts}
        wanted = self._jvm.java.util.HashMap()
        for place in places.values():
            wanted.put(place, spec)
        committed = self._jvm.org.apache.kafka.common.IsolationLevel.READ_COMMITTED
        options = self._jvm.org.apache.kafka.clients.admin.ListOffsetsOptions(committed)
        try:
            found = self._admin.listOffsets(wanted, options).all().get()
        except Py4JJavaError as error:
            raise self._unanswered(", ".join(topics), error) from error
        offsets: dict[str, dict[int, int]] = {topic: {} for topic in topics}
        for (topic, part), place in places.items():
            offsets[topic][part] = found.get(place).offset()
        return offsets

    def _unanswered(self, topic: str, error: Py4JJavaError) -> LandingError:
        cause = _first_line(error.java_exception)
        if "UnknownTopicOrPartition" in cause:
            return MissingTopicError(
                f"Topic {topic} does not exist on {self._servers}: create it, or leave it out with --topics."
            )
        return LandingError(
            f"Kafka on {self._servers} does not answer for {topic} ({cause}): "
            "check --bootstrap-servers and --kafka-option."
        )

    def check_answer(self) -> None:
        """Raise LandingError if the cluster cannot be reached at all."""
        try:
            self._admin.describeCluster().clusterId().get()
        except Py4JJavaError as error:
            raise LandingError(
                f"Kafka on {self._servers} does not answer ({_first_line(error.java_exception)}): "
                "check --bootstrap-servers and --kafka-option."
            ) from error


@contextmanager
def connect(spark: SparkSession, options: Mapping[str, str]) -> Iterator[Topics]:
    """Open an admin client in Spark's JVM and check that the cluster answers; raises LandingError."""
    jvm: Any = spark.sparkContext._jvm
    options = _PATIENCE | dict(options)
    try:
        # Spark would log what is wrong with an option when a batch begins, with its value.
        jvm.org.apache.kafka.clients.consumer.ConsumerConfig(_properties(jvm, _DESERIALIZERS | options))
        admin = jvm.org.apache.kafka.clients.admin.AdminClient.create(_properties(jvm, options))
    except TypeError as error:  # py4j took a class that is not there for a package
        raise LandingError(
            "Kafka's client is not on the class path: put Spark's Kafka source on spark.driver.extraClassPath."
        ) from error
    except Py4JJavaError as error:
        raise LandingError(
            f"No Kafka client could be made ({_reason(error)}): check --bootstrap-servers and --kafka-option."
        ) from error
    topics = Topics(admin, jvm, options)
    try:
        topics.check_answer()
        yield topics
    finally:
        topics.close()


def _reason(error: Py4JJavaError) -> str:
    """Kafka's message; that no broker resolves is in the cause. Other causes may cite the value of an option."""
    made, cause = error.java_exception, error.java_exception.getCause()
    found = cause if cause is not None and cause.getClass().getSimpleName() == "ConfigException" else made
    return _first_line(found)


def _first_line(exception: Any) -> str:
    """The message of a Java exception, in one line; its class where it has none, or an empty one."""
    return (str(exception.getMessage() or "").splitlines() or [exception.toString()])[0]


def _properties(jvm: Any, options: Mapping[str, str]) -> Any:
    properties = jvm.java.util.Properties()
    for name, value in options.items():
        properties.setProperty(name, value)
    return properties


def starting_offsets(topic: KafkaTopic, ends: Mapping[int, int]) -> dict[str, dict[str, int]]:
    """Spark's `startingOffsets`: where the ledger ends, and for partitions that it does not know the earliest (-2)."""
    return {topic.name: {str(partition): ends.get(partition, -2) for partition in topic.partitions}}
