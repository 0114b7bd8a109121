"""`kill -9` at every point of `python -m ingest replay`: each letter comes back once."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from local.broker import Broker
from testbed.landing.bench import GOOD, MALFORMED, Bench, samples
from testbed.landing.jobs import job, landing_of
from testbed.torture.points import REPLAYING

pytestmark = pytest.mark.jvm

TEXTS = [json.dumps(GOOD | {"event_id": f"text-{n}", "gear": "4"}).encode() for n in range(5)]
FIXED = {json.dumps(GOOD | {"event_id": f"text-{n}", "gear": 4}).encode() for n in range(5)}


def test_killed_at_each_point_of_replay_each_letter_comes_back_once(broker: Broker, tmp_path: Path) -> None:
    """Each replay dies at another point, over what the one before left; then one lives, and landing follows."""
    bench = Bench(broker, None, tmp_path)
    bench.produce([*samples(20), *TEXTS, *MALFORMED])
    assert job(bench, *landing_of(bench), "--once").returncode == 0
    letters = len(bench.rows("dead_letters"))
    transform = ("replay", "--reasons", "wrong_type", "--transform", "testbed.landing.replay_fixes:numbers")
    for point in REPLAYING:
        ended = job(bench, *landing_of(bench, point), *transform)
        assert ended.returncode == -signal.SIGKILL, f"{point}: {ended.stdout[-3000:]}"
        headers = [header for _, header, _, _ in bench.replayed()]
        assert len(set(headers)) == len(headers), point
    ended = job(bench, *landing_of(bench), *transform)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (
        0, "dead letters: 0 replayed, 6 were replayed before, 0 still do not fit",
    )  # fmt: skip
    assert {value for _, _, value, _ in bench.replayed()} >= FIXED
    assert len(bench.replayed()) == 6

    assert job(bench, *landing_of(bench), "--once").returncode == 0
    landed = [row["event_id"] for row in bench.rows(bench.topic.table) if row["event_id"].startswith("text-")]
    assert sorted(landed) == [f"text-{n}" for n in range(5)]
    assert len(bench.rows("dead_letters")) == letters
