"""What the Kafka cluster says about topics, asked with the client and the options that Spark's source uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]  # it has no type hints
from pyspark.sql import SparkSession

from ingest.errors import LandingError

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

    def __init__(self, admin: Any, jvm: Any, servers: str) -> None:
        self._admin = admin
        self._jvm = jvm
        self._servers = servers

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
        places = {part: self._jvm.org.apache.kafka.common.TopicPartition(topic, part) for part in partitions}
        wanted = self._jvm.java.util.HashMap()
        for place in places.values():
            wanted.put(place, earliest)
        try:
            found = self._admin.listOffsets(wanted).all().get()
        except Py4JJavaError as error:
            raise self._unanswered(topic, error) from error
        return {part: found.get(place).offset() for part, place in places.items()}

    def _unanswered(self, topic: str, error: Py4JJavaError) -> LandingError:
        cause = str(error.java_exception.getMessage())
        if "UnknownTopicOrPartition" in cause:
            return LandingError(
                f"Topic {topic} does not exist on {self._servers}: create it, or leave it out with --topics."
            )
        return LandingError(
            f"Kafka on {self._servers} does not answer for {topic} ({cause.splitlines()[0]}): "
            "check --bootstrap-servers and --kafka-option."
        )

    def check_answer(self) -> None:
        """Raise LandingError if the cluster cannot be reached at all."""
        try:
            self._admin.describeCluster().clusterId().get()
        except Py4JJavaError as error:
            cause = str(error.java_exception.getMessage()).splitlines()[0]
            raise LandingError(
                f"Kafka on {self._servers} does not answer ({cause}): check --bootstrap-servers and --kafka-option."
            ) from error


@contextmanager
def connect(spark: SparkSession, options: Mapping[str, str]) -> Iterator[Topics]:
    """Open an admin client in Spark's JVM and check that the cluster answers; raises LandingError."""
    jvm: Any = spark.sparkContext._jvm
    settings = jvm.java.util.Properties()
    consumer = jvm.java.util.Properties()
    for name, value in (_PATIENCE | dict(options)).items():
        settings.setProperty(name, value)
    for name, value in (_DESERIALIZERS | dict(options)).items():
        consumer.setProperty(name, value)
    try:
        # Spark would log what is wrong with an option when a batch begins, with its value.
        jvm.org.apache.kafka.clients.consumer.ConsumerConfig(consumer)
        admin = jvm.org.apache.kafka.clients.admin.AdminClient.create(settings)
    except (Py4JError, TypeError) as error:  # TypeError: the class is not there, py4j took it for a package
        reason = str(getattr(error, "java_exception", error)).splitlines()[0]
        raise LandingError(
            f"No Kafka client could be made ({reason}): put Spark's Kafka source on spark.driver.extraClassPath and "
            "check --kafka-option."
        ) from error
    try:
        topics = Topics(admin, jvm, options["bootstrap.servers"])
        topics.check_answer()
        yield topics
    finally:
        admin.close()


def starting_offsets(topic: KafkaTopic, ends: Mapping[int, int]) -> dict[str, dict[str, int]]:
    """Spark's `startingOffsets`: where the ledger ends, and for partitions that it does not know the earliest (-2)."""
    return {topic.name: {str(partition): ends.get(partition, -2) for partition in topic.partitions}}
