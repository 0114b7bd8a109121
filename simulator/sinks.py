"""Where the records go: a Kafka broker, or one JSON Lines file per topic."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Protocol, TextIO

from confluent_kafka import KafkaError, KafkaException, Message, Producer

POLL_EVERY = 2000  # records between two looks at the delivery reports
DELIVERY_TIMEOUT_S = 30  # how long a broker may be away


class SinkError(RuntimeError):
    """A record could not be delivered; the message says what to do."""


class Sink(Protocol):
    """Takes records. `timestamp_ms` is the Kafka timestamp."""

    def send(self, topic: str, key: str, value: bytes | None, timestamp_ms: int) -> None:
        """Take one record. Raises SinkError."""

    def close(self) -> None:
        """Return when every record is safe. Raises SinkError if one is not."""


class FileSink:
    """One file `<topic>.jsonl` per topic, in send order; a value that is not UTF-8 stands in `value_base64`."""

    def __init__(self, folder: Path, topics: tuple[str, ...]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._files: dict[str, TextIO] = {
                topic: (folder / f"{topic}.jsonl").open("w", encoding="utf-8", newline="\n") for topic in topics
            }
        except OSError as error:
            raise SinkError(f"Cannot write to {folder}: {error.strerror}; choose another folder.") from error

    def send(self, topic: str, key: str, value: bytes | None, timestamp_ms: int) -> None:
        """Take one record. Raises SinkError if the disk refuses it."""
        line: dict[str, str | int | None] = {"key": key, "timestamp_ms": timestamp_ms}
        try:
            line["value"] = None if value is None else value.decode()
        except UnicodeDecodeError:
            line["value_base64"] = base64.b64encode(value or b"").decode()
        try:
            self._files[topic].write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise SinkError(f"Cannot write {topic}.jsonl: {error.strerror}; free some space and run again.") from error

    def close(self) -> None:
        """Close the files. Raises SinkError if the disk refuses the rest."""
        for topic, file in self._files.items():
            try:
                file.close()
            except OSError as error:
                raise SinkError(f"Cannot write {topic}.jsonl: {error.strerror}; free space and run again.") from error


class KafkaSink:
    """An idempotent producer that counts delivery reports: every record is acknowledged, or the run fails."""

    def __init__(self, bootstrap_servers: str, topics: tuple[str, ...], timeout_s: float = 10.0) -> None:
        self._servers = bootstrap_servers
        self._sent = self._delivered = 0
        self._failure: str | None = None
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "enable.idempotence": True,
                "compression.type": "lz4",
                "linger.ms": 50,
                "batch.num.messages": 20_000,
                "delivery.timeout.ms": DELIVERY_TIMEOUT_S * 1000,
                "queue.buffering.max.messages": 200_000,
                "log_level": 0,
            }
        )
        try:
            known = self._producer.list_topics(timeout=timeout_s).topics
        except KafkaException as error:
            raise SinkError(f"No Kafka broker answers at {bootstrap_servers}: start it, or name another.") from error
        missing = sorted(set(topics) - set(known))
        if missing:
            raise SinkError(f"The broker at {bootstrap_servers} lacks {', '.join(missing)}: create them first.")

    def _report(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self._delivered += 1
        elif self._failure is None:
            self._failure = f"Kafka refused a record of {message.topic()}: {error.str()}; look at the broker's log."

    def send(self, topic: str, key: str, value: bytes | None, timestamp_ms: int) -> None:
        """Queue one record; waits while the queue is full. Raises SinkError once any record has failed."""
        while True:
            try:
                self._producer.produce(topic, value, key, timestamp=timestamp_ms, on_delivery=self._report)
                break
            except BufferError:
                self._producer.poll(0.1)
        self._sent += 1
        if self._sent % POLL_EVERY == 0:
            self._producer.poll(0)
        if self._failure:
            raise SinkError(self._failure)

    def close(self) -> None:
        """Wait until every record is acknowledged. Raises SinkError if one was refused or is still on its way."""
        self._producer.flush(2 * DELIVERY_TIMEOUT_S)
        if self._failure:
            raise SinkError(self._failure)
        if self._delivered != self._sent:
            missing = self._sent - self._delivered
            raise SinkError(f"{missing} records were not acknowledged by {self._servers}: check the broker, run again.")
