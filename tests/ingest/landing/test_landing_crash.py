"""`kill -9` at every point of landing, and the command line's exit code."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from local.broker import Broker
from testbed.landing.bench import MALFORMED, Bench, samples
from testbed.landing.jobs import job, landing_of, started
from testbed.torture.points import BY_FORK, in_turn

pytestmark = pytest.mark.jvm

# Of the points where the JVM dies too, what `make test` can pay for: a start each of Python, JVM and Spark.
SHORT = [
    "offsets logged by Spark", "in a task, file closed", "committed by Spark", "second batch published, not recorded",
]  # fmt: skip
CLOCK = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def crash(bench: Bench, point: str, number: int = 0) -> subprocess.CompletedProcess[str]:
    """Land up to the point, as if `number` hours had passed."""
    hour = (CLOCK + timedelta(hours=number)).isoformat()
    return job(bench, *landing_of(bench, point), "--once", "--max-offsets", "96", "--landed-at", hour)


def files(bench: Bench) -> dict[Path, tuple[int, int, str]]:
    """Each published file: inode, time of change, and hash of its bytes."""
    return {
        path: (path.stat().st_ino, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in (bench.landing / "raw").rglob("*.parquet")
    }


def seen_twice(bench: Bench) -> list[tuple]:
    """Records that a reader of the folders sees more than once, by DuckDB; pyarrow must see as many rows."""
    rows = [(row["_kafka_partition"], row["_kafka_offset"]) for t in (bench.topic.table, "dead_letters")
            for row in bench.rows(t)]  # fmt: skip
    raw = bench.landing / "raw"
    patterns = [f"{raw}/{table}/**/*.parquet" for table in (bench.topic.table, "dead_letters") if bench.files(table)]
    if not patterns:
        return []
    query = (
        "select _kafka_generation, _kafka_partition, _kafka_offset, count(*) "
        "from read_parquet(?, union_by_name = true) group by all having count(*) > 1"
    )
    assert len(set(rows)) == len(rows)
    return duckdb.connect().execute(query, [patterns]).fetchall()


@pytest.mark.parametrize(
    ("points", "lost"),
    [(SHORT, 0), *(pytest.param(in_turn(), lost, marks=pytest.mark.long) for lost in (0, 1))],
    ids=["some", "all", "all, the other checkpoints lost"],
)
def test_killed_at_each_point_nothing_is_lost_or_repeated(
    broker: Broker, tmp_path: Path, points: list[str], lost: int
) -> None:
    """Each job dies at another point, over what the one before it left; every other one without its checkpoint."""
    bench = Bench(broker, None, tmp_path)
    published: dict[Path, tuple[int, int, str]] = {}
    for number, point in enumerate(points):
        if number % 2 == lost:
            shutil.rmtree(bench.settings.checkpoints, ignore_errors=True)
        bench.produce(samples(60, start=100 * number) + MALFORMED)
        ended = crash(bench, point, number)
        assert ended.returncode == -signal.SIGKILL, f"{point}: {ended.stdout[-3000:]}"
        assert seen_twice(bench) == [], point
        now = files(bench)
        assert {path: now.get(path) for path in published} == published, f"{point}: a published file has changed"
        published = now
    ended = crash(bench, "nowhere", 100)
    assert ended.returncode == 0, ended.stdout[-3000:]
    bench.check()
    assert {path: held for path, held in files(bench).items() if path in published} == published


def test_children_killed_at_each_point_between_files_lose_and_repeat_nothing(broker: Broker, tmp_path: Path) -> None:
    """One job and its JVM: a child dies at each point, over what the one before it left, and then the job goes on."""
    bench = Bench(broker, None, tmp_path)
    bench.produce((samples(40) + MALFORMED) * len(BY_FORK))
    published: dict[Path, tuple[int, int, str]] = {}
    arguments = ("testbed.torture.forked", f"{bench.topic.topic}:sensors-sample", "--once", "--max-offsets", "48")
    with started(bench, *arguments, piped=True) as process:
        output_lines = iter(process.stdout or ())
        assert process.stdin
        for point in [point for point in in_turn() if point in BY_FORK]:
            process.stdin.write(f"{point}\n")
            process.stdin.flush()
            said = next(line for line in output_lines if point in line)
            if said != f"died: {point}\n":
                process.kill()  # or the rest of its output would never end
                pytest.fail(said + "".join(output_lines))
            assert seen_twice(bench) == [], point
            now = files(bench)
            assert {path: now.get(path) for path in published} == published, f"{point}: a published file has changed"
            published = now
        output, _ = process.communicate("\n", timeout=600)
    assert process.returncode == 0, output[-3000:]
    bench.check()
    assert {path: held for path, held in files(bench).items() if path in published} == published


def test_a_topic_that_fails_makes_the_exit_code_1(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as own:  # other tests make the contract's topics on the one of the test run
        failed = job(Bench(own, None, tmp_path), "ingest", "--once", "--topics", "sensors-sample")
    assert failed.returncode == 1
    assert "Topic sensors-sample does not exist on" in failed.stdout.splitlines()[-1]
    assert "Traceback" not in failed.stdout


def test_a_continuous_job_follows_the_topic_until_it_is_told_to_stop(broker: Broker, tmp_path: Path) -> None:
    bench = Bench(broker, None, tmp_path)
    with started(bench, *landing_of(bench), "--trigger-seconds", "0.5") as process:
        for number in range(3):
            bench.produce(samples(10, start=10 * number))
            deadline = time.monotonic() + 300
            while len(bench.rows("landed_batches")) < 2 * (number + 1) and time.monotonic() < deadline:
                time.sleep(0.2)
        process.terminate()
        output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output[-2000:]
    bench.check()
