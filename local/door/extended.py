"""The extended protocol: statements that are prepared, bound to parameters, described and run by parts.

https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from buenavista.postgres import ClientCommand, ServerResponse

from local.door import parameters
from local.door.errors import DoorError
from local.door.parameters import Parameter
from local.door.session import Result
from local.door.statements import Statement

if TYPE_CHECKING:
    from local.door.handler import Context, Handler

_TEXT = 25


@dataclass
class Prepared:
    """A named statement, None if its text was empty, and the type ids that the client gave its parameters."""

    statement: Statement | None
    oids: list[int]


@dataclass
class Portal:
    """A statement with its parameters, and its result once it was run."""

    prepared: Prepared
    values: Sequence[Parameter]
    formats: list[int]
    result: Result | None = None
    waiting: list[Any] = field(default_factory=list)  # batches that were cut off by a limit of rows


def sync(handler: Handler, context: Context) -> None:
    """End of a series: what failed is over, and outside of a transaction so are the portals."""
    context.has_error = False
    if context.session.status() == b"I":
        for name in list(context.portals):
            _forget(context, name)
    handler.send_ready_for_query(context)
    handler.wfile.flush()


def fail(handler: Handler, context: Context, error: Exception, kind: bytes) -> None:
    """Tell the client; in the extended protocol skip what follows until its Sync."""
    context.session.failed = context.session.failed or context.session.in_txn
    context.session.keep_open_result()
    handler.send_error(error)
    if kind == ClientCommand.QUERY:
        handler.send_ready_for_query(context)
    else:
        context.has_error = True
    handler.wfile.flush()


def _parse(handler: Handler, context: Context, payload: bytes) -> None:
    name, sql, rest = payload.split(b"\x00", 2)
    found = context.session.parse(sql.decode())
    if len(found) > 1:
        raise DoorError("42601", "A prepared statement is one statement: send them one by one.")
    statement = found[0] if found else None
    oids = list(struct.unpack(f"!{(len(rest) - 2) // 4}i", rest[2:]))
    oids += [0] * ((statement.parameters if statement else 0) - len(oids))
    context.stmts[name.decode()] = Prepared(statement, oids)
    handler.send_parse_complete()


def _bind(handler: Handler, context: Context, payload: bytes) -> None:
    portal, name, rest = payload.split(b"\x00", 2)
    prepared = context.stmts.get(name.decode())
    if prepared is None:
        raise DoorError("26000", f"There is no prepared statement {name.decode()!r}.")
    formats, at = _int16s(rest, 0)
    (count,) = struct.unpack_from("!h", rest, at)
    at += 2
    raw: list[bytes | None] = []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", rest, at)
        at += 4
        raw.append(None if length < 0 else rest[at : at + length])
        at += max(length, 0)
    results, _ = _int16s(rest, at)
    if count != len(prepared.oids):
        raise DoorError("08P01", f"{count} parameters were bound to a statement with {len(prepared.oids)}.")
    binary = _for_each(formats, count)
    values = [parameters.read(one, oid, form == 1) for one, oid, form in zip(raw, prepared.oids, binary, strict=True)]
    _forget(context, portal.decode())
    context.portals[portal.decode()] = Portal(prepared, values, results)
    handler.send_bind_complete()


def _int16s(rest: bytes, at: int) -> tuple[list[int], int]:
    (count,) = struct.unpack_from("!h", rest, at)
    return list(struct.unpack_from(f"!{count}h", rest, at + 2)), at + 2 + 2 * count


def _for_each(formats: list[int], count: int) -> list[int]:
    """One format for each of `count` values: none given is text, one given is for all."""
    return formats * count if len(formats) == 1 else formats or [0] * count


def _describe(handler: Handler, context: Context, payload: bytes) -> None:
    name = payload[1:].rstrip(b"\x00").decode()
    if payload[:1] == b"S":
        prepared = context.stmts.get(name)
        if prepared is None:
            raise DoorError("26000", f"There is no prepared statement {name!r}.")
        oids = [oid or _TEXT for oid in prepared.oids]
        columns = context.session.columns(prepared.statement) if prepared.statement else []
        handler.send_paramter_description(oids)  # buenavista's spelling
        formats: list[int] = []
    else:
        portal = _portal(context, name)
        result = _run(context, portal)
        columns = result.columns if result is not None and result.has_results() else []
        formats = _for_each(portal.formats, len(columns))
    if columns:
        handler.send_row_description(columns, formats or None)
    else:
        handler._send(ServerResponse.NO_DATA)


def _portal(context: Context, name: str) -> Portal:
    if name not in context.portals:
        raise DoorError("34000", f"There is no portal {name!r}.")
    return context.portals[name]


def _run(context: Context, portal: Portal) -> Result | None:
    """The result of a portal, which runs once; None of an empty text."""
    if portal.result is None and portal.prepared.statement is not None:
        portal.result = context.session.run(portal.prepared.statement, portal.values)
    return portal.result


def _execute(handler: Handler, context: Context, payload: bytes) -> None:
    name, limit = payload.split(b"\x00", 1)
    (most,) = struct.unpack("!i", limit)
    portal = _portal(context, name.decode())
    result = _run(context, portal)
    if result is None:
        handler._send(ServerResponse.EMPTY_QUERY_RESPONSE)
        return
    formats = _for_each(portal.formats, len(result.columns))
    count = 0
    while most <= 0 or count < most:
        batch = portal.waiting.pop() if portal.waiting else next(result.batches, None)
        if batch is None:
            handler.send_tag(result, count)
            return
        if 0 < most < count + batch.num_rows:
            portal.waiting.append(batch.slice(most - count))
            batch = batch.slice(0, most - count)
        count += handler.send_batch(batch, formats)
    handler.send_portal_suspend()


def _close(handler: Handler, context: Context, payload: bytes) -> None:
    name = payload[1:].rstrip(b"\x00").decode()
    if payload[:1] == b"S":
        context.stmts.pop(name, None)  # closing what is not there is no error
    else:
        _forget(context, name)
    handler.send_close_complete()


def _forget(context: Context, name: str) -> None:
    portal = context.portals.pop(name, None)
    if portal is not None and portal.result is not None:
        context.session.drop(portal.result)


ANSWERS: dict[bytes, Callable[[Any, Any, bytes], None]] = {
    ClientCommand.PARSE: _parse,
    ClientCommand.BIND: _bind,
    ClientCommand.DESCRIBE: _describe,
    ClientCommand.EXECUTE: _execute,
    ClientCommand.CLOSE: _close,
}
