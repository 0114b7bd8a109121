"""What the topics hold in the end, which is what must have landed, against what their broker confirmed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from confluent_kafka import Consumer, KafkaError, TopicPartition

Place = tuple[int, int]  # partition, offset


@dataclass(frozen=True)
class Record:
    """What a record is, wherever in its topic it lies."""

    key: bytes | None
    value: bytes | None
    timestamp_ms: int

    @classmethod
    def of(cls, message: Any) -> Record:
        """The record of a Kafka client's message."""
        return cls(message.key(), message.value(), message.timestamp()[1])


Records = Mapping[str, Mapping[Place, Record]]  # by topic and place


@dataclass
class Comparison:
    """`confirmed` and `repeated` (by a retry of the producer) count records; `faults` are sentences."""

    confirmed: int = 0
    repeated: int = 0
    faults: list[str] = field(default_factory=list)


def compare(confirmed: Records, held: Records) -> Comparison:
    """Each confirmed record must be at its place, and any other must repeat one of its partition.

    Kafka drops a batch that an idempotent producer sends again, unless it was killed before it had written down whom it
    took the batch from: then the topic holds the batch twice, and the producer knows of the later one.
    """
    found = Comparison(sum(map(len, confirmed.values())))
    for topic in sorted(confirmed.keys() | held.keys()):
        sent, there = confirmed.get(topic, {}), held.get(topic, {})
        known = {(partition, record) for (partition, _), record in sent.items()}
        others = there.keys() - sent.keys()
        foreign = sorted(place for place in others if (place[0], there[place]) not in known)
        found.repeated += len(others) - len(foreign)
        gone = sorted(sent.keys() - there.keys())
        changed = sorted(place for place in sent.keys() & there.keys() if sent[place] != there[place])
        for what, places in (
            ("does not hold what it confirmed", gone),
            ("holds other bytes than it confirmed", changed),
            ("holds what nobody sent", foreign),
            ("has no record at an offset", _holes(there)),
        ):
            if places:
                found.faults.append(f"Kafka's {topic} {what}: {len(places)} records, {_some(places)}")
    return found


def _holes(there: Mapping[Place, Record]) -> list[Place]:
    """The offsets from 0 to a partition's last that hold nothing: nobody sent a transaction or removed a record."""
    counts, ends = Counter(partition for partition, _ in there), dict[int, int]()
    for partition, offset in there:
        ends[partition] = max(ends.get(partition, 0), offset + 1)
    return [
        (partition, offset)
        for partition, end in sorted(ends.items())
        if counts[partition] != end
        for offset in range(end)
        if (partition, offset) not in there
    ]


def _some(places: list[Place]) -> str:
    shown = [f"partition {partition} offset {offset}" for partition, offset in islice(places, 3)]
    return ", ".join(shown) + (", …" if len(places) > 3 else "")


def read_topics(servers: str, topics: Mapping[str, int]) -> dict[str, dict[Place, Record]]:
    """All that the topics (with their numbers of partitions) hold now, aborted transactions too.

    Raises RuntimeError if the broker does not give a partition to its end.
    """
    held: dict[str, dict[Place, Record]] = {topic: {} for topic in topics}
    for topic, place, record in _consume(servers, topics):
        held[topic][place] = record
    return held


def _consume(servers: str, topics: Mapping[str, int]) -> Iterator[tuple[str, Place, Record]]:
    options = {"bootstrap.servers": servers, "group.id": "torture", "enable.partition.eof": True, "log_level": 0}
    consumer = Consumer(options | {"isolation.level": "read_uncommitted", "enable.auto.commit": False})
    places = [TopicPartition(topic, partition, 0) for topic, count in topics.items() for partition in range(count)]
    consumer.assign(places)
    going = {(place.topic, place.partition) for place in places}
    last = time.monotonic()
    try:
        while going:
            messages: list[Any] = consumer.consume(10_000, timeout=0.5)  # which it waits for in full if there are fewer
            last = time.monotonic() if messages else last
            if time.monotonic() > last + 60:
                raise RuntimeError(f"the broker does not give {sorted(going)} to their ends")
            for message in messages:
                error = message.error()
                if error is None:
                    yield message.topic(), (message.partition(), message.offset()), Record.of(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    going.discard((message.topic(), message.partition()))
                elif not error.retriable():
                    raise RuntimeError(str(error))
    finally:
        consumer.close()
