"""Lives of the landing job that it must outlive: a broker that hangs, a bad connection, a wrong clock."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from testbed.torture.clocks import Clock
from testbed.torture.jobs import Jobs, Process, Storage, end_group
from testbed.torture.plan import AHEAD, BEHIND, CLOCKS, CUT, HANGS, SLOW, SLOW_DISK, STORE_HANGS, ZOMBIE
from testbed.torture.progress import Progress
from testbed.torture.proxy import ProxiedBroker, Proxy
from testbed.torture.sender import TOPICS, Sender

IMPATIENT = ("--kafka-option", "kafka.default.api.timeout.ms=3000", "--kafka-option", "kafka.request.timeout.ms=2000")
EXPECTED = {
    HANGS: "Topics may fail; the job takes them up again and lands all, without a restart.",
    SLOW: "The job lands, slower.",
    CUT: "Clients connect again, topics may fail; the job lands all, without a restart.",
    AHEAD: "It lands nothing and says so. It ends when the clock is set right, and its next start lands all.",
    BEHIND: "It lands nothing and says so. It lands all when the clock is set right, without a restart.",
    SLOW_DISK: "It dies between its steps, and the next life lands all.",
    STORE_HANGS: "Batches wait; the job lands all, without a restart.",
    ZOMBIE: "The other job lands meanwhile; the paused one lands nothing twice, and one of the two lands all.",
}
_REFUSED = {AHEAD: "minutes ahead of Kafka's", BEHIND: "minutes behind Kafka's"}
_SET_BACK = "This machine's clock was set back by"
_END = 60.0  # seconds for a job to end
_START, _CATCH_UP = 90.0, 150.0  # seconds for a job to land its first batch, and to catch up after a trouble
_APART = (0.5, 20.0)  # hours of a wrong clock
_TO_COME = timedelta(minutes=5)  # the clocks of two hosts may be apart so far (ingest/folder/clocks.py)


@dataclass
class Seen:
    """What was seen of one kind of trouble. `caught_up` are the seconds from its end until all had landed."""

    times: int = 0
    restarts: int = 0
    taken_up: int = 0
    landed_meanwhile: int = 0
    caught_up: list[float] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Seen) -> Seen:
        return Seen(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


class Troubles:
    """The lives of one seed; what is not as expected is a sentence in `faults`."""

    def __init__(
        self, jobs: Jobs, broker: ProxiedBroker, proxy: Proxy, sender: Sender, dice: random.Random,
        say: Callable[[str], None], storage: Storage | None = None,
    ) -> None:  # fmt: skip
        self._storage = storage
        self.seen: dict[str, Seen] = {kind: Seen() for kind in EXPECTED}
        self.faults: list[str] = []
        self._jobs, self._broker, self._proxy, self._sender = jobs, broker, proxy, sender
        self._dice, self._say = dice, say
        self._landed = Progress(jobs.landing)

    def live(self, kind: str) -> Process:
        """A landing job that has met the trouble and landed all that was sent until then, unless it ended."""
        clock = Clock(self._jobs.landing.parent / "clock") if kind in CLOCKS else None
        if clock:
            apart = timedelta(hours=self._dice.uniform(*_APART))
            clock.set(apart if kind == AHEAD else -apart)
        seen, before = self.seen[kind], self._landed.count()
        seen.times += 1
        job = self._jobs.land(
            "nowhere", "--trigger-seconds", "0.7", *(IMPATIENT if kind == HANGS else ()),
            now=clock is not None, environment=clock.environment if clock else None,
        )  # fmt: skip
        if kind in CLOCKS or self._await(
            job, lambda: self._landed.count() > before, _START, f"{kind}: the first batch"
        ):
            before = self._landed.count()
            if clock:
                job = self._set_right(kind, job, clock, seen)
            elif kind == ZOMBIE:
                job = self._pause(job, seen)
            else:
                {HANGS: self._hang, SLOW: self._slow, CUT: self._cut, STORE_HANGS: self._hang_store}[kind](seen)
            seen.landed_meanwhile += self._landed.count() - before
            self._catch_up(kind, job, seen)
        seen.restarts += job.poll() is not None
        self._take_note(seen)
        return job

    def _set_right(self, kind: str, job: Process, clock: Clock, seen: Seen) -> Process:
        """Run commands by the wrong clock, and set it right while the job runs; the job, or the one after it."""
        topics = self._dice.randint(1, len(TOPICS) - 1)  # the others may have met no batch yet
        self._await(job, lambda: len(self._refused(kind)) >= topics, _START, f"{kind}: {topics} refusals")
        self._commands(clock, seen)
        clock.set(timedelta())
        if kind == BEHIND:
            return job
        with contextlib.suppress(subprocess.TimeoutExpired):
            job.wait(_END)
        if _SET_BACK not in (said := self._jobs.last_sentence()):
            self.faults.append(f"{kind}: the clock was set back, and the job did not say so: {said}")
        self._take_note(seen)
        seen.restarts += 1
        seen.said[_plain(said)] += 1
        end_group(job)
        return self._jobs.land("nowhere", "--trigger-seconds", "0.7", now=True)

    def _catch_up(self, kind: str, job: Process, seen: Seen) -> None:
        began, ends = time.monotonic(), dict(self._sender.ends)
        if self._await(job, lambda: self._landed.reaches(ends), _CATCH_UP, f"{kind}: all that was sent"):
            seen.caught_up.append(time.monotonic() - began)
            self._say(f"{kind}: {seen.caught_up[-1]:.1f} s later all had landed")
        newest = self._landed.newest()
        if newest and newest > datetime.now(UTC) + _TO_COME:
            self.faults.append(f"{kind}: a batch was landed as of {newest}, which is to come")

    def _await(self, job: Process, holds: Callable[[], bool], patience: float, what: str) -> bool:
        deadline = time.monotonic() + patience
        while not holds():
            if job.poll() is not None or time.monotonic() > deadline:
                ended = f"the job ended: {self._jobs.last_sentence()}" if job.poll() is not None else "the job did not"
                self.faults.append(f"{what} should have come within {patience:.0f} s, and {ended}")
                return False
            time.sleep(0.2)
        return True

    def _hang(self, seen: Seen) -> None:
        """Stop the broker's process for longer than the job's clients wait."""
        assert self._broker.child
        lasts = self._dice.uniform(25, 35)  # Spark asks three times
        os.kill(self._broker.child.pid, signal.SIGSTOP)
        try:
            time.sleep(lasts)
        finally:
            os.kill(self._broker.child.pid, signal.SIGCONT)
        seen.injected["seconds"] += round(lasts)

    def _hang_store(self, seen: Seen) -> None:
        """Let the bucket answer nothing for a while."""
        assert self._storage
        lasts = self._dice.uniform(10, 30)
        self._storage.faults.hang()
        try:
            time.sleep(lasts)
        finally:
            self._storage.faults.go_on()
        seen.injected["seconds"] += round(lasts)

    def _pause(self, job: Process, seen: Seen) -> Process:
        """Stop the job's processes, let another one land, and let the first go on beside it; the other one."""
        os.killpg(job.pid, signal.SIGSTOP)
        try:
            other = self._jobs.land("nowhere", "--trigger-seconds", "0.7", beside=True)
            before = self._landed.count()
            self._await(other, lambda: self._landed.count() > before, _START, f"{ZOMBIE}: a batch of the other job")
        finally:
            os.killpg(job.pid, signal.SIGCONT)
        lasts = self._dice.uniform(8, 15)
        time.sleep(lasts)
        seen.injected["seconds of two jobs"] += round(lasts)
        end_group(job)
        return other

    def _slow(self, seen: Seen) -> None:
        passed, began, lasts = self._proxy.passed, time.monotonic(), self._dice.uniform(12, 20)
        while time.monotonic() < began + lasts:
            self._proxy.latency = self._dice.uniform(0.02, 0.4)
            self._proxy.bytes_per_second = self._dice.uniform(30_000, 300_000)
            time.sleep(self._dice.uniform(2, 5))
        self._proxy.latency, self._proxy.bytes_per_second = 0.0, None
        seen.injected["seconds"] += round(time.monotonic() - began)
        seen.injected["bytes"] += self._proxy.passed - passed

    def _cut(self, seen: Seen) -> None:
        cuts, ends = self._proxy.cuts, time.monotonic() + self._dice.uniform(12, 20)
        while time.monotonic() < ends:
            time.sleep(self._dice.uniform(0.1, 2.5))
            self._proxy.cut(mid_response=self._dice.random() < 0.6)
        seen.injected["connections"] += self._proxy.cuts - cuts

    def _take_note(self, seen: Seen) -> None:
        said = self._jobs.failures()
        seen.taken_up += len(said)
        seen.said.update(_plain(sentence) for _, sentence in said)

    def _refused(self, kind: str) -> set[str]:
        return {topic for topic, said in self._jobs.failures() if _REFUSED[kind] in said}

    def _commands(self, clock: Clock, seen: Seen) -> None:
        """Compaction and expiry by the same clock."""
        for command in (("compact",), ("expire", "--older-than", "7")):
            if self._jobs.run("nowhere", *command, environment=clock.environment):
                self.faults.append(f"{command[0]} by a wrong clock: {self._jobs.last_sentence('command')}")
            seen.injected[command[0]] += 1


def _plain(sentence: str) -> str:
    """Without what differs from one time to the next."""
    return re.sub(r"\d+", "…", re.sub(r"for [\w-]+ \(", "for … (", sentence))[:300]
