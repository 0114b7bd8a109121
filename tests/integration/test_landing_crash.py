"""`kill -9` in the middle of a batch, and the command line's exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import paths
from local.broker import Broker
from tests.integration.landing import MALFORMED, Bench, samples
from tests.integration.landing_crash import POINTS


def job(bench: Bench, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a landing job in its own process; none of its children outlives it."""
    with started(bench, *arguments, "--once") as process:
        output, _ = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, output)


@contextlib.contextmanager
def started(bench: Bench, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    where = ["--bootstrap-servers", bench.broker.bootstrap_servers, "--landing", str(bench.settings.landing)]
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments, *where],
        cwd=paths.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@pytest.mark.timeout(300)
def test_killed_at_each_point_in_turn_nothing_is_lost_or_repeated(broker: Broker, tmp_path: Path) -> None:
    """Each job dies at another point, over what the one before it left; the last one lives."""
    bench = Bench(broker, None, tmp_path)
    for number, point in enumerate(POINTS):
        bench.produce(samples(40, start=100 * number) + MALFORMED)
        ended = job(bench, "tests.integration.landing_crash", point, bench.topic.topic)
        expected = 0 if point == "nowhere" else -signal.SIGKILL
        assert ended.returncode == expected, f"{point}: {ended.stdout[-2000:]}"
        seen = bench.rows(bench.topic.table) + bench.rows("dead_letters")
        keys = [(row["_kafka_partition"], row["_kafka_offset"]) for row in seen]
        assert len(keys) == len(set(keys)), f"{point}: a reader sees a row twice"
    bench.check()


@pytest.mark.timeout(120)
def test_a_topic_that_fails_makes_the_exit_code_1(broker: Broker, tmp_path: Path) -> None:
    bench = Bench(broker, None, tmp_path)
    failed = job(bench, "ingest", "--topics", "sensors-sample")
    assert failed.returncode == 1
    assert "Topic sensors-sample does not exist on" in failed.stdout.splitlines()[-1]
    assert "Traceback" not in failed.stdout


@pytest.mark.timeout(120)
def test_a_continuous_job_follows_the_topic_until_it_is_told_to_stop(broker: Broker, tmp_path: Path) -> None:
    bench = Bench(broker, None, tmp_path)
    arguments = ("tests.integration.landing_crash", "nowhere", bench.topic.topic, "--trigger-seconds", "0.5")
    with started(bench, *arguments) as process:
        for number in range(3):
            bench.produce(samples(10, start=10 * number))
            deadline = time.monotonic() + 60
            while len(bench.rows("landed_batches")) < 2 * (number + 1) and time.monotonic() < deadline:
                time.sleep(0.2)
        process.terminate()
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output[-2000:]
    bench.check()
