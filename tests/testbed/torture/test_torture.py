"""The short form of `make torture`: kills at named points and at random, of job, compaction and broker."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local import paths

pytestmark = pytest.mark.jvm


@pytest.mark.long
def test_a_short_torture_loses_and_repeats_nothing(tmp_path: Path) -> None:
    """In a process of its own: its reader is a thread, and its jobs inherit what it has."""
    flags = ["--events", "10000", "--kills", "6", "--broker-kills", "2", "--troubles", "0", "--clocks", "0"]
    where = ["--seeds", "1", "--report", str(tmp_path / "report"), "--folder", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-m", "testbed.torture", *flags, *where], cwd=paths.ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-3000:]
    found = json.loads((tmp_path / "report" / "torture.json").read_text())
    assert (found["lost"], found["twice"], found["changed"]) == (0, 0, 0)
    assert found["events"] >= 10_000
    assert found["kills"] >= 6
    assert found["broker_kills"] >= 2
    assert found["looks_by_readers"] > 5
    assert "Verdict: **passed**" in (tmp_path / "report" / "torture.md").read_text()
