"""A city's records, sent at a steady pace while the broker comes and goes; what it confirmed is what must land."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.integration.city import events

TOPICS = {"vehicle-telemetry": 3, "sensors-sample": 3, "traffic-sensors": 2, "weather": 1}  # with their partitions
_EVENTS_AN_HOUR = 155_000  # of 20 vehicles
_FAULTS = ("--malformed", "0.01", "--missing-field", "0.005", "--unknown-field", "0.01", "--duplicated", "0.01")
Place = tuple[int, int]  # partition, offset


class Sender(threading.Thread):
    """Sends `count` records of a seed's city in the city's order; `delivered` holds each topic's values by place.

    The producer is idempotent and waits for all acknowledgements, so a record that it confirms is in the topic once.
    """

    def __init__(self, servers: str, folder: Path, seed: int, count: int, per_second: float) -> None:
        super().__init__(daemon=True)
        self.delivered: dict[str, dict[Place, bytes | None]] = {topic: {} for topic in TOPICS}
        self.failures: list[str] = []
        self.count = count
        self._per_second = per_second
        self._records = _city(folder, seed, count)
        self._hurry = threading.Event()
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 20,
                "delivery.timeout.ms": 900_000,
                "retry.backoff.max.ms": 500,
                "reconnect.backoff.max.ms": 500,
                "queue.buffering.max.messages": 1_000_000,
                "log_level": 0,
            }
        )

    def run(self) -> None:
        began = time.monotonic()
        for number, (topic, key, value, timestamp_ms) in enumerate(self._records):
            while not self._hurry.is_set() and number > (time.monotonic() - began) * self._per_second:
                self._producer.poll(0.01)
            self._producer.produce(topic, value, key, timestamp=timestamp_ms, on_delivery=self._note)
            self._producer.poll(0)
        self._producer.flush(900)

    def finish(self) -> None:
        """Send what is left at once, and wait until all is confirmed."""
        self._hurry.set()
        self.join()

    @property
    def confirmed(self) -> int:
        return sum(map(len, self.delivered.values()))

    def _note(self, error: object, message: object) -> None:
        if error is not None:
            self.failures.append(str(error))
            return
        topic, place = message.topic(), (message.partition(), message.offset())  # type: ignore[attr-defined]
        assert place not in self.delivered[topic]
        self.delivered[topic][place] = message.value()  # type: ignore[attr-defined]


def _city(folder: Path, seed: int, count: int) -> list[tuple[str, str, bytes | None, int]]:
    """The first `count` records of a simulation, in the order of their timestamps."""
    hours = 1.1 * count / _EVENTS_AN_HOUR + 0.05
    options = ("--seed", str(seed), "--hours", f"{hours:.3f}", "--topics", ",".join(TOPICS), *_FAULTS)
    sent = [
        (topic, row["key"], row["value"], row["timestamp_ms"])
        for topic, rows in events(folder, *options).items()
        for row in rows
    ]
    sent.sort(key=lambda record: record[3])
    assert len(sent) >= count
    return sent[:count]


def held(servers: str) -> dict[str, int]:
    """How many offsets each topic has on the broker."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "torture", "log_level": 0})
    ends: dict[str, int] = defaultdict(int)
    for topic, partitions in TOPICS.items():
        for partition in range(partitions):
            ends[topic] += consumer.get_watermark_offsets(TopicPartition(topic, partition), 30)[1]
    consumer.close()
    return dict(ends)
