"""A small warehouse behind its door, for tests: the owner is this process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2  # type: ignore[import-untyped]

from local.door import owner
from local.door.turns import Turns
from testbed.warehouse.own_state import own_state


@dataclass
class Door:
    """A served warehouse: where it listens, and the owner's own connection."""

    port: int
    folder: Path
    connection: duckdb.DuckDBPyConnection

    def connect(self, user: str = "reader", password: str | None = None, autocommit: bool = True) -> Any:
        """A connection of psycopg2's."""
        made = psycopg2.connect(**self.login(user, password))
        made.autocommit = autocommit
        return made

    def login(self, user: str = "reader", password: str | None = None) -> dict[str, Any]:
        """What a client connects with."""
        given = password or owner.passwords()[user]
        return {"host": "127.0.0.1", "port": self.port, "user": user, "password": given, "dbname": "warehouse"}

    def rows(self, sql: str, user: str = "reader") -> list[tuple[Any, ...]]:
        """The rows of one query, on a connection of its own."""
        with contextlib.closing(self.connect(user)) as connected, connected.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


@contextlib.contextmanager
def served(folder: Path, *statements: str, turns: Turns | None = None) -> Iterator[Door]:
    """A warehouse below `folder`, made by statements in the schema junction, and served on a free port."""
    with own_state(folder):
        (folder / "landing").mkdir(exist_ok=True)
        with owner.opened() as connection:
            for statement in ("create schema if not exists junction", "set search_path = 'junction'", *statements):
                connection.execute(statement)
            with owner.serving(connection, 0, turns=turns) as port:
                yield Door(port, folder, connection)
