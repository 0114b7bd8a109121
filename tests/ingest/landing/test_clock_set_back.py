"""A clock that was ahead is set right while a topic waits for its first records."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from local import paths
from local.broker import Broker
from testbed import jvm
from testbed.landing.bench import Bench, samples
from testbed.landing.jobs import job, landing_of
from testbed.torture.clocks import Clock, compiler

pytestmark = [pytest.mark.jvm, pytest.mark.skipif(not compiler(), reason="a clock needs a C compiler")]
UNCHECKED = (
    "import sys; from ingest.landing import supervisor; supervisor._MOST_BACK = 1e12; "
    "from testbed.torture import crash; sys.exit(crash.main())"
)


@pytest.mark.parametrize("checked", [True, False])
def test_a_job_whose_clock_is_set_back_ends_and_its_next_start_goes_on(
    broker: Broker, tmp_path: Path, checked: bool
) -> None:
    """Unchecked, Spark waits for the idle topic's next batch until its clock is where it was."""
    bench, clock, log = Bench(broker, None, tmp_path), Clock(tmp_path / "clock"), tmp_path / "log"
    clock.set(timedelta(hours=3))
    module, *flags = landing_of(bench)
    where = ["--bootstrap-servers", bench.broker.bootstrap_servers, "--landing", str(bench.landing)]
    start = ["-m", module] if checked else ["-c", UNCHECKED]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *start, *flags, "--trigger-seconds", "0.5", *where], cwd=paths.ROOT, stdout=out,
            env=os.environ | jvm.options() | clock.environment, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        while not list(bench.settings.checkpoints.glob("*/*/metadata")):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        time.sleep(5)  # the query waits for its next trigger
        clock.set(timedelta())
        bench.produce(samples(20))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(40 if checked else 20)
        assert (process.returncode, bench.rows(bench.topic.table)) == (1 if checked else None, []), log.read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if checked:
        assert log.read_text().splitlines()[-1].startswith("ingest: This machine's clock was set back by 180 minutes:")
    assert job(bench, *landing_of(bench), "--once").returncode == 0
    bench.check()
