"""From Kafka payloads to the contract's columns: a vectorised parse for what surely fits, an exact one for the rest.

Both give the same rows (a test holds them together), so the first is only a matter of speed. Needs no Spark.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from contract.arrow import UTC_MICROS, arrow_schema
from contract.model import Column, Topic
from contract.values import Misfit, Reason, convert
from ingest.landing.rescue import rescue

# Times that need no thought: UTC, a year from 1, at most microseconds. All others take the exact path.
_PLAIN_TIME = (
    r"^(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-[0-9-]{5}T[0-9:]{8}(?:\.[0-9]{1,6})?(?:Z|\+00:00)$"
)
_WINDOW = 8192  # payloads that are parsed at once
_MAX_BYTES = 1 << 28
_SMALL = 32  # payloads; so few are parsed one by one as fast
_CROWDED = 8
_DEEP = 1024  # opening brackets; Arrow's parser dies of some ten thousands, and takes the worker with it
_ODD_ROW = re.compile(r"in row (\d+)$")  # Arrow's message: a hint where to cut, nothing more


@dataclass(frozen=True)
class DeadLetter:
    """Row `index` of the decoded payloads does not fit: why, and in which field if it is one."""

    index: int
    reason: Reason
    field: str | None


def decode(topic: Topic, payloads: pa.BinaryArray) -> tuple[pa.Table, pa.Array, list[DeadLetter]]:
    """Decode payloads: a table of the topic's columns and `_rescued`; for each of its rows the index of the payload,
    ascending; and a dead letter for each other payload, ascending too.
    """
    schema = arrow_schema(topic.columns).append(pa.field("_rescued", pa.string()))
    simple = all(column.kind != "binary" for column in topic.columns)
    indexes = pa.arange(0, len(payloads))
    plain = _is_plain(payloads) if simple else pa.array([False] * len(payloads))
    if pc.all(plain).as_py():
        tables, exact = _decode_fast(topic, schema, payloads, indexes)
    else:
        tables, exact = _decode_fast(topic, schema, payloads.filter(plain), indexes.filter(plain))
        exact.append(indexes.filter(pc.invert(plain)))
    rows, row_indexes, dead_letters = [], [], []
    for index in sorted(index for part in exact for index in part.to_pylist()):
        try:
            rows.append(decode_one(topic, payloads[index].as_py()))
            row_indexes.append(index)
        except Misfit as misfit:
            dead_letters.append(DeadLetter(index, misfit.reason, misfit.field))
    if rows or not tables:
        columns = list(zip(*rows, strict=True)) if rows else [() for _ in schema]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        tables.append((pa.Table.from_arrays(arrays, schema=schema), pa.array(row_indexes, pa.int64())))
    table = pa.concat_tables([table for table, _ in tables])
    order = pa.concat_arrays([part for _, part in tables])
    if rows and len(tables) > 1:
        sorting = pc.sort_indices(order)
        table, order = table.take(sorting), order.take(sorting)
    return table, order, dead_letters


def decode_one(topic: Topic, payload: bytes | None) -> tuple[Any, ...]:
    """Decode one payload exactly: the topic's columns in order, then `_rescued`; raises Misfit.

    `_rescued` is a JSON object of the fields that the contract does not name, each spelled as it came; else None.
    """
    if not payload:  # a tombstone, or an empty value, which some producers write for one
        raise Misfit(Reason.NULL_PAYLOAD)
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Misfit(Reason.NOT_UTF8) from error
    try:
        record = _STRICT.decode(text)
    except (ValueError, RecursionError) as error:  # also an integer of thousands of digits, or nested too deep
        raise Misfit(Reason.NOT_JSON) from error
    if not isinstance(record, dict):
        raise Misfit(Reason.NOT_OBJECT)
    values = []
    for column in topic.columns:
        try:
            values.append(convert(column.kind, column.max_bytes, column.required, record.pop(column.name, None)))
        except Misfit as misfit:
            raise Misfit(misfit.reason, column.name) from misfit
    try:
        values.append(rescue(text, record) if record else None)
    except RecursionError as error:  # a depth that just passed above
        raise Misfit(Reason.NOT_JSON) from error
    return tuple(values)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Misfit(Reason.NOT_JSON, _for_people(twice))
    return record


def _for_people(name: str) -> str:
    """The begin of a producer's field name, for a column and a terminal: `?` for what is not ASCII and printable."""
    return "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in name[:32])


_STRICT = json.JSONDecoder(object_pairs_hook=_unique)


