"""A city's records, sent at a steady pace while the broker comes and goes; what it confirmed is what must land."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from testbed.city.through_kafka import events
from testbed.torture.truth import Place, Record

TOPICS = {"vehicle-telemetry": 3, "sensors-sample": 3, "traffic-sensors": 2, "weather": 1}  # with their partitions
_TRICKLE = 10.0  # records a second beyond what was allowed
_EVENTS_AN_HOUR = 155_000  # of 20 vehicles
_FAULTS = ("--malformed", "0.01", "--missing-field", "0.005", "--unknown-field", "0.01", "--duplicated", "0.01")


class Sender(threading.Thread):
    """Sends `count` records of a seed's city in the city's order.

    At `per_second` until what `allow` has allowed is sent, then a few a second: on a slow machine a life of the job
    lasts longer, and each is to meet records of its own, to its end. `delivered` holds what was confirmed, by place;
    `ends` the offset after the last of each partition.

    The producer is idempotent and waits for all acknowledgements. A killed broker can hold a batch twice even so:
    truth.py.
    """

    def __init__(self, servers: str, folder: Path, seed: int, count: int, per_second: float) -> None:
        super().__init__(daemon=True)
        self.delivered: dict[str, dict[Place, Record]] = {topic: {} for topic in TOPICS}
        self.ends: dict[tuple[str, int], int] = {}
        self.failures: list[str] = []
        self.count = count
        self._most = 0.0
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
        due, looked = 1.0, time.monotonic()
        for number, (topic, key, value, timestamp_ms) in enumerate(self._records):
            while not self._hurry.is_set() and number >= due:
                self._producer.poll(0.01)
                before, looked = looked, time.monotonic()
                due += (looked - before) * (self._per_second if due < self._most else _TRICKLE)
            self._producer.produce(topic, value, key, timestamp=timestamp_ms, on_delivery=self._note)
            self._producer.poll(0)
        self._producer.flush(900)

    def allow(self, share: float) -> None:
        """Go on at full pace until this share of the records is sent, from 0 to 1."""
        self._most = min(share, 1.0) * self.count

    def finish(self) -> None:
        """Send what is left at once, and wait until all is confirmed."""
        self._hurry.set()
        self.join()

    @property
    def confirmed(self) -> int:
        return sum(map(len, self.delivered.values()))

    def _note(self, error: Any, message: Any) -> None:
        place = (message.partition(), message.offset())
        if error is not None:
            self.failures.append(f"Kafka did not take a record: {error}")
        elif place[1] < 0 or place in self.delivered[message.topic()]:
            self.failures.append(
                f"Kafka confirmed a record of {message.topic()} at {place}, which is no place of its own"
            )
        else:
            self.delivered[message.topic()][place] = Record.of(message)
            partition = (message.topic(), place[0])
            self.ends[partition] = max(self.ends.get(partition, 0), place[1] + 1)


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
