"""The one process that has the DuckDB file open: what it lets SQL reach, and its door."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from local import checks, paths, profile
from local.checks import LocalError
from local.door.server import Database, Server
from local.door.session import OWNER, READER
from local.door.turns import Turns
from local.password import password_of
from local.warehouse import FILE, file_is_free

CHANGE_PORT = "JUNCTION_DOOR_PORT"
DEFAULT_PORT = 5433
_RENEWED_EVERY = 300.0  # seconds


@contextlib.contextmanager
def opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of `paths.var()`, held open until the context ends; what dbt does in this process shares it.

    SQL of this process then reads and writes no files but the warehouse, those below the landing folder, exports, dbt's
    seeds, and the empty Parquet file beside the warehouse. Raises LocalError if another process has the file open.
    """
    file = paths.var() / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file_is_free(file)
    connection, secrets = duckdb.connect(str(file)), profile.duckdb_secrets()
    try:
        _make(connection, secrets)
        _confine(connection, file)
        with _renewed(connection, secrets) if secrets else contextlib.nullcontext():
            yield connection
    finally:
        connection.close()


def _make(connection: duckdb.DuckDBPyConnection, secrets: Sequence[str]) -> None:
    """Let the connection's database read a landing folder in a bucket. Raises LocalError."""
    try:
        for statement in secrets:
            connection.execute(statement)
    except duckdb.Error as error:
        raise LocalError(
            f"DuckDB cannot read {paths.landing()} ({' '.join(str(error).split())[:300]}): give AWS's credentials, and "
            "install its extensions by `python -m local extensions`."
        ) from error


@contextlib.contextmanager
def _renewed(connection: duckdb.DuckDBPyConnection, secrets: Sequence[str]) -> Iterator[None]:
    """Make the secrets again every few minutes: DuckDB renews a role's when it is refused with 403, and S3 says 400."""
    over = threading.Event()
    cursor = connection.cursor()

    def go_on() -> None:
        while not over.wait(_RENEWED_EVERY):
            with contextlib.suppress(LocalError):  # what reads the bucket says so
                _make(cursor, secrets)

    renewing = threading.Thread(target=go_on, name="secrets", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        cursor.close()


def _confine(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Neither statement can be undone while the database is open. Not all of `paths.var()`: the passwords are there."""
    folders = [f"{folder}/" for folder in (paths.landing(), paths.export(), paths.PROJECT_DIR / "seeds")]
    connection.execute(f"set allowed_directories = {_texts(folders)}")
    connection.execute(f"set allowed_paths = {_texts([f'{file}.no_rows.parquet'])}")
    connection.execute("set enable_external_access = false")


def _texts(values: list[str]) -> str:
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


@contextlib.contextmanager
def serving(
    connection: duckdb.DuckDBPyConnection, port: int, host: str = "127.0.0.1", turns: Turns | None = None
) -> Iterator[int]:
    """Serve an open warehouse on `host`:`port` (0 takes a free one) until the context ends; gives the port.

    With `turns`, dbt through the door and the runs of this process take turns. Raises LocalError if `port` is taken or
    a password file may be read by others.
    """
    if port:
        checks.port_is_free(port, "the door of the warehouse", CHANGE_PORT, host)
    database = Database(connection, os.environ.get("JUNCTION_SCHEMA") or "junction", turns)
    with Server((host, port), database, passwords()) as server:
        listening = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        listening.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            listening.join()


def passwords() -> Mapping[str, str]:
    """Each user's password; the files are made at the first start."""
    return {user: password_of(password_file(user)) for user in (OWNER, READER)}


def password_file(user: str) -> Path:
    """Where the password of a user is: `door.<user>.password` in `paths.var()`."""
    return paths.var() / f"door.{user}.password"


def run(port: int, host: str) -> None:
    """`python -m local serve`: serve the warehouse of `paths.var()` until Ctrl-C."""
    if paths.engine() != "duckdb":
        raise LocalError("make serve is for ENGINE=duckdb: use make thrift for Spark.")
    with opened() as connection, serving(connection, port, host) as served:
        print(
            f"{paths.var() / FILE} answers at postgresql://{checks.reached_at(host)}:{served}/warehouse, "
            f"user {READER} (password in {password_file(READER)}) or {OWNER} ({password_file(OWNER).name}); "
            "Ctrl-C ends it.",
            flush=True,
        )
        threading.Event().wait()
