"""The vectorised parse: payloads that surely fit the contract, by Arrow's JSON reader, a chunk at a time.

What it does not vouch for takes the exact way (decode.py). Its time and its memory follow the bytes of the payloads,
in whatever order odd ones stand among them and whatever fields they carry. Needs no Spark.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from contract.arrow import UTC_MICROS
from contract.model import Column, Topic

# Times that need no thought: UTC, a year from 1, at most microseconds. All others take the exact path.
_PLAIN_TIME = (
    r"^(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)-[0-9-]{5}T[0-9:]{8}(?:\.[0-9]{1,6})?(?:Z|\+00:00)$"
)
_CHUNK = 8192  # payloads that are parsed at once
_CHUNK_BYTES = 4 << 20
_SMALL = 32  # payloads; so few are parsed one by one as fast
_CROWDED = 8
_DEEP = 1024  # opening brackets; Arrow's parser dies of some ten thousands, and takes the worker with it
_ODD_ROW = re.compile(r"in row (\d+)$")  # Arrow's message: a hint where to cut, nothing more
_TEXTS = ("varchar", "timestamp")  # whose values stand between quotation marks

Parsed = list[tuple[pa.Table, pa.Array]]  # tables of rows, each with the indexes of its payloads


def is_plain(payloads: pa.BinaryArray) -> pa.BooleanArray:
    """Payloads that stay apart when they are joined by newlines: `{`…`}` without a line break inside.

    None may have a U+0000 in a text, which is no value of the contract. None is nested so deep that Arrow's parser,
    which recurses without a limit, could overflow the stack.
    """
    plain = pc.fill_null(pc.and_(pc.starts_with(payloads, b"{"), pc.ends_with(payloads, b"}")), False)
    for odd in (b"\n", b"\r", b"\\u0000"):
        if _holds(payloads, odd):
            plain = pc.and_not(plain, pc.fill_null(pc.match_substring(payloads, odd), False))
    long = pc.fill_null(pc.greater(pc.binary_length(payloads), _DEEP), False)
    if pc.any(long).as_py():
        opened = pc.add(pc.count_substring(payloads, b"["), pc.count_substring(payloads, b"{"))
        plain = pc.and_not(plain, pc.fill_null(pc.and_(long, pc.greater(opened, _DEEP)), False))
    return plain


def _holds(payloads: pa.BinaryArray, part: bytes) -> bool:
    """Whether the bytes occur anywhere: one search over all payloads costs a twentieth of one in each."""
    values = payloads.buffers()[2]
    return values is not None and part in values.to_pybytes()


def parse_plain(
    topic: Topic, schema: pa.Schema, payloads: pa.BinaryArray, indexes: pa.Array
) -> tuple[Parsed, list[pa.Array]]:
    """Tables of the payloads (all plain) that surely fit, in order, and the indexes of the rest.

    Arrow's parser gives up a chunk at its first odd row: those before it are parsed again. A chunk that is good doubles
    the next one, so what is parsed in vain stays below a multiple of what is not.
    """
    tables: Parsed = []
    rest = []
    ends = _Ends(payloads)
    start, reach, odd = 0, _CHUNK_BYTES, -1
    while start < len(payloads):
        if start == odd:
            rest.append(indexes[start : start + 1])
            start += 1
            continue
        end = ends.within(start, reach)
        if start < odd:
            end = min(end, odd)
        if end - start <= _SMALL:
            rest.append(indexes[start:end])
            start, reach = end, _grown(reach)
            continue
        try:
            table, fits = _parse(topic, schema, payloads[start:end])
        except pa.ArrowInvalid as error:
            found = _ODD_ROW.search(str(error))
            cut = min(start + int(found[1]), end - 1) if found else (start + end) // 2
            if cut - start < _CROWDED:  # odd rows stand close together
                rest.append(indexes[start : start + _SMALL])
                start += _SMALL
            elif found:
                odd = cut
            reach = ends.bytes(start, cut)
            continue
        if pc.all(fits).as_py():
            tables.append((table, indexes[start:end]))
        else:
            tables.append((table.filter(fits), indexes[start:end].filter(fits)))
            rest.append(indexes[start:end].filter(pc.invert(fits)))
        start, reach = end, _grown(reach)
    return tables, rest


def _grown(reach: int) -> int:
    return min(2 * reach, _CHUNK_BYTES)


class _Ends:
    """Where each payload ends among the bytes of all."""

    def __init__(self, payloads: pa.BinaryArray) -> None:
        offsets = payloads.buffers()[1]
        self._offsets = memoryview(offsets).cast("i")[payloads.offset :] if offsets else memoryview(b"")
        self._rows = len(payloads)

    def bytes(self, start: int, end: int) -> int:
        """The bytes of payloads `start` to before `end`; 0 if there are none."""
        return max(self._offsets[end] - self._offsets[start], 0)

    def within(self, start: int, reach: int) -> int:
        """The end of a chunk: at most `reach` bytes and _CHUNK payloads, but more than _SMALL if there are as many."""
        most = min(start + _CHUNK, self._rows)
        full = bisect_right(self._offsets, self._offsets[start] + reach, start, most + 1) - 1
        return min(max(full, start + _SMALL), most)


def _parse(topic: Topic, schema: pa.Schema, payloads: pa.BinaryArray) -> tuple[pa.Table, pa.Array]:
    """Parse a chunk as lines of JSON, with a mask of the rows that surely fit; ArrowInvalid if any row is odd.

    Arrow's parser refuses duplicate names, text for numbers, 1.0 for an integer and what is no JSON. It ignores fields
    that the contract does not name: to infer them would make a column for each name that a producer can think of.
    """
    whole = pa.ListArray.from_arrays(pa.array([0, len(payloads)], pa.int32()), payloads)
    lines = pc.binary_join(whole, b"\n").cast(pa.string())[0].as_buffer()  # the cast refuses what is no UTF-8
    texts = [field.with_type(pa.string()) if field.type == UTC_MICROS else field for field in schema][:-1]
    parsed = pyarrow.json.read_json(
        pa.BufferReader(lines),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=lines.size + 1),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=pa.schema(texts), unexpected_field_behavior="ignore"),
    ).combine_chunks()
    if len(parsed) != len(payloads):
        raise pa.ArrowInvalid("a line holds more than one value")
    arrays, masks = [], []
    values = [parsed[column.name].combine_chunks() for column in topic.columns]
    if not _all_known(topic, values, lines.to_pybytes()):
        masks.append(_known(topic, values, payloads))
    for column, found in zip(topic.columns, values, strict=True):
        array, fits = _fit(column, found)
        arrays.append(array)
        masks.append(pc.fill_null(fits, not column.required))
    arrays.append(pa.nulls(len(parsed), pa.string()))
    return pa.Table.from_arrays(arrays, schema=schema), reduce(pc.and_, masks)


def _fit(column: Column, array: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The column in its type, and a mask of the values that surely fit: null where the value is."""
    if column.kind == "varchar":
        return array, pc.less_equal(pc.binary_length(array), column.max_bytes)
    if column.kind == "double":
        return pc.add(array, 0.0), pc.is_finite(array)  # -0.0 is 0.0, as in contract/values.py
    if column.kind == "timestamp":
        plain = pc.match_substring_regex(array, _PLAIN_TIME)
        return pc.if_else(plain, array, None).cast(UTC_MICROS), plain
    return array, pc.if_else(pc.is_valid(array), True, None)


