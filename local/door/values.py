"""Columns as PostgreSQL's types, and their values in its text and binary formats.

https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES; type ids are those of pg_type.dat.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_2000_US = 946_684_800_000_000  # PostgreSQL counts time from 2000-01-01, Arrow from 1970
_2000_DAYS = 10_957
_NUMERIC, _TEXT, _JSON = 1700, 25, 114
_ARRAYS = {16: 1000, 20: 1016, 21: 1005, 23: 1007, 25: 1009, 701: 1022, 1082: 1182, 1114: 1115, 1184: 1185, 1700: 1231}

Encoded = Sequence[bytes | None]  # one column of a batch


@dataclass(frozen=True)
class PgType:
    """A type of a result's column: id, length in bytes (-1 if it varies) and modifier (-1 if it has none)."""

    oid: int
    length: int = -1
    modifier: int = -1


def type_of(kind: pa.DataType) -> PgType:
    """The PostgreSQL type that holds all values of an Arrow type; text, if there is none."""
    if pa.types.is_dictionary(kind):
        return type_of(kind.value_type)
    if pa.types.is_decimal(kind):
        return PgType(_NUMERIC, modifier=(kind.precision << 16 | kind.scale) + 4)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        element = type_of(kind.value_type).oid
        return PgType(_ARRAYS.get(element, _JSON))
    if pa.types.is_struct(kind) or pa.types.is_map(kind):
        return PgType(_JSON)
    if pa.types.is_timestamp(kind):
        return PgType(1184 if kind.tz else 1114, 8)
    for test, found in _SIMPLE:
        if test(kind):
            return found
    return PgType(_TEXT)


_SIMPLE: tuple[tuple[Callable[[pa.DataType], bool], PgType], ...] = (
    (pa.types.is_boolean, PgType(16, 1)),
    (lambda kind: kind in (pa.int8(), pa.uint8(), pa.int16()), PgType(21, 2)),
    (lambda kind: kind in (pa.uint16(), pa.int32()), PgType(23, 4)),
    (lambda kind: kind in (pa.uint32(), pa.int64()), PgType(20, 8)),
    (lambda kind: kind == pa.uint64(), PgType(_NUMERIC)),
    (lambda kind: kind == pa.float32(), PgType(700, 4)),
    (lambda kind: kind == pa.float64(), PgType(701, 8)),
    (lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind), PgType(17)),
    (pa.types.is_date, PgType(1082, 4)),
    (pa.types.is_time, PgType(1083, 8)),
    (pa.types.is_interval, PgType(1186, 16)),
)


def encoded(column: pa.Array, binary: bool) -> Encoded:
    """A column's values in the text or the binary format; None is NULL."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.unit != "us":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    oid = type_of(column.type).oid
    return _binary(column, oid) if binary else _text(column, oid)


def _text(column: pa.Array, oid: int) -> Encoded:
    if oid in (20, 21, 23, 1082, 1083, 1114, _NUMERIC, _TEXT) and not pa.types.is_null(column.type):
        return list(column.cast(pa.string()).cast(pa.binary()).to_pylist())
    if oid == 1184:
        moments = column.cast(pa.timestamp("us")).cast(pa.string()).to_pylist()
        return [None if moment is None else f"{moment}+00".encode() for moment in moments]
    if oid in _ARRAYS.values():
        return [None if value is None else _array_text(value).encode() for value in _rows(column)]
    return _each(column, lambda value: _one_text(value, oid).encode())


def _one_text(value: Any, oid: int) -> str:
    if oid == 16:
        return "t" if value else "f"
    if oid in (700, 701):
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(value), repr(value))
    if oid == 17:
        return "\\x" + bytes(value).hex()
    if oid == 1186:
        sign, micros = "-" if value.nanoseconds < 0 else "", abs(value.nanoseconds) // 1000
        minutes, seconds = divmod(micros, 60_000_000)
        clock = f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds / 1e6:09.6f}"
        return f"{value.months} mons {value.days} days {clock}"
    return json.dumps(value, default=str) if oid == _JSON else str(value)


def _array_text(texts: Sequence[bytes | None]) -> str:
    parts = ("NULL" if text is None else _quoted(text.decode()) for text in texts)
    return "{" + ",".join(parts) + "}"


def _quoted(text: str) -> str:
    if text and text.lower() != "null" and not any(sign in text for sign in '{}",\\ \t\n\r'):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _rows(column: pa.Array, binary: bool = False) -> Sequence[Encoded | None]:
    """Each list of a list column with its elements encoded."""
    found = []
    for value in column:
        elements = value.values
        found.append(None if elements is None else encoded(elements, binary))
    return found


def _binary(column: pa.Array, oid: int) -> Encoded:
    if oid in (1114, 1184):
        return _packed(pc.subtract(column.cast(pa.int64()), _2000_US), "!q")
    if oid == 1082:
        return _packed(pc.subtract(column.cast(pa.date32()).cast(pa.int32()), _2000_DAYS), "!i")
    if oid == 1083:
        return _packed(column.cast(pa.time64("us"), safe=False).cast(pa.int64()), "!q")
    if oid in _FORMATS:
        return _packed(column, _FORMATS[oid])
    if oid == _NUMERIC:
        return _each(column, lambda value: _numeric(Decimal(value)))
    if oid == 17:
        return list(column.to_pylist())
    if oid == 1186:
        return _each(column, lambda value: struct.pack("!qii", value.nanoseconds // 1000, value.days, value.months))
    if oid in _ARRAYS.values():
        element = type_of(column.type.value_type).oid
        return [None if value is None else _array_binary(value, element) for value in _rows(column, binary=True)]
    return _text(column, oid)


_FORMATS = {16: "!?", 20: "!q", 21: "!h", 23: "!i", 700: "!f", 701: "!d"}


def _packed(column: pa.Array, form: str) -> Encoded:
    return _each(column, struct.Struct(form).pack)


def _each(column: pa.Array, encode: Callable[[Any], bytes]) -> Encoded:
    return [None if value is None else encode(value) for value in column.to_pylist()]


def _array_binary(elements: Encoded, oid: int) -> bytes:
    nulls = int(any(element is None for element in elements))
    if not elements:
        return struct.pack("!iii", 0, 0, oid)
    head = struct.pack("!iiiii", 1, nulls, oid, len(elements), 1)
    return head + b"".join(map(sized, elements))


def sized(value: bytes | None) -> bytes:
    """A value behind its length in bytes; NULL has the length -1."""
    return b"\xff\xff\xff\xff" if value is None else struct.pack("!i", len(value)) + value


def _numeric(value: Decimal) -> bytes:
    """Base-10000 digits with the weight of the first, as numeric_send of PostgreSQL writes them."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # DuckDB's decimals are finite
    scale = max(0, -exponent)
    whole = int("".join(map(str, digits)) or "0") * 10 ** max(0, exponent)
    whole *= 10 ** (-scale % 4)  # so that groups of four digits begin at the point
    after = (scale + 3) // 4
    groups: list[int] = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.insert(0, group)
    weight = len(groups) - after - 1
    while groups and groups[-1] == 0:
        groups.pop()
    if not groups:
        weight = 0
    return struct.pack("!hhHh", len(groups), weight, 0x4000 if sign else 0, scale) + b"".join(
        struct.pack("!h", group) for group in groups
    )
