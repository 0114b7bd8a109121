"""The landing job itself, with Spark and a broker, into a bucket: killed before and after its batch is marked."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from ingest.folder.landing_folder import LandingFolder
from local.broker import Broker
from testbed.bucket.server import new_bucket
from testbed.landing.bench import MALFORMED, Bench, samples
from testbed.landing.jobs import job, landing_of
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
