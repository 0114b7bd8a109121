"""Memory and time follow the bytes: records that aim at more, by the code of Spark's task within an address space."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from contract.place import ROOT
from testbed.landing.poison import KINDS, size

ADDRESS_SPACE = 2_000_000_000  # bytes; Python and pyarrow take 400 MB of it before they do anything
MOST_MEMORY = 160 << 20  # bytes above what the process had: a record of a megabyte can be 80 MB of Python's objects
MOST_TIME = 500  # times the time of plain records, by bytes
A_RECORD = 200  # bytes: what a record costs without any


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    """What each kind took, by name."""
    command = [sys.executable, "-m", "testbed.landing.poison", str(ADDRESS_SPACE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return {found["kind"]: found for found in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("kind", KINDS)
def test_memory_and_time_follow_the_bytes(kind: str, measured: dict[str, dict[str, Any]]) -> None:
    found, payloads = measured[kind], KINDS[kind]
    assert found["rows"] + found["dead"] == len(payloads)
    assert found["memory"] < MOST_MEMORY
    assert found["seconds"] < MOST_TIME * _weight(kind) * measured["plain"]["seconds"] / _weight("plain")


def _weight(kind: str) -> int:
    return size(KINDS[kind]) + A_RECORD * len(KINDS[kind])


def test_kinds_are_many_and_records_are_such_as_kafka_takes() -> None:
    assert len(KINDS) > 45
    assert max(len(payload or b"") for payloads in KINDS.values() for payload in payloads) < 2_000_000
