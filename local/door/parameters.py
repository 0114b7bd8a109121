"""What a client binds to the parameters of a statement, as values of DuckDB's."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from local.door.errors import DoorError

_UNSPECIFIED = (0, 705)  # the client leaves the type to the server, as a literal in quotes would
_2000 = datetime.datetime(2000, 1, 1)
_BINARY: dict[int, Callable[[bytes], Any]] = {
    16: lambda raw: raw != b"\x00",
    17: lambda raw: raw,
    20: lambda raw: struct.unpack("!q", raw)[0],
    21: lambda raw: struct.unpack("!h", raw)[0],
    23: lambda raw: struct.unpack("!i", raw)[0],
    26: lambda raw: struct.unpack("!I", raw)[0],
    700: lambda raw: struct.unpack("!f", raw)[0],
    701: lambda raw: struct.unpack("!d", raw)[0],
    1082: lambda raw: _2000.date() + datetime.timedelta(days=struct.unpack("!i", raw)[0]),
    1114: lambda raw: _2000 + datetime.timedelta(microseconds=struct.unpack("!q", raw)[0]),
    1184: lambda raw: _2000.replace(tzinfo=datetime.UTC) + datetime.timedelta(microseconds=struct.unpack("!q", raw)[0]),
    1700: lambda raw: _numeric(raw),
}
_TEXT: dict[int, Callable[[str], Any]] = {
    16: lambda text: text.lower() in ("t", "true", "1", "on", "y", "yes"),
    17: lambda text: bytes.fromhex(text.removeprefix("\\x")),
    20: int,
    21: int,
    23: int,
    26: int,
    700: float,
    701: float,
    1082: datetime.date.fromisoformat,
    1114: datetime.datetime.fromisoformat,
    1184: datetime.datetime.fromisoformat,
    1700: Decimal,
}


@dataclass(frozen=True)
class Parameter:
    """A bound value, and whether the client left its type open: then it is written into the statement as a literal."""

    value: Any
    open: bool = False


def read(raw: bytes | None, oid: int, binary: bool) -> Parameter:
    """One parameter of a Bind message; `raw` None is NULL. Raises DoorError for what is not a value of its type."""
    if raw is None:
        return Parameter(None)
    try:
        if binary and oid in _BINARY:
            return Parameter(_BINARY[oid](raw))
        text = raw.decode()
        if binary and oid not in (25, 1043, 19, 18, 114, 1042, *_UNSPECIFIED):
            raise DoorError("0A000", f"A binary parameter of type {oid} cannot be read: send it as text.")
        return Parameter(_TEXT[oid](text)) if oid in _TEXT else Parameter(text, oid in _UNSPECIFIED)
    except (ValueError, ArithmeticError, struct.error) as error:
        raise DoorError("22P02", f"A parameter is no value of the type {oid} that the client names.") from error


def bound(sql: str, parameters: Sequence[Parameter]) -> tuple[str, dict[str, Any]]:
    """The statement with literals in the place of its open parameters, and the values of the others by their number."""
    text, pieces, last = sql.encode(), [], 0
    for offset, _ in duckdb.tokenize(sql):
        if text[offset : offset + 1] != b"$" or not text[offset + 1 : offset + 2].isdigit():
            continue
        digits = bytearray()
        while text[offset + 1 + len(digits) : offset + 2 + len(digits)].isdigit():
            digits += text[offset + 1 + len(digits) : offset + 2 + len(digits)]
        number = int(digits)
        if not 1 <= number <= len(parameters):
            raise DoorError("08P01", f"The statement has a parameter ${number} that was not bound.")
        if parameters[number - 1].open:
            literal = "'" + str(parameters[number - 1].value).replace("'", "''") + "'"
            pieces += [text[last:offset], literal.encode()]
            last = offset + 1 + len(digits)
    values = {str(number): one.value for number, one in enumerate(parameters, 1) if not one.open}
    return b"".join([*pieces, text[last:]]).decode(), values


def _numeric(raw: bytes) -> Decimal:
    count, weight, sign, scale = struct.unpack("!hhHh", raw[:8])
    if sign not in (0, 0x4000):
        raise ValueError("NaN and infinities are no decimals of DuckDB's")
    groups = struct.unpack(f"!{count}h", raw[8 : 8 + 2 * count])
    total = sum(Decimal(group).scaleb(4 * (weight - place)) for place, group in enumerate(groups))
    return Decimal(-total if sign else total).quantize(Decimal(1).scaleb(-scale))
