"""The simulator and a real broker: what Kafka holds is what the simulator says it sent, also after Ctrl-C."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from contract.place import ROOT
from contract.reading import load_contract
from local.broker import Broker
from testbed.city.simulated import simulate

pytestmark = pytest.mark.jvm

TOPICS = [topic.topic for topic in load_contract().topics]
Record = tuple[str, bytes | None, int]


@pytest.fixture
def city_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker with the contract's topics, empty."""
    with Broker(tmp_path / "kafka") as running:
        running.create_topics(TOPICS, partitions=2)
        yield running


def _held(broker: Broker, topic: str) -> list[Record]:
    """All records of a topic: key, value, Kafka timestamp in ms."""
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap_servers, "group.id": "test", "enable.auto.commit": False}
    )
    partitions = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in (0, 1)]
    count = sum(consumer.get_watermark_offsets(partition, timeout=10)[1] for partition in partitions)
    consumer.assign(partitions)
    held: list[Record] = []
    deadline = time.monotonic() + 120
    while len(held) < count and time.monotonic() < deadline:
        for message in consumer.consume(10_000, timeout=1):
            assert message.error() is None
            held.append(((message.key() or b"").decode(), message.value(), message.timestamp()[1]))
    consumer.close()
    return held


def test_kafka_holds_the_same_records_as_the_files(city_broker: Broker, tmp_path: Path) -> None:
    options = ["--hours", "0.5", "--vehicles", "5", "--late", "0.05", "--duplicated", "0.05", "--malformed", "0.05"]
    files = simulate(tmp_path, *options)
    target = ["--bootstrap-servers", city_broker.bootstrap_servers]
    subprocess.run([sys.executable, "-m", "simulator", *target, *options], cwd=ROOT, check=True)
    for topic in TOPICS:
        written: list[Record] = []
        for record in files.records(topic):
            if "value_base64" in record:
                value: bytes | None = base64.b64decode(record["value_base64"])
            else:
                value = None if record["value"] is None else record["value"].encode()
            written.append((record["key"], value, record["timestamp_ms"]))
        # Of one key Kafka keeps the order, of all keys only the records.
        held = _held(city_broker, topic)
        assert Counter(held) == Counter(written), topic
        for key in {key for key, _, _ in written}:
            assert [record for record in held if record[0] == key] == [record for record in written if record[0] == key]


def test_ctrl_c_loses_nothing(city_broker: Broker, tmp_path: Path) -> None:
    target = ["--bootstrap-servers", city_broker.bootstrap_servers]
    options = ["--hours", "1000", "--late", "0.1", "--truth", str(tmp_path / "truth")]
    run = subprocess.Popen(
        [sys.executable, "-m", "simulator", *target, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    time.sleep(4)
    run.send_signal(signal.SIGINT)
    summary, _ = run.communicate(timeout=300)
    assert run.returncode == 0
    said = {
        line.split()[0]: int(line.split()[1].replace(",", "")) for line in summary.splitlines()[1 : len(TOPICS) + 1]
    }
    assert said == {topic: len(_held(city_broker, topic)) for topic in TOPICS}
    assert said["vehicle-telemetry"] > 1000
    assert '"kind":"late"' in (tmp_path / "truth").read_text()


def test_a_missing_topic_is_named(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as empty:
        run = subprocess.run(
            [sys.executable, "-m", "simulator", "--bootstrap-servers", empty.bootstrap_servers, "--topics", "weather"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert run.returncode == 1
    assert "lacks weather: create them first" in run.stderr
