"""Replay's side of Kafka: transactions of records that say in a header which dead letter they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from ingest.errors import LandingError
from ingest.replay.record import Coordinates, parsed, spelled

HEADER = "junction-replay-of"
_PATIENCE = 20  # seconds
Record = tuple[Coordinates, int, int, bytes | None, bytes | None]  # old coordinates, partition, timestamp, key, value


# What a broker says of a record and not of itself: to send it again would not help.
_OF_RECORD = {
    KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE, KafkaError.RECORD_LIST_TOO_LARGE,
    KafkaError.INVALID_RECORD, KafkaError.INVALID_TIMESTAMP, KafkaError.POLICY_VIOLATION,
    KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT,
}  # fmt: skip


class Refused(LandingError):
    """The broker refused a record, and with it its transaction; `reason` is the broker's. Another may be taken."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"Topic {topic} refused a record ({reason}): nothing of its batch was replayed.")
        self.reason = reason


class ReplayKafka:
    """A transactional producer and a reader of the same cluster; `options` are librdkafka's."""

    def __init__(self, options: Mapping[str, Any], transactional_id: str) -> None:
        self._options = dict(options)
        # murmur2 is how Java's producers choose a partition; large letters may pass if the broker takes them.
        own = {"transactional.id": transactional_id, "partitioner": "murmur2_random", "message.max.bytes": 64_000_000}
        self._producing = {**own, **options}
        self._producer = self._connected()

    def _connected(self) -> Producer:
        options = self._producing
        try:
            producer = Producer(options)
            producer.init_transactions(_PATIENCE)  # also ends the transaction of a replay that was killed
            return producer
        except (KafkaException, ValueError) as error:
            raise LandingError(
                f"Kafka on {options['bootstrap.servers']} does not take a transaction ({_reason(error)}): check "
                "--bootstrap-servers and --kafka-option."
            ) from error

    def ends(self, topic: str) -> dict[int, int]:
        """The end offset of each partition; raises LandingError if the topic does not exist."""
        with _Reader(self._options) as consumer:
            found = consumer.list_topics(topic, _PATIENCE).topics[topic]
            if found.error:
                raise LandingError(f"Topic {topic} does not exist: create it, or leave it out with --topics.")
            places = [TopicPartition(topic, partition) for partition in found.partitions]
            return {place.partition: consumer.get_watermark_offsets(place, _PATIENCE)[1] for place in places}

    def find(self, topic: str, from_offsets: dict[int, int]) -> set[Coordinates]:
        """The old coordinates in the headers of all committed records from these offsets on."""
        ends = self.ends(topic)
        found: set[Coordinates] = set()
        with _Reader(self._options) as consumer:
            todo = {part: end for part, end in ends.items() if end > from_offsets.get(part, 0)}
            consumer.assign([TopicPartition(topic, part, from_offsets.get(part, 0)) for part in todo])
            while todo:
                message = consumer.poll(_PATIENCE)
                if message is None:
                    raise LandingError(f"Kafka does not answer for topic {topic}: try again.")
                partition, error = message.partition() or 0, message.error()
                if error is None:
                    found |= _old(message)
                elif error.code() != KafkaError._PARTITION_EOF:
                    raise LandingError(f"Topic {topic} cannot be read ({error.str()}): try again.")
                if error is not None or (message.offset() or 0) + 1 >= ends[partition]:
                    todo.pop(partition, None)
        return found

    def produce(self, topic: str, records: Iterable[Record]) -> None:
        """Produce all or none; raises Refused if one of them is the cause, LandingError for all else."""
        failures: list[KafkaError] = []

        def note(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                failures.append(error)

        try:
            self._producer.begin_transaction()
            for coordinates, partition, timestamp, key, value in records:
                headers: list[tuple[str, str | bytes | None]] = [(HEADER, spelled(coordinates))]
                self._send(topic, value, key, partition, note, timestamp, headers)
            self._producer.flush(_PATIENCE * 6)
            self._producer.commit_transaction(_PATIENCE * 6)  # it raises if a record was refused
        except KafkaException as error:
            with suppress(KafkaException):  # the next replay's start ends it
                self._producer.abort_transaction(_PATIENCE)
            if isinstance(error.args[0], KafkaError):
                failures.append(error.args[0])
            for failure in failures:
                if failure.code() in _OF_RECORD:
                    self._producer = self._connected()  # the numbers of the refused records are missing in the old one
                    raise Refused(topic, failure.str()) from error
            raise LandingError(f"Topic {topic} took no replay ({_reason(error)}): start replay again.") from error

    def _send(
        self, topic: str, value: bytes | None, key: bytes | None, partition: int, note: Callable[..., None],
        timestamp: int, headers: list[tuple[str, str | bytes | None]],
    ) -> None:  # fmt: skip
        while True:
            try:
                self._producer.produce(topic, value, key, partition, note, timestamp=timestamp, headers=headers)
                return
            except BufferError:  # the queue is full: let some go
                self._producer.poll(0.1)


class _Reader:
    """A consumer that commits nothing and sees committed records only."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        own = {"group.id": "junction-replay", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
        self._consumer = Consumer({**own, "enable.partition.eof": True, "isolation.level": "read_committed", **options})

    def __enter__(self) -> Consumer:
        return self._consumer

    def __exit__(self, *error: object) -> None:
        self._consumer.close()


def _old(message: Message) -> set[Coordinates]:
    found = set()
    for name, text in dict(message.headers() or []).items():
        if name == HEADER and text:
            try:
                found.add(parsed(text.decode() if isinstance(text, bytes) else text))
            except ValueError:  # somebody else's header of that name
                continue
    return found


def _reason(error: Exception) -> str:
    cause = error.args[0] if error.args else error
    return cause.str() if isinstance(cause, KafkaError) else str(cause)
