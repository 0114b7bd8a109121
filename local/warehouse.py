"""The warehouse of this machine, on the engine that was chosen: what dbt needs open, and a reader."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from local import paths, spark
from local.checks import LocalError
from local.progress import Progress

Rows = tuple[list[str], Sequence[Sequence[Any]]]  # names of columns, rows
Query = Callable[[str], Rows]
FILE = "warehouse.duckdb"  # as in profiles.yml


@contextlib.contextmanager
def opened(progress: Progress) -> Iterator[Query]:
    """What dbt runs on in this process, and what reads it between dbt's commands.

    On Spark that is a session. A DuckDB file is opened by dbt's commands and by each query. Raises LocalError if
    another process has the warehouse open.
    """
    if paths.engine() == "duckdb":
        file_is_free(paths.var() / FILE)
        yield read_file
        return
    progress.phase("Starting Spark")
    with spark.session() as session:

        def read(sql: str) -> Rows:
            frame = session.sql(sql)
            return frame.columns, [tuple(row) for row in frame.collect()]

        yield read


def read_file(sql: str) -> Rows:
    """The rows of a query of the DuckDB file; nothing may be writing."""
    with duckdb.connect(str(paths.var() / FILE), read_only=True) as connection:
        found = connection.sql(sql)
        return found.columns, found.fetchall()


def file_is_free(file: Path) -> None:
    """Raise LocalError if another process has the DuckDB file open: one at a time can write."""
    if not file.exists():
        return
    try:
        duckdb.connect(str(file)).close()
    except duckdb.IOException as error:
        raise LocalError(
            f"Another process has {file} open (a dbt run, a DuckDB client?): close it, then run again. {_holder(error)}"
        ) from error


def close() -> None:
    """Close the DuckDB file, which dbt keeps open in its process after a command: others may want it then."""
    DuckDBConnectionManager.close_all_connections()


def _holder(error: Exception) -> str:
    """Who holds the lock, by DuckDB's own words: a program and its process id."""
    found = re.search(r"held in (.+?) \(PID (\d+)\)", str(error))
    return f"It is {found[1]}, process {found[2]}." if found else ""
