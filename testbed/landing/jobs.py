"""Landing jobs in processes of their own, which can be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import IO

from local import paths
from testbed import jvm
from testbed.landing.bench import Bench


class Job(subprocess.Popen[str]):
    """A process that writes its `output` to a file: a pipe that nobody reads would hold it when it is full."""

    output: IO[str] | None

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end: what it has printed. Raises TimeoutExpired."""
        if self.output is None:
            return super().communicate(input, timeout)
        if self.stdin:
            self.stdin.close()
        self.wait(timeout)
        self.output.seek(0)
        return self.output.read(), ""


def job(bench: Bench, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in its own process; none of its children outlives it."""
    with started(bench, *arguments) as process:
        output, _ = process.communicate(timeout=600)
    return subprocess.CompletedProcess(process.args, process.returncode, output)


@contextlib.contextmanager
def started(bench: Bench, *arguments: str, piped: bool = False) -> Iterator[Job]:
    """Start `python -m` with these arguments and the bench's broker and landing folder.

    `piped`: whoever talks with it reads its stdout, all the time.
    """
    where = ["--bootstrap-servers", bench.broker.bootstrap_servers, "--landing", str(bench.landing)]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = Job(
            [sys.executable, "-m", *arguments, *where],
            cwd=paths.ROOT, env=os.environ | jvm.options(), text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE if piped else output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        process.output = None if piped else output
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def landing_of(bench: Bench, point: str = "nowhere") -> tuple[str, ...]:
    """The command that lands the bench's topic and dies at the point."""
    return ("testbed.torture.crash", point, f"{bench.topic.topic}:sensors-sample")


def wait(what: str, holds: Callable[[], bool], job: subprocess.Popen[str], seconds: float = 120) -> None:
    """Wait until it holds; AssertionError if the job ends before, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert job.poll() is None, f"the job ended before {what}"
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
