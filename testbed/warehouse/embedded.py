"""A warehouse in a DuckDB file for a test: dbt in this process over a landing folder, and its tables as Arrow."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunnerResult

from contract.options import Bucket
from local import paths, profile
from testbed.warehouse import parsed
from testbed.warehouse.outcome import failures
from testbed.warehouse.own_state import own_state

FILE = "warehouse.duckdb"  # profiles/profiles.yml


class Embedded:
    """The project built by dbt in `folder`/warehouse.duckdb from `folder`/landing."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.folder = folder
        self.project = project
        self.landing = folder / "landing"
        self.profiles = paths.PROFILES

    def dbt(self, *arguments: str, callbacks: list[Callable[[Any], None]] | None = None) -> dbtRunnerResult:
        """Run one dbt command, whatever its outcome. `callbacks` get each event of dbt's.

        Then the file is closed, as when dbt's process ends: with `keep_open` in the profile dbt-duckdb has it open for
        as long as the process lives.
        """
        try:
            return parsed.invoke([*arguments], self._folders(), self.project, callbacks)
        finally:
            DuckDBConnectionManager.close_all_connections()

    def command(self, *arguments: str) -> list[str]:
        """The arguments with which dbt runs a command on this warehouse in a process of its own."""
        return ["--quiet", *arguments, *self._folders()]

    def _folders(self) -> list[str]:
        return [
            "--target", "duckdb", "--project-dir", str(self.project), "--profiles-dir", str(self.profiles),
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip

    def build(self, *arguments: str) -> dbtRunnerResult:
        """`dbt …`, or an AssertionError that tells what failed."""
        outcome = self.dbt(*arguments)
        assert outcome.success, failures(outcome)
        return outcome

    def manifest(self) -> dict[str, Any]:
        """What dbt's last command knew of the project."""
        content: dict[str, Any] = json.loads((self.folder / "target" / "manifest.json").read_text())
        return content

    @contextlib.contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file, between dbt's commands or beside one in this process; times are UTC."""
        with duckdb.connect(self.folder / FILE) as connected:
            for statement in ("set TimeZone = 'UTC'", *profile.duckdb_secrets()):
                connected.execute(statement)
            connected.execute("set search_path = 'junction'")
            yield connected

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query in the schema of the models."""
        with self.connection() as connected:
            return connected.execute(sql).fetchall()

    def table(self, name: str) -> pa.Table:
        """All rows of a model, times without zone (UTC) to the microsecond."""
        with self.connection() as connected:
            found: pa.Table = connected.execute(f'select * from junction."{name}"').to_arrow_table()
            return found

    def keep(self, name: str) -> None:
        """Keep the whole database as it is now, under a name."""
        with self.connection() as connected:
            connected.execute("checkpoint")
        shutil.copyfile(self.folder / FILE, self.folder / name)

    def restore(self, name: str) -> None:
        """Make the database what it was when it was kept."""
        (self.folder / f"{FILE}.wal").unlink(missing_ok=True)
        shutil.copyfile(self.folder / name, self.folder / FILE)

    def begin(self, name: str) -> None:
        """Begin again: the database as it was kept, and nothing landed."""
        self.restore(name)
        shutil.rmtree(self.landing, ignore_errors=True)


@contextlib.contextmanager
def embedded(folder: Path, project: Path = paths.PROJECT_DIR, landing: Bucket | None = None) -> Iterator[Embedded]:
    """A warehouse of its own, empty, below `folder`; what is landed lies there too, or in a bucket."""
    with own_state(folder, landing):
        yield Embedded(folder, project)
