"""A proxy on loopback between redshift_connector and PostgreSQL: every statement passes through `translate`.

https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from testbed.standin.dialect import translate

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
                for messages in _arriving(self._client):
                    server.sendall(b"".join(_packed(kind, self._statement(kind, body)) for kind, body in messages))
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
            for messages in _arriving(server):
                self._client.sendall(b"".join(_packed(kind, self._seen(kind, body)) for kind, body in messages))
        with contextlib.suppress(OSError):
            self._client.shutdown(socket.SHUT_RDWR)

    def _seen(self, kind: bytes, body: bytes) -> bytes:
        """An answer's message as the client is to see it; whether it is in a transaction is kept."""
        if kind == b"Z":
            self._in_transaction = body != b"I"
        if kind == b"S" and body.startswith(b"server_version\0"):
            return b"server_version\0" + SERVER_VERSION.encode() + b"\0"
        return body


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _arriving(source: socket.socket) -> Iterator[list[tuple[bytes, bytes]]]:
    """The messages (kind, body) that have come whole, all of them at once: one by one they would cost a call each."""
    held = bytearray()
    while part := source.recv(1 << 16):
        held += part
        whole = []
        while len(held) > 4 and len(held) > (length := int.from_bytes(held[1:5], "big")):
            whole.append((bytes(held[:1]), bytes(held[5 : 1 + length])))
            del held[: 1 + length]
        if whole:
            yield whole


def _exactly(source: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = source.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
