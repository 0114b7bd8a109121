"""Commands of ingest as processes over one landing folder, each in a group of its own that can be killed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract.options import Bucket
from local import paths
from testbed import jvm
from testbed.bucket.faults import Faults
from testbed.torture.sender import TOPICS


@dataclass(frozen=True)
class Storage:
    """A bucket that jobs land to: its place, the environment of who uses it, and the folder of its objects."""

    place: Bucket
    environment: dict[str, str]
    folder: Path
    faults: Faults


Process = subprocess.Popen[bytes]
_TAKEN_UP = re.compile(r"(\S+): failed, taken up again in \d+ s, the other topics go on: (.+)")


class Jobs:
    """Starts them. A landing hour passes with about each start, so that hours close: `lives` is how many will come.

    With `storage` they land to a bucket, whose objects are files of a disk: `landing` is the folder of these.
    """

    def __init__(self, folder: Path, servers: str, lives: int, storage: Storage | None = None) -> None:
        self.landing = storage.folder if storage else folder / "landing"
        self.checkpoints = folder / "checkpoints"
        self._place = storage.place if storage else self.landing
        self._environment = storage.environment if storage else {}
        self._logs = {name: folder / f"{name}.log" for name in ("job", "beside", "command")}
        self.starts = 0
        self._servers = servers
        self._clock = datetime.now(UTC) - timedelta(hours=11)
        self._tick = min(timedelta(minutes=50), timedelta(hours=10) / (lives + 10))

    def land(
        self,
        point: str,
        *arguments: str,
        now: bool = False,
        environment: dict[str, str] | None = None,
        beside: bool = False,
    ) -> Process:
        """A landing job that dies at the point; `now` lands as of its own clock; `beside` another that goes on."""
        self.starts += 1
        checkpoints = self.checkpoints.with_name("checkpoints-beside") if beside else self.checkpoints
        arguments = (*arguments, "--checkpoints", str(checkpoints))
        at = () if now else ("--landed-at", (self._clock + self.starts * self._tick).isoformat())
        arguments = (*arguments, *at, "--bootstrap-servers", self._servers)
        return self._start("beside" if beside else "job", point, *arguments, environment=environment)

    def run(self, point: str, *command: str, environment: dict[str, str] | None = None) -> int:
        """Another command of ingest, up to its end; its exit code."""
        return self._start("command", point, *command, environment=environment).wait(600)

    def _start(self, log_of: str, point: str, *arguments: str, environment: dict[str, str] | None) -> Process:
        command = [sys.executable, "-m", "testbed.torture.crash", point, ",".join(TOPICS), *arguments]
        self._logs[log_of].unlink(missing_ok=True)  # a JVM that outlives its job writes on in the old one
        with self._logs[log_of].open("wb") as log:
            return subprocess.Popen(
                [*command, "--landing", str(self._place)],
                cwd=paths.ROOT,
                env=os.environ | jvm.options() | self._environment | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def failures(self) -> list[tuple[str, str]]:
        """Each time that a topic of the last landing job failed and was taken up again: the topic and the sentence."""
        return _TAKEN_UP.findall(self._logs["job"].read_text(errors="replace"))

    def last_sentence(self, log_of: str = "job") -> str:
        """The sentence with which the last landing job ended, or the last `command`."""
        text = self._logs[log_of].read_text(errors="replace")
        lines = [line for line in text.splitlines() if line.startswith("ingest: ")]
        return lines[-1].removeprefix("ingest: ") if lines else "ended without a sentence: " + text[-500:]


def end_group(process: Process) -> None:
    """Kill a job with its JVM and its workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
