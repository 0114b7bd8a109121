"""The landing job itself, with Spark and a broker, into a bucket: killed before and after its batch is marked."""

from __future__ import annotations

import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from contract.options import Bucket
from ingest.folder.landing_folder import LandingFolder
from local.broker import Broker
from local.checks import free_port
from testbed.bucket.faults import faulty
from testbed.bucket.server import new_bucket
from testbed.landing.bench import MALFORMED, Bench, samples
from testbed.landing.jobs import job, landing_of, started, wait
from tests.ingest.folder.test_bucket import downloaded

pytestmark = pytest.mark.jvm


@pytest.mark.parametrize("point", ["manifest not written", "marked, nothing published"])
def test_a_job_lands_each_record_once_into_a_bucket(
    broker: Broker, s3_server: None, tmp_path: Path, point: str
) -> None:
    bench, place = Bench(broker, None, tmp_path), new_bucket()
    bench.produce(samples(60) + MALFORMED)
    flags = ("--once", "--max-offsets", "40", "--checkpoints", str(tmp_path / "checkpoints"))
    bench.landing = place  # type: ignore[assignment]  # where the jobs land
    assert job(bench, *landing_of(bench, point), *flags).returncode == -signal.SIGKILL
    assert LandingFolder.at(place).store.list("raw") == [], "something is published of a batch that was not"
    bench.produce(samples(20, start=60))
    landed = job(bench, *landing_of(bench), *flags)
    assert landed.returncode == 0, landed.stdout[-2000:]
    again = job(bench, *landing_of(bench), *flags)
    assert again.returncode == 0, again.stdout[-2000:]
    bench.landing = downloaded(place, tmp_path / "landing")
    bench.folder = LandingFolder.at(bench.landing)
    bench.check()


@pytest.mark.cluster
def test_a_bucket_that_hangs_is_not_well_within_a_minute_and_is_waited_for(
    broker: Broker, s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bench, port = Bench(broker, None, tmp_path), free_port()
    with faulty(s3_environment, seed=1) as (environment, faults):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        place = new_bucket()
        bench.landing = place  # type: ignore[assignment]
        flags = ("--trigger-seconds", "2", "--health-address", f"127.0.0.1:{port}")
        with started(bench, *landing_of(bench), *flags, "--checkpoints", str(tmp_path / "checkpoints")) as running:

            def is_well() -> bool:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                        return bool(answer.status == 200)
                except urllib.error.HTTPError:
                    return False
                except OSError:
                    return False

            bench.produce(samples(40))
            wait("it is well", is_well, running)
            faults.hang()
            bench.produce(samples(40, start=40))
            hung = time.monotonic()
            wait("it is not well", lambda: not is_well(), running)
            assert time.monotonic() - hung < 60
            faults.go_on()
            wait("it is well again", is_well, running, 60)
            wait("all is landed", lambda: landed(place) == 80, running, 200)
    bench.landing = downloaded(place, tmp_path / "landing")
    bench.folder = LandingFolder.at(bench.landing)
    bench.check()


def landed(place: Bucket) -> int:
    """The offsets of the ledger's lines, by the names of the raw files."""
    store = LandingFolder.at(place).store
    found = [
        name.removesuffix(".parquet").split("-")[-2:]
        for day in store.list("raw/sensors_sample")
        for hour in store.list(f"raw/sensors_sample/{day}")
        for name in store.list(f"raw/sensors_sample/{day}/{hour}")
    ]
    return sum(int(end) - int(first) for first, end in found)
