"""A proxy on loopback between redshift_connector and PostgreSQL: every statement passes through `translate`.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from pathlib import Path

from tests.standin.dialect import translate

# What redshift_connector sends at the start and PostgreSQL does not know.
_UNKNOWN = {"client_protocol_version", "driver_version", "os_version", "plugin_name", "driver_discovery_version"}
_SSL_REQUEST = 80877103
SERVER_VERSION = "8.0.2"  # what Redshift answers


class Proxy:
    """Listens on a free port of 127.0.0.1 for as long as it is open; `backend` is PostgreSQL's Unix socket."""

    def __init__(self, backend: Path) -> None:
        self._backend = backend
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections; those that are open end with their clients."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_Session(client, self._backend).run, daemon=True).start()


class _Session:
    def __init__(self, client: socket.socket, backend: Path) -> None:
        self._client = client
        self._backend = backend
        self._in_transaction = False

    def run(self) -> None:
        with contextlib.suppress(OSError, EOFError), self._client, socket.socket(socket.AF_UNIX) as server:
            startup = self._startup()
            server.connect(str(self._backend))
            server.sendall(startup)
            threading.Thread(target=self._answer, args=(server,), daemon=True).start()
            try:
                while True:
                    kind, body = _message(self._client)
                    server.sendall(_packed(kind, self._statement(kind, body)))
            finally:
                server.shutdown(socket.SHUT_RDWR)

    def _startup(self) -> bytes:
        while True:
            (length,) = struct.unpack("!i", _exactly(self._client, 4))
            body = _exactly(self._client, length - 4)
            if struct.unpack("!i", body[:4])[0] != _SSL_REQUEST:
                break
            self._client.sendall(b"N")
        words = body[4:].split(b"\0")
        given = dict(zip(words[::2], words[1::2], strict=False))
        kept = [
            part for name, value in given.items() if name and name.decode() not in _UNKNOWN for part in (name, value)
        ]
        packed = body[:4] + b"\0".join(kept) + b"\0\0"
        return struct.pack("!i", len(packed) + 4) + packed

    def _statement(self, kind: bytes, body: bytes) -> bytes:
        """The same message with its SQL translated: a Parse (name, SQL, types) or a simple Query."""
        if kind == b"Q":
            return self._translated(body[:-1]) + b"\0"
        if kind == b"P":
            name, sql, types = body.split(b"\0", 2)
            return name + b"\0" + self._translated(sql) + b"\0" + types
        return body

    def _translated(self, sql: bytes) -> bytes:
        return translate(sql.decode(), self._in_transaction).encode()

    def _answer(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                kind, body = _message(server)
                if kind == b"S" and body.startswith(b"server_version\0"):
                    body = b"server_version\0" + SERVER_VERSION.encode() + b"\0"
                if kind == b"Z":
                    self._in_transaction = body != b"I"
                self._client.sendall(_packed(kind, body))
        with contextlib.suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(source, 1)
    (length,) = struct.unpack("!i", _exactly(source, 4))
    return kind, _exactly(source, length - 4)


def _exactly(source: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = source.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
