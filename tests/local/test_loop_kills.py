"""`make up` on DuckDB is killed at random moments under load, and started again: its marts are the oracle's."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from testbed.oracle import KEYS, assert_same_rows, project_oracle
from testbed.warehouse.embedded import embedded
from testbed.warehouse.live import Live

pytestmark = [pytest.mark.jvm, pytest.mark.embedded, pytest.mark.long]

KILLS = 30
SEED = 21


def test_kills_at_random_moments_end_equal_to_the_oracle(tmp_path: Path) -> None:
    moments, up = random.Random(SEED), Live(tmp_path, vehicles=5)
    try:
        for number in range(KILLS):
            up.start()
            time.sleep(moments.uniform(0, 60 if number else 90))  # the first run makes all tables
            assert up.process.poll() is None, up.said()
            print(f"kill {number + 1}: after {up.runs()} runs; {up.said().splitlines()[-1]}")
            up.stop(signal.SIGKILL)
        up.start()
        up.wait("a run of what was landed", lambda: up.runs() > 1)  # the first may have found nothing
        up.stop()
    finally:
        up.stop(signal.SIGKILL)
    with embedded(tmp_path) as warehouse:
        warehouse.build("seed")
        warehouse.build("run")
        oracle = project_oracle(warehouse.landing)
        for name, key in KEYS.items():
            assert_same_rows(name, warehouse.table(name), oracle.mart(name), key)
        ((landed, received),) = warehouse.query(
            "select (select sum(row_count) from raw.landed_batches), (select count(*) from int_received)"
        )
        assert landed == received > 0
