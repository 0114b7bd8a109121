"""One seed: a landing job that is killed again and again, over a broker that is killed too, and what became of it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local import checks, paths
from local.broker import Broker
from local.checks import LocalError
from testbed import jvm
from testbed.torture.crash import contract_of
from testbed.torture.plan import Plan, Step
from testbed.torture.points import AT_THE_END, COMPACTING
from testbed.torture.reader import Reader
from testbed.torture.reckoning import Reckoning, reckon
from testbed.torture.sender import TOPICS, Sender
from testbed.torture.truth import Comparison, compare, read_topics

_LIFE = (1.0, 16.0)  # seconds from the start of a process that dies at a random time
_PATIENCE = 45.0  # seconds for a named point to be reached
_SECONDS_A_KILL = 9.0  # about; the records are sent over that time


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
    faults: list[str] = field(default_factory=list)
    kafka: Comparison = field(default_factory=Comparison)
    reckoning: Reckoning = field(default_factory=Reckoning)


class Run:
    """The seed's broker, sender, reader and landing folder, all below `folder`."""

    def __init__(self, seed: int, plan: Plan, events: int, folder: Path, say: Callable[[str], None]) -> None:
        self.outcome = Outcome()
        self._plan, self._say = plan, say
        self._dice = random.Random(1000 + seed)
        self._wanted = len(plan.steps) + len(plan.commands)
        self._folder, self._landing = folder, folder / "landing"
        self._broker = Broker(folder / "kafka", _port(self._dice))
        self._contract = contract_of(",".join(TOPICS))
        self._reader = Reader(self._landing, self._contract)
        self._starts, self._commands_due = 0, 4
        self._clock = datetime.now(UTC) - timedelta(hours=11)  # landing hours pass faster, so that they close
        self._tick = min(timedelta(minutes=50), timedelta(hours=10) / (len(plan.steps) + 10))
        per_second = events / self._wanted / _SECONDS_A_KILL
        self._sender = Sender(self._broker.bootstrap_servers, folder / "city", seed, events, per_second)

    def go(self) -> Outcome:
        """Do all that is planned, then let a last job land the rest, and reckon."""
        self._landing.mkdir(parents=True)
        with self._broker:
            for topic, partitions in TOPICS.items():
                self._broker.create_topics([topic], partitions)
            self._sender.start()
            self._reader.start()
            self._steps()
            self._sender.finish()
            self._until_landed()
            self._reader.end()
            held = read_topics(self._broker.bootstrap_servers, TOPICS)
        self.outcome.looks, self.outcome.files = self._reader.looks, self._reader.files
        self.outcome.faults += [*self._reader.faults, *self._sender.failures]
        self.outcome.kafka = compare(self._sender.delivered, held)
        self.outcome.faults += self.outcome.kafka.faults
        if self.outcome.kafka.repeated and not self.outcome.broker_kills:
            self.outcome.faults.append("Kafka holds a record twice, and no kill of the broker explains it")
        self.outcome.reckoning = reckon(self._landing, self._contract, held)
        return self.outcome

    def _steps(self) -> None:
        more = Step()
        while self._plan.steps or (self.outcome.kills.total() < self._wanted and self._starts < 4 * self._wanted):
            step = self._plan.steps.popleft() if self._plan.steps else more
            for _ in range(3):  # a job may end by itself while the broker is away
                if self._life(step):
                    break

    def _life(self, step: Step) -> bool:
        """One life of the landing job; was it killed?"""
        point = step.point or "nowhere"
        process = self._start(point, "--trigger-seconds", "0.7", *self._hour())
        began, broker_dies = time.monotonic(), self._dice.uniform(2, 9) if step.broker_killed else None
        dies = _PATIENCE if step.point else self._dice.uniform(*_LIFE)
        told, beside = False, not step.point and self._starts >= self._commands_due
        while process.poll() is None:
            lived = time.monotonic() - began
            if broker_dies is not None and lived > broker_dies:
                broker_dies = None
                self._kill_broker()
            elif lived > dies and broker_dies is None:
                kind = self._kill(process)
                self._note(kind, step, f"{lived:.1f} s after its start")
                return self._after(process, step)
            elif beside and lived > 5:
                beside = False
                self._commands()
            elif step.point in AT_THE_END and lived > 12 and not told:
                told = True
                process.terminate()
            time.sleep(0.02)
        if process.returncode != -signal.SIGKILL:
            self.outcome.ended_itself[_last_sentence(self._log())] += 1
            self._end_group(process)
            return False
        self.outcome.points[step.point] += 1
        self._note("at a named point", step, step.point)
        return self._after(process, step)

    def _after(self, process: subprocess.Popen[bytes], step: Step) -> bool:
        if step.lost_checkpoint or self._dice.random() < 0.5:  # or else the JVM ends when it sees that it is alone
            self._end_group(process)
        if step.lost_checkpoint:
            self.outcome.lost_checkpoints += 1
            while (self._folder / "checkpoints").exists():  # a dying JVM may still write
                shutil.rmtree(self._folder / "checkpoints", ignore_errors=True)
        self._reader.look()
        return True

    def _kill(self, process: subprocess.Popen[bytes]) -> str:
        alone = self._dice.random() < 0.5
        os.kill(process.pid, signal.SIGKILL) if alone else os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return "the driver, at a random time" if alone else "driver, JVM and workers, at a random time"

    def _end_group(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def _kill_broker(self) -> None:
        self._broker.kill()
        self.outcome.broker_kills += 1
        self._say(f"broker killed ({self.outcome.broker_kills})")
        time.sleep(self._dice.uniform(0, 3))
        self._broker.start()

    def _commands(self) -> None:
        """Beside a landing job, compact and expire, each killed at its next points; then let compaction live."""
        self._commands_due = self._starts + 5
        expiring = ("expire", "--older-than", "0.000001")
        while self._plan.commands:
            point = self._plan.commands[0]
            command = ("compact",) if point in COMPACTING else expiring
            if command == expiring:
                self._command("nowhere", "compact")
            if self._command(point, *command) != -signal.SIGKILL:
                break  # nothing is due yet
            self._plan.commands.popleft()
            self.outcome.points[point] += 1
            self._note(f"in {command[0]}", Step(), point)
        self._command("nowhere", "compact")

    def _command(self, point: str, *command: str) -> int:
        with self._reader.pause if command[0] == "expire" else contextlib.nullcontext():
            return self._start(point, *command, kafka=False).wait(600)

    def _until_landed(self) -> None:
        for _ in range(5):
            process = self._start("nowhere", "--once", *self._hour())
            if process.wait(900) == 0:
                return
            self.outcome.ended_itself[_last_sentence(self._log())] += 1
        self.outcome.faults.append("the last job did not land all")

    def _hour(self) -> tuple[str, str]:
        self._starts += 1
        return "--landed-at", (self._clock + self._starts * self._tick).isoformat()

    def _start(self, point: str, *arguments: str, kafka: bool = True) -> subprocess.Popen[bytes]:
        where = ["--landing", str(self._landing)]
        where += ["--bootstrap-servers", self._broker.bootstrap_servers] if kafka else []
        command = [sys.executable, "-m", "testbed.torture.crash", point, ",".join(TOPICS), *arguments, *where]
        with self._log().open("wb") as log:
            return subprocess.Popen(
                command, cwd=paths.ROOT, env=os.environ | jvm.options(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def _log(self) -> Path:
        return self._folder / "job.log"

    def _note(self, kind: str, step: Step, where: str) -> None:
        self.outcome.kills[kind] += 1
        lost = ", checkpoint lost" if step.lost_checkpoint else ""
        kills, faults = self.outcome.kills.total(), len(self._reader.faults)
        self._say(
            f"kill {kills}/{self._wanted}: {kind}: {where}{lost}; "
            f"{self._sender.confirmed:,} of {self._sender.count:,} events confirmed, {faults} faults seen"
        )


def _port(dice: random.Random) -> int:
    """A free port below those that clients get: one that knocks while the broker is away could be given its port."""
    while True:
        port = dice.randrange(20_000, 30_000)
        with contextlib.suppress(LocalError):
            checks.port_is_free(port, "Kafka", "no variable: try again")
            return port


def _last_sentence(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("ingest: ")]
    return lines[-1].removeprefix("ingest: ") if lines else "ended without a sentence: " + log.read_text()[-500:]
