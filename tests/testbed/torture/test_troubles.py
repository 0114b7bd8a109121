"""A trouble comes and goes, and what the job did not outlive is a fault; the job is a stand-in that writes a ledger."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from testbed.torture import troubles
from testbed.torture.clocks import compiler
from testbed.torture.plan import AHEAD, BEHIND, CUT, HANGS, SLOW
from testbed.torture.sender import TOPICS
from testbed.torture.troubles import Troubles

REFUSED = {AHEAD: "This machine's clock is 90 minutes ahead of Kafka's", BEHIND: "It is 90 minutes behind Kafka's"}
SET_BACK = "This machine's clock was set back by 90 minutes: start again, and landing goes on where it was."


class Quick(random.Random):
    def uniform(self, low: float, high: float) -> float:
        return 0.4


class Jobs:
    """Lands an offset more, again and again, until `stuck`; `ends_when_right` as a job does whose clock is set back."""

    def __init__(self, landing: Path) -> None:
        self.landing, self.ends, self.stuck = landing, {("weather", 0): 0}, threading.Event()
        self.started: list[subprocess.Popen[bytes]] = []
        self.refusing = self.ends_when_right = False
        self.refusal = ""
        self.commands: list[str] = []

    def land(self, point: str, *arguments: str, now: bool = False, environment: Any = None) -> subprocess.Popen[bytes]:
        self.refusing = self.ends_when_right and not self.started
        self.started.append(subprocess.Popen(["sleep", "2" if self.refusing else "100"]))
        if not self.refusing:
            threading.Thread(target=self._write, daemon=True).start()
        return self.started[-1]

    def run(self, point: str, *command: str, environment: Any = None) -> int:
        self.commands.append(command[0])
        return 0

    def failures(self) -> list[tuple[str, str]]:
        return [(topic, self.refusal) for topic in TOPICS] if self.refusal else []

    def last_sentence(self, log_of: str = "job") -> str:
        return SET_BACK

    def _write(self) -> None:
        folder = self.landing / "raw" / "landed_batches" / "landed_date=2026-01-01" / "landed_hour=00"
        folder.mkdir(parents=True, exist_ok=True)
        while not self.stuck.wait(0.1):
            self.ends["weather", 0] += 1
            row = {
                "_kafka_topic": "weather", "_kafka_partition": 0, "end_offset": self.ends["weather", 0],
                "_landed_at": datetime.now(UTC) - timedelta(hours=1),
            }  # fmt: skip
            making = self.landing / "making"
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), making)
            making.rename(folder / f"{self.ends['weather', 0]}.parquet")


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(tmp_path / "landing")
    made.landing.mkdir()
    yield made
    made.stuck.set()
    for job in made.started:
        job.kill()
        job.wait()


def over(jobs: Jobs, pid: int = 0, proxy: Any = None, ends_at: int = 40) -> Troubles:
    sender: Any = SimpleNamespace(ends={("weather", 0): ends_at})
    broker: Any = SimpleNamespace(child=SimpleNamespace(pid=pid))
    return Troubles(jobs, broker, proxy, sender, Quick(1), lambda text: None)  # type: ignore[arg-type]  # stand-ins


def test_the_broker_is_stopped_and_goes_on(jobs: Jobs) -> None:
    broker, states = subprocess.Popen(["sleep", "100"]), set()
    found = over(jobs, broker.pid)
    living = threading.Thread(target=found.live, args=(HANGS,))
    living.start()
    while living.is_alive():
        states.add(Path(f"/proc/{broker.pid}/stat").read_text().split()[2])
        time.sleep(0.02)
    assert states - {"R"} == {"S", "T"}
    assert Path(f"/proc/{broker.pid}/stat").read_text().split()[2] == "S"
    broker.kill()
    broker.wait()
    assert found.faults == []
    seen = found.seen[HANGS]
    assert (seen.times, seen.restarts, len(seen.caught_up)) == (1, 0, 1)
    assert seen.landed_meanwhile > 0


@pytest.mark.parametrize(("kind", "what"), [(SLOW, "bytes"), (CUT, "connections")])
def test_the_connection_is_slow_or_cut_and_is_well_again(jobs: Jobs, kind: str, what: str) -> None:
    class Proxy(SimpleNamespace):
        def cut(self, *, mid_response: bool) -> None:
            self.cuts += 2

    proxy = Proxy(passed=0, cuts=0, latency=0.0, bytes_per_second=None)
    found = over(jobs, proxy=proxy)
    found.live(kind)
    assert found.faults == []
    assert found.seen[kind].times == 1
    assert (proxy.latency, proxy.bytes_per_second) == (0.0, None)
    assert what in found.seen[kind].injected


@pytest.mark.skipif(not compiler(), reason="a clock needs a C compiler")
@pytest.mark.parametrize("kind", [AHEAD, BEHIND])
def test_a_clock_is_wrong_for_commands_too_and_is_set_right(jobs: Jobs, kind: str) -> None:
    jobs.ends_when_right, jobs.refusal = kind == AHEAD, REFUSED[kind]
    found = over(jobs)
    job = found.live(kind)
    assert found.faults == []
    assert jobs.commands == ["compact", "expire"]
    assert job is jobs.started[-1]
    assert len(jobs.started) == found.seen[kind].restarts + 1 == (2 if kind == AHEAD else 1)
    assert (jobs.landing.parent / "clock" / "apart").read_bytes() == bytes(8)


@pytest.mark.parametrize("ends", [False, True])
def test_a_job_that_stops_landing_or_ends_is_a_fault(jobs: Jobs, monkeypatch: pytest.MonkeyPatch, ends: bool) -> None:
    monkeypatch.setattr(troubles, "_CATCH_UP", 1.0)
    hurt = jobs.stuck.set if not ends else lambda: jobs.started[-1].kill()
    monkeypatch.setattr(Troubles, "_slow", lambda self, seen: hurt())
    found = over(jobs, ends_at=10**9)
    found.live(SLOW)
    said = f"the job ended: {SET_BACK}" if ends else "the job did not"
    assert found.faults == [f"{SLOW}: all that was sent should have come within 1 s, and {said}"]
    assert found.seen[SLOW].restarts == ends
    assert found.seen[SLOW].caught_up == []
