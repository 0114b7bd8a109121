"""One client's connection: PostgreSQL's messages, and the statements that they carry.

https://www.postgresql.org/docs/current/protocol-flow.html. Subclasses of buenavista's handler; decision
23 (`docs/decisions/0023-a-door-for-readers.md`) lists what is done differently here, and why.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from buenavista.core import Connection
from buenavista.postgres import BuenaVistaHandler, BVContext, ClientCommand, ServerResponse

from local.door import extended
from local.door.errors import DoorError, state_of
from local.door.session import Result, Session
from local.door.values import PgType, encoded, sized

_LOG = logging.getLogger(__name__)
_PROTOCOL_3, _CANCEL, _TLS, _GSS = 196608, 80877102, 80877103, 80877104
_LOGIN_WITHIN = 30  # seconds
_ROWS_WITHIN = 300  # seconds in which a client takes what was sent
_LONGEST_LOGIN, _LONGEST = 10_000, 256 * 1024 * 1024  # bytes


class Context(BVContext):
    """What a connection has prepared: statements and portals by name, and whether it waits for a Sync."""

    session: Session

    def __init__(self, session: Session | None, parameters: dict[str, str]) -> None:
        super().__init__(session, None, parameters)
        self.process_id &= 0x7FFFFFFF  # drivers read it as a signed number
        self.portals: dict[str, extended.Portal] = {}
        self.stmts: dict[str, extended.Prepared] = {}

    def transaction_status(self) -> bytes:
        """What ReadyForQuery says."""
        return self.session.status()


class Handler(BuenaVistaHandler):
    """Serves one connection until its client leaves."""

    wbufsize = -1  # one packet for many small messages; flushed where the client waits

    def handle(self) -> None:
        """Log the client in, and answer it until it ends; whatever happens, its session is closed."""
        context: Context | None = None
        try:
            self._keep_watch()
            context = self.handle_startup(self.server.conn)
            if context is not None:
                self.request.settimeout(None)
                self._serve(context)
        except (OSError, EOFError):  # the client is gone, or said nothing for too long
            pass
        except Exception as error:  # of one client; the others go on
            _LOG.warning("A connection ends: %s", error)
            with contextlib.suppress(OSError):
                self.send_error(error, severity="FATAL")
                self.wfile.flush()
        finally:
            if context is not None:
                self.server.ctxts.pop(context.process_id, None)
                self.server.conn.close_session(context.session)

    def _keep_watch(self) -> None:
        """Notice a client that is gone, or takes no more rows: its query would hold old versions of the tables."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _ROWS_WITHIN, 0))
        self.request.settimeout(_LOGIN_WITHIN)

    def finish(self) -> None:
        """Close the streams; a client that has gone is no error."""
        with contextlib.suppress(OSError):
            super().finish()

    def handle_startup(self, conn: Connection) -> Context | None:
        """Answer requests for encryption with no, log in, and open the session: nothing is opened before."""
        while True:
            length = struct.unpack("!i", self._read(4))[0] - 4
            if not 4 <= length <= _LONGEST_LOGIN:
                return None
            payload = self._read(length)
            (code,) = struct.unpack("!i", payload[:4])
            if code in (_TLS, _GSS):
                self.wfile.write(b"N")
                self.wfile.flush()
            elif code == _CANCEL:
                self._cancel(*struct.unpack("!II", payload[4:12]))
                return None
            elif code == _PROTOCOL_3:
                break
            else:
                raise DoorError("08P01", f"Only version 3.0 of the protocol is spoken here, not {code >> 16}.")
        texts = [text.decode() for text in payload[4:].split(b"\x00")]
        context = Context(None, dict(zip(texts[::2], texts[1::2], strict=False)))
        self._log_in(context)
        context.session = conn.create_session(context.params["user"])
        self.server.ctxts[context.process_id] = context
        self.send_authentication_ok()
        self.handle_post_auth(context)
        self.wfile.flush()
        return context

    def _log_in(self, context: Context) -> None:
        self.send_authentication_md5(context)
        self.wfile.flush()
        kind, length = struct.unpack("!ci", self._read(5))
        if kind != ClientCommand.PASSWORD_MESSAGE or not 4 <= length <= _LONGEST_LOGIN:
            raise DoorError("08P01", "A password was expected.")
        given = self._read(length - 4).rstrip(b"\x00")
        user = context.params.get("user", "")
        known = user in self.server.auth
        expected = context.get_hashed_password(self.server.auth if known else {user: context.salt.hex()})
        if not hmac.compare_digest(expected.encode(), given) or not known:
            raise DoorError("28P01", f'Password authentication failed for user "{user}".')

    def _cancel(self, process_id: int, secret: int) -> None:
        context = self.server.ctxts.get(process_id)
        if context is not None and context.secret_key == secret:
            context.session.cursor().interrupt()

    def _serve(self, context: Context) -> None:
        answers: dict[bytes, Callable[[Any, Context, bytes], None]] = {
            ClientCommand.QUERY: Handler.handle_query, **extended.ANSWERS
        }  # fmt: skip
        while True:
            kind, length = struct.unpack("!ci", self._read(5))
            if kind == ClientCommand.TERMINATE:
                return
            if not 4 <= length <= _LONGEST:
                raise DoorError("08P01", f"A message of {length} bytes is too long.")
            payload = self._read(length - 4)
            if kind == ClientCommand.SYNC:
                extended.sync(self, context)
            elif kind == ClientCommand.FLUSH:
                self.wfile.flush()
            elif kind not in answers:
                raise DoorError("08P01", f"A message of type {kind!r} is not known here.")
            elif not context.has_error:  # after a failure all is skipped until Sync
                try:
                    answers[kind](self, context, payload)
                except OSError:
                    raise
                except Exception as error:  # whatever it is, the client gets it, and may go on
                    extended.fail(self, context, error, kind)

    def handle_query(self, context: Context, payload: bytes) -> None:
        """The simple protocol: a text of any number of statements, each with its own result."""
        session = context.session
        found = session.parse(payload.rstrip(b"\x00").decode())
        if not found:
            self._send(ServerResponse.EMPTY_QUERY_RESPONSE)
        for statement in found:
            result = session.run(statement)
            if result.has_results():
                self.send_row_description(result.columns)
            self.send_rows(result)
        self.send_ready_for_query(context)
        self.wfile.flush()

    def send_rows(self, result: Result, formats: list[int] | None = None) -> None:
        """All rows of a result, and its tag."""
        count = 0
        for batch in result.batches:
            count += self.send_batch(batch, formats)
        self.send_tag(result, count)

    def send_tag(self, result: Result, count: int) -> None:
        """CommandComplete; of rows with their number."""
        self.send_command_complete(f"{result.tag} {count}\x00" if result.tag == "SELECT" else f"{result.tag}\x00")

    def send_batch(self, batch: Any, formats: list[int] | None = None) -> int:
        """A DataRow for each row; how many."""
        binary = formats or [0] * batch.num_columns
        columns = [encoded(column, form == 1) for column, form in zip(batch.columns, binary, strict=True)]
        head = struct.pack("!h", batch.num_columns)
        for row in zip(*columns, strict=True):
            self._send(ServerResponse.DATA_ROW, head + b"".join(map(sized, row)))
        return int(batch.num_rows)

    def send_row_description(self, columns: list[tuple[str, PgType]], formats: list[int] | None = None) -> None:
        """Names, types and formats of the columns."""
        body = struct.pack("!h", len(columns))
        for (name, kind), form in zip(columns, formats or [0] * len(columns), strict=True):
            body += name.encode() + b"\x00" + struct.pack("!ihihih", 0, 0, kind.oid, kind.length, kind.modifier, form)
        self._send(ServerResponse.ROW_DESCRIPTION, body)

    def send_error(self, error: Exception, ctx: Context | None = None, severity: str = "ERROR") -> None:
        """An error with its severity, SQLSTATE and text; what DuckDB adds on further lines is the detail."""
        text, _, detail = str(error).partition("\n")
        fields = {
            "S": severity,
            "V": severity,
            "C": state_of(error),
            "M": text or type(error).__name__,
            "D": detail.strip(),
        }
        body = b"".join(name.encode() + value.encode() + b"\x00" for name, value in fields.items() if value)
        self._send(ServerResponse.ERROR_RESPONSE, body + b"\x00")

    def _send(self, kind: bytes, body: bytes = b"") -> None:
        self.wfile.write(kind + struct.pack("!i", len(body) + 4) + body)

    def _read(self, count: int) -> bytes:
        """Exactly so many bytes. Raises EOFError if the client has left."""
        found: bytes = self.rfile.read(count)
        if len(found) < count:
            raise EOFError
        return found
