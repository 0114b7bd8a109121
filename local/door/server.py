"""The server: who may log in, how many at once, and the DuckDB database behind it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from typing import Any

import duckdb
from buenavista.backends.duckdb import DuckDBConnection
from buenavista.postgres import BuenaVistaServer

from local.door import catalog
from local.door.errors import DoorError
from local.door.handler import Handler
from local.door.session import Session
from local.door.turns import Turns

_MOST_SESSIONS = 100


class Database(DuckDBConnection):
    """Opens a session for each client, on a cursor of the owner's connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str, turns: Turns | None = None) -> None:
        super().__init__(connection)
        self.schema, self.turns = schema, turns
        self._opening = threading.Lock()

    def parameters(self) -> dict[str, str]:
        """What a client is told at its login."""
        return {
            "server_version": catalog.VERSION,
            "server_encoding": "UTF8",
            "client_encoding": "UTF8",
            "DateStyle": "ISO, MDY",
            "IntervalStyle": "postgres",
            "TimeZone": "UTC",
            "integer_datetimes": "on",
            "standard_conforming_strings": "on",
        }

    def create_session(self, user: str) -> Session:
        """A session of a user who has logged in. Raises DoorError if there are too many."""
        with self._opening:
            if len(self._sessions) >= _MOST_SESSIONS:
                raise DoorError("53300", f"{_MOST_SESSIONS} connections are open already: close one.")
            session = Session(self._cursor(), user, self.turns)
            self._sessions[session.id] = session
        return session

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self.db.cursor()
        cursor.execute("set python_enable_replacements = false")  # else a name could be a variable of this program's
        cursor.execute("set TimeZone = 'UTC'")
        catalog.prepare(cursor)
        with contextlib.suppress(duckdb.CatalogException):  # nothing was built yet
            quoted = self.schema.replace('"', '""').replace("'", "''")
            cursor.execute(f"set search_path = '\"{quoted}\"'")
        return cursor


class Server(BuenaVistaServer):
    """Listens on one address; each connection has a thread."""

    daemon_threads = True  # what a client does ends with the process
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], database: Database, passwords: Mapping[str, str]) -> None:
        super().__init__(address, database, auth=dict(passwords))
        self.RequestHandlerClass = Handler

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Everybody who reaches the address may try to log in: buenavista lets loopback in only, without a password."""
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What one client did stays with it."""
