"""A topic that fails is taken up again, /healthz tells it, and the job ends when a topic stays down."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from local.broker import Broker
from local.checks import free_port
from testbed.landing.bench import MALFORMED, Bench, samples
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
        wait("no lag", lambda: status(port)[1]["topics"][bench.topic.topic]["lag"] == 0, job)  # it looks each 5 s
    bench.check()


def scraped(port: int) -> dict[tuple[str, ...], float]:
    """The samples of /metrics: name, then the values of the labels, in the order of their names."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        families = text_string_to_metric_families(response.read().decode())
        return {(found.name, *found.labels.values()): found.value for of in families for found in of.samples}


def test_what_is_scraped_is_what_was_landed_and_a_job_that_is_asked_to_end_ends_its_batch(
    broker: Broker, tmp_path: Path
) -> None:
    bench, port = Bench(broker, None, tmp_path), free_port()
    name = bench.topic.topic
    bench.produce(samples(40) + MALFORMED)
    flags = ("--trigger-seconds", "0.5", "--health-address", f"127.0.0.1:{port}", "--log-format", "json")
    with started(bench, *landing_of(bench), *flags) as job:
        wait("the first answer", lambda: status(port)[0] != 0, job)
        assert scraped(port)["junction_landed_rows_total", name] == 0, "a series that is not there cannot be alerted on"
        wait("the first rows", lambda: scraped(port)["junction_landed_rows_total", name] > 0, job)
        wait("all is landed", lambda: status(port)[0] == 200 and status(port)[1]["topics"][name]["lag"] == 0, job)
        found = scraped(port)
        rows, dead = (bench.rows(table) for table in (bench.topic.table, "dead_letters"))
        assert found["junction_landed_rows_total", name] == len(rows)
        reasons = Counter(row["reason"] for row in dead)
        letters = {key[1]: value for key, value in found.items() if key[0] == "junction_landed_dead_letters_total"}
        assert letters == reasons
        files = [*bench.files(bench.topic.table), *bench.files("dead_letters")]
        assert found["junction_landed_bytes_total", name] == sum(file.stat().st_size for file in files)
        batches = {row["_landed_at"] for row in bench.rows("landed_batches")}
        assert found["junction_landing_batch_seconds_count", name] == len(batches)
        assert time.time() - 300 < found["junction_landing_last_batch_timestamp_seconds", name] <= time.time()
        assert found["junction_landing_topic_up", name] == 1
        assert found["junction_landing_lag_seconds", name] == 0
        assert found["junction_landing_restarts_total", name] == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            assert response.status == 200
        bench.produce(samples(20_000, start=40))
        wait("a batch at hand", lambda: any((bench.landing / "_staging" / name).glob("*/*")), job)
        job.send_signal(signal.SIGTERM)
        output, _ = job.communicate(timeout=60)
    assert job.returncode == 0
    assert len(bench.rows(bench.topic.table)) > len(rows), "the batch at hand was ended"
    assert list((bench.landing / "_staging" / name).glob("*")) == []
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    landed = [line for line in lines if "landed" in line["message"] and line.get("topic") == name]
    assert landed[0]["rows"] == len(rows)
    assert {"time", "level", "logger", "message", "topic", "batch", "rows", "dead_letters"} <= landed[0].keys()


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
        ledger = bench.landing / "raw" / "landed_batches"
        wait("the job", lambda: (bench.settings.checkpoints / bench.topic.topic).exists(), job)
        broker.create_topics([f"{bench.topic.topic}-late"])
        bench.produce(samples(10, start=20))
        wait("the other topic's rows", lambda: len(bench.rows(bench.topic.table)) == 30, job)
        late = bench.settings.checkpoints / f"{bench.topic.topic}-late"
        wait("the late topic", late.exists, job)
        assert ledger.exists()
