"""A process with a clock of its own, and one with a slow disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from testbed.torture.clocks import Clock, compiler
from testbed.torture.run import ON_A_SLOW_DISK

NOW = "from datetime import UTC, datetime; import time; print(datetime.now(UTC).isoformat(), time.time(), flush=True)"


@pytest.mark.skipif(not compiler(), reason="a clock needs a C compiler")
@pytest.mark.parametrize("hours", [0, 7, -30])
def test_a_process_sees_the_clock_that_is_set_and_its_sleeps_stay(tmp_path: Path, hours: int) -> None:
    clock = Clock(tmp_path / "clock")
    clock.set(timedelta(hours=hours))
    program = f"{NOW}\nbegan = time.monotonic(); time.sleep(0.2); print(time.monotonic() - began)"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, env=os.environ | clock.environment, capture_output=True, text=True, check=True)
    iso, seconds, slept = told.stdout.split()
    expected = datetime.now(UTC) + timedelta(hours=hours)
    assert abs(datetime.fromisoformat(iso) - expected) < timedelta(minutes=1)
    assert abs(float(seconds) - expected.timestamp()) < 60
    assert 0.2 <= float(slept) < 10


@pytest.mark.skipif(not compiler(), reason="a clock needs a C compiler")
def test_a_clock_can_be_set_while_a_process_runs(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    clock.set(timedelta(hours=9))
    program = f"{NOW}\nimport sys; sys.stdin.readline()\n{NOW}"
    with subprocess.Popen(
        [sys.executable, "-c", program], env=os.environ | clock.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert float(process.stdout.readline().split()[1]) > time.time() + 8 * 3600
        clock.set(timedelta())
        told, _ = process.communicate("\n")
        assert abs(float(told.split()[1]) - time.time()) < 60


DURABLE = """
import os, sys, time
from pathlib import Path
from ingest.folder.local_store import LocalStore
began = time.monotonic()
store = LocalStore(Path(sys.argv[1]))
store.begin("_staging/topic/1")
with store.stage("raw/a.parquet", "_staging/topic/1") as sink:
    sink.write(b"content")
    handle = sink.seal()
store.publish(handle, "raw/a.parquet")
assert store.read("raw/a.parquet") == b"content"
print(os.fsync.__name__, time.monotonic() - began)
"""


def test_a_slow_disk_slows_each_step_of_a_job_and_changes_none(tmp_path: Path) -> None:
    took = {}
    for name, environment in (("slow", ON_A_SLOW_DISK), ("fsync", {})):
        path = os.pathsep.join([environment.get("PYTHONPATH", ""), os.getcwd()])
        told = subprocess.run(
            [sys.executable, "-c", DURABLE, str(tmp_path / name)],
            env=os.environ | environment | {"PYTHONPATH": path}, capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        assert told[0] == name
        took[name] = float(told[1])
    assert took["slow"] > took["fsync"] + 0.3