def _all_known(topic: Topic, values: list[pa.Array], lines: bytes) -> bool:
    """Whether surely no payload has a field that the contract does not name, nor a null: no quotation mark is left.

    A field that was found has two for its name, and two for its value if that is a text. An ignored field has its own.
    """
    expected = sum(
        _marks(column) * (len(array) - array.null_count) for column, array in zip(topic.columns, values, strict=True)
    )
    if b"\\" not in lines:
        return lines.count(b'"') == expected
    return b"\\\\" not in lines and lines.count(b'"') - lines.count(b'\\"') == expected


def _known(topic: Topic, values: list[pa.Array], payloads: pa.BinaryArray) -> pa.Array:
    """A mask of the payloads that surely have no field that the contract does not name.

    As `_all_known`, payload by payload; a null has two marks for its name if that is there as it is spelled here. What
    has two backslashes in a row is not vouched for: behind them a quotation mark may be escaped or not.
    """
    left = pc.subtract(pc.count_substring(payloads, b'"'), pc.count_substring(payloads, b'\\"'))
    for column, array in zip(topic.columns, values, strict=True):
        left = pc.subtract(left, pc.if_else(pc.is_valid(array), _marks(column), 0))
    for column, array in zip(topic.columns, values, strict=True):
        if array.null_count and pc.any(pc.greater(left, 0)).as_py():
            named = pc.count_substring_regex(payloads, rf'[^\\]"{column.name}"[ \t]*:')
            left = pc.subtract(left, pc.if_else(pc.is_null(array), pc.multiply(named, 2), 0))
    return pc.and_not(pc.equal(left, 0), pc.match_substring(payloads, b"\\\\"))


def _marks(column: Column) -> int:
    return 4 if column.kind in _TEXTS else 2
