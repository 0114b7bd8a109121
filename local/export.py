"""`make export`: each mart as a Parquet file in a folder of its own, as Athena, Spark and others read a table."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import psycopg2  # type: ignore[import-untyped]

from local import paths, warehouse
from local.checks import LocalError
from local.door import owner
from local.door.session import OWNER
from local.progress import Progress

Run = Callable[[str], object]  # runs a statement


def run(to: Path, door_port: int) -> None:
    """Write each mart to `to`/<mart>/<mart>.parquet, all of one moment; each file is replaced at once.

    The rows come from the DuckDB file, or from the process that serves it on `door_port`. Raises LocalError.
    """
    if paths.engine() != "duckdb":
        raise LocalError("make export is for ENGINE=duckdb: on Spark the marts are Delta tables, which others read.")
    progress, marts = Progress(), sorted(file.stem for file in (paths.PROJECT_DIR / "models/marts").rglob("*.sql"))
    paths.export().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=paths.export(), prefix=".") as written:
        try:
            with _opened(door_port) as execute:
                _write(execute, marts, Path(written), progress)
        except (duckdb.CatalogException, psycopg2.errors.UndefinedTable) as error:
            raise LocalError(
                f"A mart is not built yet ({str(error).splitlines()[0]}): run make refresh first."
            ) from error
        for name in marts:
            _publish(Path(written) / f"{name}.parquet", to / name / f"{name}.parquet")
    progress.phase(f"{len(marts)} marts are in {to.absolute()}, each as <mart>/<mart>.parquet")


def _write(execute: Run, marts: list[str], folder: Path, progress: Progress) -> None:
    schema = os.environ.get("JUNCTION_SCHEMA") or "junction"
    execute("begin")
    for number, name in enumerate(marts, 1):
        progress.note(f"{number} of {len(marts)}: {name}")
        file = str(folder / f"{name}.parquet").replace("'", "''")
        execute(f"copy (from {schema}.{name}) to '{file}' (format parquet)")
    execute("commit")


def _publish(written: Path, file: Path) -> None:
    """Put a file in the place of another at once, also on another disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")  # a name that readers of the folder pass over
    shutil.move(written, beside)
    os.replace(beside, file)


@contextlib.contextmanager
def _opened(door_port: int) -> Iterator[Run]:
    file = paths.var() / warehouse.FILE
    if not file.exists():
        raise LocalError(f"{file} is not there: run make demo or make refresh first, or set JUNCTION_VAR.")
    try:
        warehouse.file_is_free(file)
    except LocalError as held:
        with contextlib.closing(_connected(door_port, held)) as connected, connected.cursor() as cursor:
            yield cursor.execute
        return
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection.execute


def _connected(door_port: int, held: LocalError) -> psycopg2.extensions.connection:
    login = {"host": "127.0.0.1", "port": door_port, "user": OWNER, "password": owner.passwords()[OWNER]}
    try:
        connected = psycopg2.connect(**login, dbname="warehouse")
    except psycopg2.OperationalError as error:
        raise LocalError(f"{held} If make up or make serve has it, name its port: JUNCTION_DOOR_PORT.") from error
    connected.autocommit = True
    return connected
