"""A child process that never outlives its parent, however the parent ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from local import paths
from local.checks import LocalError

# Reads until the parent's end of the pipe closes (also when the parent is killed), then ends the child's group.
_WATCHDOG = """
read -r _
kill -s TERM -- "-$1"
left=10
while kill -s 0 -- "-$1" && [ $left -gt 0 ]; do sleep 1; left=$((left - 1)); done
kill -s KILL -- "-$1"
"""


def module(name: str, bootstrap_servers: str, *arguments: object) -> Child:
    """Start `python -m name` against a broker; its log is `logs/<name>.log` in `paths.var()`."""
    command = [sys.executable, "-m", name, "--bootstrap-servers", bootstrap_servers, *map(str, arguments)]
    return Child(name, command, paths.var() / "logs" / f"{name}.log")


def all_alive(parts: Sequence[Child]) -> None:
    """Raise LocalError for a child that has ended, with the end of its log."""
    for part in parts:
        if not part.running():
            code = part.process.returncode
            how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            raise LocalError(f"{part.name} {how}: {part.last_lines(1)} (all of it: {part.log})")


class Child:
    """A running command: its own process group (Ctrl-C reaches the parent only), its output in one log file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=paths.ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watchdog = subprocess.Popen(
            ["sh", "-c", _WATCHDOG, "watchdog", str(self.process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id, which is the id of its group too."""
        return self.process.pid

    def running(self) -> bool:
        """Whether the command itself has not ended yet."""
        return self.process.poll() is None

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for an error message."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def ask_to_end(self) -> None:
        """Send SIGTERM to the group, and do not wait; harmless if it has ended."""
        self._signal(signal.SIGTERM)

    def stop(self, patience: float = 20) -> None:
        """Ask the group to end (SIGTERM), kill it after `patience` seconds; harmless if it has ended."""
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        self.kill()

    def kill(self) -> None:
        """End the group at once (SIGKILL) and forget it."""
        self._signal(signal.SIGKILL)
        self.process.wait()
        self._watchdog.kill()
        self._watchdog.wait()
        if self._watchdog.stdin:
            self._watchdog.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
