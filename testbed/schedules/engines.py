"""The engines as a schedule sees them: an empty warehouse over a landing, dbt, tables, and a run that dies."""

from __future__ import annotations

import _thread
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from dbt.cli.main import dbtRunnerResult

from local import paths
from testbed.standin import Standin, standin
from testbed.warehouse.contract_change import copy_of_project
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures
from testbed.warehouse.spark import Warehouse, warehouse

SEEDED = "seeded"
ENGINES = ("standin", "spark", "duckdb")  # the first is the default


class Engine(Protocol):
    """`breaks_late`: a condition that fails when the first row meets it, and not before. `frees_at_once`: the lock of
    a run that was killed is free for the next one."""

    name: str
    project: Path
    landing: Path
    breaks_late: str
    frees_at_once: bool

    def empty(self, landing: Path) -> None:
        """Begin again: seeds and nothing else, over what is landed in `landing`."""

    def load(self) -> None:
        """Make what was landed since visible where the engine does not read the files themselves."""

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        """One dbt command, whatever its outcome."""

    def killed(self, after: int, *arguments: str) -> bool:
        """One dbt command that dies after so many models. False if it was through before."""

    def together(self, *arguments: str) -> list[bool]:
        """The same dbt command twice at once; whether each succeeded. Empty if the engine cannot."""

    def table(self, name: str) -> pa.Table:
        """All rows of a model."""

    def nodes(self) -> list[dict[str, Any]]:
        """The nodes of the manifest of dbt's last command."""


def built(engine: Engine, *arguments: str) -> None:
    """`dbt …`, or an AssertionError that tells what failed."""
    outcome = engine.dbt(*arguments)
    assert outcome.success, failures(outcome)


class OnStandin:
    """The Redshift stand-in; each schedule has a database of its own, copied from one with the seeds."""

    name = "standin"
    breaks_late = "1 / (select count(*) - count(*) from junction.run_lock) = 1"  # asked at the first row
    frees_at_once = False

    def __init__(self, running: Standin, project: Path) -> None:
        self._running = running
        self.project = project
        self.landing = running.folder / "landing"
        built(self, "seed")
        running.keep(SEEDED)

    def empty(self, landing: Path) -> None:
        self.landing = landing
        self._running.restore(SEEDED)

    def load(self) -> None:
        self._running.load(self.landing)

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        return self._running.dbt(*arguments)

    def killed(self, after: int, *arguments: str) -> bool:
        """By SIGKILL, in a process of its own."""
        return self._child(after, *arguments).wait() == -signal.SIGKILL

    def together(self, *arguments: str) -> list[bool]:
        both = [self._child(-1, *arguments) for _ in range(2)]
        return [child.wait() == 0 for child in both]

    def _child(self, after: int, *arguments: str) -> subprocess.Popen[bytes]:
        return _child(after, self._running.command(*arguments), self._running.variables())

    def table(self, name: str) -> pa.Table:
        return self._running.table(name)

    def nodes(self) -> list[dict[str, Any]]:
        return list(self._running.manifest()["nodes"].values())


class OnSpark:
    """Delta in one warm Spark session; between schedules all but the seeds is dropped."""

    name = "spark"
    breaks_late = "raise_error('broken') is null"
    frees_at_once = False

    def __init__(self, running: Warehouse) -> None:
        self._running = running
        self.project = running.project
        self.landing = running.landing
        built(self, "seed")
        self._seeds = {node["name"] for node in self.nodes() if node["resource_type"] == "seed"}

    def empty(self, landing: Path) -> None:
        os.environ["JUNCTION_LANDING"] = str(landing)  # warehouse() puts it back
        self.landing = landing
        session = self._running.session
        session.sql("drop database if exists raw cascade")
        views = {row.viewName for row in session.sql("show views in junction").collect()}
        listed = session.sql("show tables in junction").collect()
        tables = {row.tableName for row in listed if not row.isTemporary}
        for name in tables - self._seeds:
            session.sql(f"drop {'view' if name in views else 'table'} junction.{name}")

    def load(self) -> None:
        """Spark reads the files."""

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        return self._running.dbt(*arguments)

    def killed(self, after: int, *arguments: str) -> bool:
        """By Ctrl-C, since the session lives in this process: dbt ends without its last hook, as a killed one."""
        count = 0

        def interrupt(event: Any) -> None:
            nonlocal count
            count += event.info.name == "NodeFinished"
            if count == after + 1 and event.info.name == "NodeFinished":
                _thread.interrupt_main()

        outcome = self._running.dbt(*arguments, callbacks=[interrupt])
        return isinstance(outcome.exception, KeyboardInterrupt)

    def together(self, *arguments: str) -> list[bool]:
        """Embedded Derby serves one process, and dbt one command a process."""
        return []

    def table(self, name: str) -> pa.Table:
        return self._running.table(name)

    def nodes(self) -> list[dict[str, Any]]:
        content = json.loads((self._running.folder / "target" / "manifest.json").read_text())
        return list(content["nodes"].values())


class OnDuckdb:
    """A DuckDB file; each schedule begins with a copy of one that has the seeds."""

    name = "duckdb"
    breaks_late = "error('broken' || random()) is null"  # what is not random is computed while planning
    frees_at_once = True  # nobody else has the file open

    def __init__(self, running: Embedded) -> None:
        self._running = running
        self.project = running.project
        self.landing = running.landing
        built(self, "seed")
        running.keep(SEEDED)

    def empty(self, landing: Path) -> None:
        os.environ["JUNCTION_LANDING"] = str(landing)  # embedded() puts it back
        self.landing = landing
        self._running.restore(SEEDED)

    def load(self) -> None:
        """DuckDB reads the files."""

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        return self._running.dbt(*arguments)

    def killed(self, after: int, *arguments: str) -> bool:
        """By SIGKILL, in a process of its own."""
        return _child(after, self._running.command(*arguments), {}).wait() == -signal.SIGKILL

    def together(self, *arguments: str) -> list[bool]:
        """The one that comes second to the file is refused by DuckDB."""
        both = [_child(-1, self._running.command(*arguments), {}) for _ in range(2)]
        return [child.wait() == 0 for child in both]

    def table(self, name: str) -> pa.Table:
        return self._running.table(name)

    def nodes(self) -> list[dict[str, Any]]:
        return list(self._running.manifest()["nodes"].values())


def _child(after: int, command: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
    """dbt in a process that kills itself after so many models; -1: never."""
    arguments = [sys.executable, "-m", "testbed.schedules.child", str(after), *command]
    return subprocess.Popen(arguments, cwd=paths.ROOT, env={**os.environ, **variables})


@contextlib.contextmanager
def engine(name: str, folder: Path) -> Iterator[Engine]:
    """A running engine by its name, over a copy of the project in `folder`, which schedules break and mend."""
    project = copy_of_project(folder)
    if name == OnStandin.name:
        with standin(folder, project) as running:
            yield OnStandin(running, project)
    elif name == OnDuckdb.name:
        with embedded(folder, project) as running_duckdb:
            yield OnDuckdb(running_duckdb)
    else:
        with warehouse(folder, project) as running_spark:
            yield OnSpark(running_spark)
