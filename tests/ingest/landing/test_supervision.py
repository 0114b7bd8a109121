"""A topic that fails is taken up again, /healthz tells it, and the job ends when a topic stays down."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.broker import Broker
from local.checks import free_port
from testbed.landing.bench import Bench, samples
from testbed.landing.jobs import landing_of, started, wait

pytestmark = pytest.mark.jvm

IMPATIENT = ("--kafka-option", "kafka.default.api.timeout.ms=3000", "--kafka-option", "kafka.request.timeout.ms=2000")


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that a test may stop."""
    with Broker(tmp_path / "kafka") as running:
        yield running


def status(port: int) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


def test_a_broker_that_hangs_stops_no_topic_for_good(own_broker: Broker, tmp_path: Path) -> None:
    bench, port = Bench(own_broker, None, tmp_path), free_port()
    bench.produce(samples(20))
    flags = ("--trigger-seconds", "0.5", "--health-address", f"127.0.0.1:{port}", *IMPATIENT)
    with started(bench, *landing_of(bench), *flags) as job:
        wait("the first rows", lambda: len(bench.rows(bench.topic.table)) == 20, job)
        wait("a healthy answer", lambda: status(port)[0] == 200, job)
        assert own_broker.child
        os.killpg(own_broker.child.pid, signal.SIGSTOP)
        try:
            wait("an unhealthy answer", lambda: status(port)[0] == 503, job, 60)
            time.sleep(8)  # longer than the client waits
        finally:
            os.killpg(own_broker.child.pid, signal.SIGCONT)
        bench.produce(samples(30, start=20))
        wait("the other rows", lambda: len(bench.rows(bench.topic.table)) == 50, job)
        wait("a healthy answer again", lambda: status(port)[0] == 200, job)
        assert status(port)[1]["topics"][bench.topic.topic]["lag"] == 0
    bench.check()


def test_a_topic_that_stays_down_ends_the_job_and_one_that_comes_back_does_not(broker: Broker, tmp_path: Path) -> None:
    bench = Bench(broker, None, tmp_path)
    bench.produce(samples(20))
    two = (*landing_of(bench)[:2], f"{bench.topic.topic}:sensors-sample,{bench.topic.topic}-late:traffic-sensors")
    flags = ("--trigger-seconds", "0.5", "--give-up-minutes")
    with started(bench, *two, *flags, "0.1") as job:
        output, _ = job.communicate(timeout=300)
    assert job.returncode == 1
    last = output.splitlines()[-1]
    assert f"1 topic(s) were not landed completely. {bench.topic.topic}-late: Topic " in last
    assert "does not exist on" in last
    assert "failed, taken up again in 1 s, the other topics go on" in output

    with started(bench, *two, *flags, "5") as job:
        ledger = bench.settings.landing / "raw" / "landed_batches"
        wait("the job", lambda: (bench.settings.checkpoints / bench.topic.topic).exists(), job)
        broker.create_topics([f"{bench.topic.topic}-late"])
        bench.produce(samples(10, start=20))
        wait("the other topic's rows", lambda: len(bench.rows(bench.topic.table)) == 30, job)
        late = bench.settings.checkpoints / f"{bench.topic.topic}-late"
        wait("the late topic", late.exists, job)
        assert ledger.exists()
