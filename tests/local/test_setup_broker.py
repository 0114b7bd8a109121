"""The broker of `local/` is a real one: it keeps its records over a crash, and ends with whatever started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from contract.place import ROOT
from local.broker import Broker
from local.checks import LocalError

pytestmark = pytest.mark.jvm

_STARTS_A_BROKER = """
import sys, time
from pathlib import Path
from local.broker import Broker
with Broker(Path(sys.argv[1])) as broker:
    print(broker.child.pid, broker.port, flush=True)
    time.sleep(600)
"""


def produce(broker: Broker, topic: str, values: list[bytes]) -> None:
    """Send `values` and wait until the broker has them."""
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "enable.idempotence": True, "log_level": 0})
    for value in values:
        producer.produce(topic, value)
    assert producer.flush(30) == 0


def consume(broker: Broker, topic: str, count: int) -> list[bytes]:
    """The first `count` values of partition 0, or as many as arrive within 30 s."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": "test", "log_level": 0})
    consumer.assign([TopicPartition(topic, 0, 0)])
    messages = consumer.consume(count, timeout=30)
    consumer.close()
    return [message.value() or b"" for message in messages]


def group_is_gone(pid: int, within: float = 20) -> bool:
    """Whether no process of `pid`'s group is left."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_broker_keeps_its_records_over_a_crash_and_a_restart(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka")
    with broker:
        assert broker.child
        first = broker.child.pid
        broker.create_topics(["some-topic"])
        broker.create_topics(["some-topic", "another-topic"])
        produce(broker, "some-topic", [b"before"])
        broker.kill()
        assert group_is_gone(first)
        broker.start()
        assert broker.child
        second = broker.child.pid
        produce(broker, "some-topic", [b"after"])
        assert consume(broker, "some-topic", 2) == [b"before", b"after"]
        with pytest.raises(LocalError, match=f"Port {broker.port} for Kafka is in use"):
            Broker(tmp_path / "other", broker.port).start()
    assert group_is_gone(second)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_broker_ends_with_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", _STARTS_A_BROKER, str(tmp_path / "kafka")]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert parent.stdout
    pid, port = map(int, parent.stdout.readline().split())
    socket.create_connection(("127.0.0.1", port)).close()
    parent.send_signal(how)
    parent.wait(30)
    parent.stdout.close()
    assert group_is_gone(pid)


def test_a_broker_that_cannot_start_shows_why(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "kafka")
    with broker:
        pass
    (tmp_path / "kafka" / "data" / "meta.properties").write_text("version=1\ncluster.id=other\nnode.id=99\n")
    with pytest.raises(LocalError, match=r"Kafka ended at its start.*\n(.*\n)*.*99"):
        broker.start()
