"""One seed: a landing job that is killed again and again, over a broker that is killed too, and what became of it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ingest.folder.landing_folder import LandingFolder
from local import checks, paths
from local.checks import LocalError
from testbed.torture.crash import contract_of
from testbed.torture.jobs import Jobs, Process, Storage, end_group
from testbed.torture.plan import CLOCKS, SLOW_DISK, Plan, Step
from testbed.torture.points import AT_THE_END, COMPACTING
from testbed.torture.proxy import ProxiedBroker, Proxy
from testbed.torture.reader import Reader
from testbed.torture.reckoning import Reckoning, reckon
from testbed.torture.sender import TOPICS, Sender
from testbed.torture.troubles import Seen, Troubles
from testbed.torture.truth import Comparison, compare, read_topics

_LIFE = (1.0, 16.0)  # seconds from the start of a process that dies at a random time
_SLOW_LIFE = (8.0, 30.0)  # on a slow disk
_PATIENCE = 45.0  # seconds for a named point to be reached; twice that on a slow disk
_SECONDS_A_KILL, _SECONDS_A_TROUBLE, _SECONDS_A_CLOCK = 9.0, 40.0, 80.0  # about; the records are sent over that time
ON_A_SLOW_DISK = {"PYTHONPATH": f"{paths.ROOT / 'testbed' / 'torture' / 'slow_disk'}", "JUNCTION_SLOW_DISK": "0.25"}


@dataclass
class Outcome:
    """What was done to the job and what was found. `kills` counts by kind, `points` by name."""

    kills: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    lost_checkpoints: int = 0
    broker_kills: int = 0
    ended_itself: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    files: int = 0
    troubles: dict[str, Seen] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    kafka: Comparison = field(default_factory=Comparison)
    reckoning: Reckoning = field(default_factory=Reckoning)


class Run:
    """The seed's broker, sender, reader and landing folder, all below `folder`."""

    def __init__(
        self,
        seed: int,
        plan: Plan,
        events: int,
        folder: Path,
        say: Callable[[str], None],
        storage: Storage | None = None,
    ) -> None:
        self.outcome = Outcome()
        self._plan, self._say = plan, say
        self._dice = random.Random(1000 + seed)
        self._wanted = len(plan.steps) + len(plan.commands)
        self._folder = folder
        port, behind, front = (_port(self._dice) for _ in range(3))
        self._broker, self._proxy = ProxiedBroker(folder / "kafka", port, behind, front), Proxy(front, behind)
        self._contract = contract_of(",".join(TOPICS))
        self._jobs = Jobs(folder, f"127.0.0.1:{front}", len(plan.steps), storage)
        self._reader = Reader(self._jobs.landing, self._contract)
        self._commands_due = 4
        self._seconds, self._of = 0.0, sum(map(_seconds, plan.steps))
        pace = events / (self._of + len(plan.commands) * _SECONDS_A_KILL)
        self._sender = Sender(self._broker.bootstrap_servers, folder / "city", seed, events, pace)
        self._troubles = Troubles(self._jobs, self._broker, self._proxy, self._sender, self._dice, say, storage)
        self.outcome.troubles = self._troubles.seen

    def go(self) -> Outcome:
        """Do all that is planned, then let a last job land the rest, and reckon."""
        self._jobs.landing.mkdir(parents=True, exist_ok=True)
        with self._broker:
            self._proxy.start()
            for topic, partitions in TOPICS.items():
                self._broker.create_topics([topic], partitions)
            self._sender.start()
            self._reader.start()
            self._steps()
            self._sender.finish()
            self._until_landed()
            self._reader.end()
            held = read_topics(self._broker.bootstrap_servers, TOPICS)
            self._proxy.stop()
        self.outcome.looks, self.outcome.files = self._reader.looks, self._reader.files
        self.outcome.faults += [*self._reader.faults, *self._sender.failures, *self._troubles.faults]
        self.outcome.kafka = compare(self._sender.delivered, held)
        self.outcome.faults += self.outcome.kafka.faults
        if self.outcome.kafka.repeated and not self.outcome.broker_kills:
            self.outcome.faults.append("Kafka holds a record twice, and no kill of the broker explains it")
        self.outcome.reckoning = reckon(self._jobs.landing, self._contract, held)
        return self.outcome

    def _steps(self) -> None:
        more = Step()
        while self._plan.steps or (self.outcome.kills.total() < self._wanted and self._jobs.starts < 4 * self._wanted):
            step = self._plan.steps.popleft() if self._plan.steps else more
            self._seconds += _seconds(step)
            self._sender.allow(self._seconds / self._of)
            for _ in range(3):  # a job may end by itself while the broker is away
                if self._life(step):
                    break

    def _life(self, step: Step) -> bool:
        """One life of the landing job; was it killed?"""
        if step.trouble and step.trouble != SLOW_DISK:
            return self._troubled_life(step)
        point, slow = step.point or "nowhere", step.trouble == SLOW_DISK
        process = self._jobs.land(point, "--trigger-seconds", "0.7", environment=ON_A_SLOW_DISK if slow else None)
        began, broker_dies = time.monotonic(), self._dice.uniform(2, 9) if step.broker_killed else None
        dies = (1 + slow) * _PATIENCE if step.point else self._dice.uniform(*(_SLOW_LIFE if slow else _LIFE))
        told, beside = False, not step.point and self._jobs.starts >= self._commands_due
        while process.poll() is None:
            lived = time.monotonic() - began
            if broker_dies is not None and lived > broker_dies:
                broker_dies = None
                self._kill_broker()
            elif lived > dies and broker_dies is None:
                return self._killed(process, step, f"{lived:.1f} s after its start")
            elif beside and lived > 5:
                beside = False
                self._commands(slow)
            elif step.point in AT_THE_END and lived > 12 and not told:
                told = True
                process.terminate()
            time.sleep(0.02)
        if process.returncode != -signal.SIGKILL:
            return self._ended_itself(process)
        self.outcome.points[step.point] += 1
        self._note("at a named point", step, step.point)
        return self._after(process, step)

    def _troubled_life(self, step: Step) -> bool:
        process = self._troubles.live(step.trouble)
        time.sleep(self._dice.uniform(0, 3))
        if process.poll() is not None:
            return self._ended_itself(process)
        return self._killed(process, step, f"after {step.trouble}")

    def _ended_itself(self, process: Process) -> bool:
        self.outcome.ended_itself[self._jobs.last_sentence()] += 1
        end_group(process)
        return False

    def _killed(self, process: Process, step: Step, where: str) -> bool:
        self._note(self._kill(process), step, where)
        return self._after(process, step)

    def _after(self, process: Process, step: Step) -> bool:
        if step.lost_checkpoint or self._dice.random() < 0.5:  # or else the JVM ends when it sees that it is alone
            end_group(process)
        if step.trouble == SLOW_DISK:
            self._note_staged()
        if step.lost_checkpoint:
            self.outcome.lost_checkpoints += 1
            while self._jobs.checkpoints.exists():  # a dying JVM may still write
                shutil.rmtree(self._jobs.checkpoints, ignore_errors=True)
        self._reader.look()
        return True

    def _kill(self, process: Process) -> str:
        alone = self._dice.random() < 0.5
        os.kill(process.pid, signal.SIGKILL) if alone else os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return "the driver, at a random time" if alone else "driver, JVM and workers, at a random time"

    def _note_staged(self) -> None:
        """Count what a job on a slow disk left when it died."""
        seen = self.outcome.troubles[SLOW_DISK]
        seen.times += 1
        staged = [path for topic in TOPICS for path in (self._jobs.landing / "_staging" / topic).glob("*")]
        seen.injected["batches staged at a death"] += len(staged)
        seen.injected["of these marked"] += sum(map(bool, map(LandingFolder.at(self._jobs.landing).awaited, TOPICS)))

    def _kill_broker(self) -> None:
        self._broker.kill()
        self.outcome.broker_kills += 1
        self._say(f"broker killed ({self.outcome.broker_kills})")
        time.sleep(self._dice.uniform(0, 3))
        self._broker.start()

    def _commands(self, slow: bool) -> None:
        """Beside a landing job, compact and expire, each killed at its next points; then let compaction live."""
        self._commands_due = self._jobs.starts + 5
        expiring = ("expire", "--older-than", "0.000001")
        while self._plan.commands:
            point = self._plan.commands[0]
            command = ("compact",) if point in COMPACTING else expiring
            if command == expiring:
                self._command(slow, "nowhere", "compact")
            if self._command(slow, point, *command) != -signal.SIGKILL:
                break  # nothing is due yet
            self._plan.commands.popleft()
            self.outcome.points[point] += 1
            self._note(f"in {command[0]}", Step(), point)
        self._command(slow, "nowhere", "compact")

    def _command(self, slow: bool, point: str, *command: str) -> int:
        with self._reader.pause if command[0] == "expire" else contextlib.nullcontext():
            return self._jobs.run(point, *command, environment=ON_A_SLOW_DISK if slow else None)

    def _until_landed(self) -> None:
        for _ in range(5):
            process = self._jobs.land("nowhere", "--once")
            if process.wait(900) == 0:
                return
            self.outcome.ended_itself[self._jobs.last_sentence()] += 1
        self.outcome.faults.append("the last job did not land all")

    def _note(self, kind: str, step: Step, where: str) -> None:
        self.outcome.kills[kind] += 1
        lost = ", checkpoint lost" if step.lost_checkpoint else ""
        kills, faults = self.outcome.kills.total(), len(self._reader.faults)
        self._say(
            f"kill {kills}/{self._wanted}: {kind}: {where}{lost}; "
            f"{self._sender.confirmed:,} of {self._sender.count:,} events confirmed, {faults} faults seen"
        )


def _seconds(step: Step) -> float:
    """About how long a life lasts: each gets its share of the records."""
    return _SECONDS_A_CLOCK if step.trouble in CLOCKS else _SECONDS_A_TROUBLE if step.trouble else _SECONDS_A_KILL


def _port(dice: random.Random) -> int:
    """A free port below those that clients get: one that knocks while the broker is away could be given its port."""
    while True:
        port = dice.randrange(20_000, 30_000)
        with contextlib.suppress(LocalError):
            checks.port_is_free(port, "Kafka", "no variable: try again")
            return port