def _is_plain(payloads: pa.BinaryArray) -> pa.BooleanArray:
    """Payloads that stay apart when they are joined by newlines: `{`…`}` without a line break inside.

    None is nested so deep that Arrow's parser, which recurses without a limit, could overflow the stack.
    """
    plain = pc.fill_null(pc.and_(pc.starts_with(payloads, b"{"), pc.ends_with(payloads, b"}")), False)
    for line_break in (b"\n", b"\r"):
        if _holds(payloads, line_break):
            plain = pc.and_not(plain, pc.fill_null(pc.match_substring(payloads, line_break), False))
    long = pc.fill_null(pc.greater(pc.binary_length(payloads), _DEEP), False)
    if pc.any(long).as_py():
        opened = pc.add(pc.count_substring(payloads, b"["), pc.count_substring(payloads, b"{"))
        plain = pc.and_not(plain, pc.fill_null(pc.and_(long, pc.greater(opened, _DEEP)), False))
    return plain


def _holds(payloads: pa.BinaryArray, part: bytes) -> bool:
    """Whether the bytes occur anywhere: one search over all payloads costs a twentieth of one in each."""
    values = payloads.buffers()[2]
    return values is not None and part in values.to_pybytes()


def _decode_fast(
    topic: Topic, schema: pa.Schema, payloads: pa.BinaryArray, indexes: pa.Array
) -> tuple[list[tuple[pa.Table, pa.Array]], list[pa.Array]]:
    """Tables of the payloads that surely fit with their indexes, in order, and the indexes of the rest.

    Arrow's parser gives up at the first odd row: the rows before it are parsed again, those after it are tried next.
    """
    tables, rest = [], []
    todo = [(start, min(start + _WINDOW, len(payloads))) for start in range(0, len(payloads), _WINDOW)]
    todo.reverse()  # a stack: the first offsets come first
    while todo:
        start, end = todo.pop()
        if end - start <= _SMALL:
            rest.append(indexes[start:end])
            continue
        try:
            table, fits = _parse(topic, schema, payloads[start:end])
        except pa.ArrowInvalid as error:
            odd = _ODD_ROW.search(str(error))
            cut = min(start + int(odd[1]), end - 1) if odd else (start + end) // 2
            if cut - start < _CROWDED:  # odd rows stand close together
                cut = start + _SMALL
                todo += [(cut, end), (start, cut)]
            elif odd:
                todo += [(cut + 1, end), (cut, cut + 1), (start, cut)]
            else:
                todo += [(cut, end), (start, cut)]
        else:
            if pc.all(fits).as_py():
                tables.append((table, indexes[start:end]))
            else:
                tables.append((table.filter(fits), indexes[start:end].filter(fits)))
                rest.append(indexes[start:end].filter(pc.invert(fits)))
    return tables, rest


def _parse(topic: Topic, schema: pa.Schema, payloads: pa.BinaryArray) -> tuple[pa.Table, pa.Array]:
    """Parse a chunk as lines of JSON, with a mask of the rows that surely fit; ArrowInvalid if any row is odd.

    Arrow's parser refuses duplicate names, text for numbers, 1.0 for an integer and what is no JSON.
    """
    if payloads.nbytes > _MAX_BYTES:
        raise pa.ArrowInvalid("too much for Arrow's 32-bit offsets")
    whole = pa.ListArray.from_arrays(pa.array([0, len(payloads)], pa.int32()), payloads)
    lines = pc.binary_join(whole, b"\n").cast(pa.string())[0].as_buffer()  # the cast refuses what is no UTF-8
    texts = [field.with_type(pa.string()) if field.type == UTC_MICROS else field for field in schema][:-1]
    parsed = pyarrow.json.read_json(
        pa.BufferReader(lines),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=lines.size + 1),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=pa.schema(texts), unexpected_field_behavior="infer"),
    ).combine_chunks()
    if len(parsed) != len(payloads):
        raise pa.ArrowInvalid("a line holds more than one value")
    arrays, masks = [], [_has_only(parsed.column_names[len(texts) :], payloads)]
    for column in topic.columns:
        array, fits = _fit(column, parsed[column.name].combine_chunks())
        arrays.append(array)
        masks.append(pc.fill_null(fits, not column.required))
    arrays.append(pa.nulls(len(parsed), pa.string()))
    return pa.Table.from_arrays(arrays, schema=schema), reduce(pc.and_, masks)


def _fit(column: Column, array: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The column in its type, and a mask of the values that surely fit: null where the value is."""
    if column.kind == "varchar":
        return array, pc.less_equal(pc.binary_length(array), column.max_bytes)
    if column.kind == "double":
        return array, pc.is_finite(array)
    if column.kind == "timestamp":
        plain = pc.match_substring_regex(array, _PLAIN_TIME)
        return pc.if_else(plain, array, None).cast(UTC_MICROS), plain
    return array, pc.if_else(pc.is_valid(array), True, None)


def _has_only(extra: list[str], payloads: pa.BinaryArray) -> pa.Array:
    """A mask of the payloads that surely hold none of the `extra` names, whatever the value, also with escapes."""
    found = pa.array([False] * len(payloads))
    if extra:
        for pattern in [b"\\", *(name.encode() for name in extra)]:
            found = pc.or_(found, pc.match_substring(payloads, pattern))
    return pc.invert(found)
