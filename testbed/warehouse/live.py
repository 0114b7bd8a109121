"""`make up` in a process of its own on free ports, and readers in other processes that check each answer."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg2  # type: ignore[import-untyped]

from contract.options import Bucket
from local import checks, jars, paths
from testbed import jvm

_JDBC = Path(__file__).with_name("Reads.java")
_TOOK = re.compile(r"(?:run \d+ of [\d:]+ is done,|dbt took) ([\d.]+) s")
_STATE = ("JUNCTION_VAR", "JUNCTION_LANDING", "DBT_TARGET_PATH")


class Live:
    """The command `up` over the state in `folder`; it can be started again on it, also after a kill.

    Its JVMs are set for a short life, or as users have them. On Spark `port` is the Thrift server's.
    """

    def __init__(
        self,
        folder: Path,
        vehicles: int = 3,
        short_lived: bool = True,
        engine: str = "duckdb",
        landing: Bucket | None = None,
    ) -> None:
        self.folder, self.vehicles, self.engine = folder, vehicles, engine
        self._landing = {"JUNCTION_LANDING": str(landing)} if landing else {}
        self._java = jvm.options() if short_lived else {}
        self.broker_port, self.port = checks.free_port(), checks.free_port()
        self.landing_metrics, self.loop_metrics = checks.free_port(), checks.free_port()
        self.output = folder / "up.txt"
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, terminal: bool = False) -> None:
        """Start it, and wait until it serves. With `terminal` it writes to one of 200 columns and 70 lines."""
        server = "--door-port" if self.engine == "duckdb" else "--thrift-port"
        where = ["--port", str(self.broker_port), server, str(self.port), "--vehicles", str(self.vehicles)]
        output = self._terminal() if terminal else os.open(self.output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "up", *where],
                cwd=paths.ROOT, env=self._environment() | self._java | {"TERM": "xterm"},
                stdout=output, stderr=output, start_new_session=True, preexec_fn=_hear_interrupts,
            )  # fmt: skip
        finally:
            os.close(output)
        self.wait("it serves", lambda: "Serving" in self.said())

    def _terminal(self) -> int:
        """The end of a terminal that a program writes to; what it writes goes to the file, by a thread."""
        read, written = pty.openpty()
        fcntl.ioctl(written, termios.TIOCSWINSZ, struct.pack("HHHH", 70, 200, 0, 0))
        self.output.write_bytes(b"")

        def copy() -> None:
            with self.output.open("ab", buffering=0) as kept, contextlib.suppress(OSError):  # the program has ended
                while block := os.read(read, 65536):
                    kept.write(block)
            os.close(read)

        threading.Thread(target=copy, daemon=True).start()
        return written

    def said(self) -> str:
        """What it has printed since its start."""
        return self.output.read_text(errors="replace")

    def took(self) -> list[float]:
        """Seconds of each run that has ended well since its start; on Spark of each refresh."""
        return [float(seconds) for seconds in _TOOK.findall(self.said())]

    def runs(self) -> int:
        """How many there were."""
        return len(self.took())

    def wait(self, what: str, holds: Callable[[], bool], seconds: float = 400) -> None:
        """Wait until it holds; AssertionError if the command ends before, or after so many seconds."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, f"it ended before {what}:\n{self.said()[-3000:]}"
            assert time.monotonic() < deadline, f"{what}:\n{self.said()[-3000:]}"
            time.sleep(0.2)

    def children(self) -> dict[str, int]:
        """The parts that run, with their process ids: Kafka, ingest, simulator."""
        listed = subprocess.run(
            ["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
        ).stdout
        words = {"kafka.Kafka": "Kafka", "-m ingest": "ingest", "-m simulator": "simulator"}
        rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
        return {
            name: int(pid) for pid, _, command in rows for sign, name in words.items()
            if sign in command and (str(self.folder) in command or f"127.0.0.1:{self.broker_port}" in command)
        }  # fmt: skip

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it by a signal, and wait until its parts have ended too; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(120)
        deadline = time.monotonic() + 60
        while self.children():
            assert time.monotonic() < deadline, self.children()
            time.sleep(0.1)
        return code

    def login(self, user: str = "reader") -> dict[str, Any]:
        """What a client of the door connects with."""
        password = (self.folder / f"door.{user}.password").read_text().strip()
        return {"host": "127.0.0.1", "port": self.port, "user": user, "password": password, "dbname": "warehouse"}

    def rows(self, sql: str, user: str = "reader") -> list[tuple[Any, ...]]:
        """The rows of a statement through the door."""
        with contextlib.closing(psycopg2.connect(**self.login(user))) as connected:
            connected.autocommit = True
            with connected.cursor() as cursor:
                cursor.execute(sql)
                found: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
                return found

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """dbt through the door, as it is typed in another terminal."""
        folders = ["--project-dir", str(paths.PROJECT_DIR), "--profiles-dir", str(paths.PROFILES)]
        written = ["--target-path", str(self.folder / "guest"), "--log-path", str(self.folder / "guest")]
        secrets = {
            "JUNCTION_DOOR_PORT": str(self.port), "DBT_ENV_SECRET_DOOR_PASSWORD": self.login("owner")["password"]
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments, "--target", "served", *folders, *written],
            env=self._environment() | secrets, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def file(self) -> duckdb.DuckDBPyConnection:
        """The warehouse's file, once nobody has it open."""
        return duckdb.connect(str(self.folder / "warehouse.duckdb"))

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _STATE}
        return kept | {
            "JUNCTION_VAR": str(self.folder),
            "JUNCTION_JARS": str(paths.jars()),
            "JUNCTION_TARGET": self.engine,
            "JUNCTION_HEALTH_ADDRESS": f"127.0.0.1:{self.landing_metrics}",
            "JUNCTION_METRICS_ADDRESS": f"127.0.0.1:{self.loop_metrics}",
            **self._landing,
        }


def _hear_interrupts() -> None:
    """As on a terminal: a shell lets what it starts in the background ignore Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def live(folder: Path, vehicles: int = 3, landing: Bucket | None = None) -> Iterator[Live]:
    """The command, started; it has ended when the context ends."""
    running = Live(folder, vehicles, landing=landing)
    running.start()
    try:
        yield running
    finally:
        try:
            running.stop()
        except (subprocess.TimeoutExpired, AssertionError):
            running.stop(signal.SIGKILL)


@contextlib.contextmanager
def readers(running: Live) -> Iterator[list[dict[str, Any]]]:
    """Four processes that read without pause: what each found is in the list when the context ends.

    One is PostgreSQL's JDBC driver, the others are psycopg2.
    """
    stop, password = running.folder / "stop", running.login()["password"]
    stop.unlink(missing_ok=True)
    given = [str(running.port), password, str(stop)]
    psycopg = [sys.executable, "-m", "testbed.warehouse.reads", *given]
    jdbc = [checks.java(), "-Xmx128m", "-cp", f"{jars.fetch('tests')}/*", str(_JDBC), *given]
    commands = [jdbc, psycopg, psycopg, psycopg]
    environment = os.environ | jvm.options()
    processes = [
        subprocess.Popen(
            command, cwd=paths.ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for command in commands
    ]
    found: list[dict[str, Any]] = []
    try:
        for process in processes:
            assert process.stdout
            process.stdout.readline()  # it is connected, or has ended with an error
        yield found
    finally:
        stop.touch()
        ended = [process.communicate(timeout=120) for process in processes]
    for process, (output, error) in zip(processes, ended, strict=True):
        assert process.returncode == 0, error
        found.append(json.loads(output))
