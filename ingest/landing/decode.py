"""From Kafka payloads to the contract's columns: a vectorised parse for what surely fits, an exact one for the rest.

Both give the same rows (a test holds them together), so the first is only a matter of speed. Needs no Spark.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contract.arrow import arrow_schema
from contract.model import Topic
from contract.values import Misfit, Reason, convert
from ingest.landing.parse_plain import is_plain, parse_plain
from ingest.landing.rescue import rescue


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
    plain = is_plain(payloads) if simple else pa.array([False] * len(payloads))
    if pc.all(plain).as_py():
        tables, exact = parse_plain(topic, schema, payloads, indexes)
    else:
        tables, exact = parse_plain(topic, schema, payloads.filter(plain), indexes.filter(plain))
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
        times = Counter(name for name, _ in pairs)  # not list.count, which reads all names for each
        twice = next(name for name, _ in pairs if times[name] > 1)
        raise Misfit(Reason.NOT_JSON, _for_people(twice))
    return record


def _for_people(name: str) -> str:
    """The begin of a producer's field name, for a column and a terminal: `?` for what is not ASCII and printable."""
    return "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in name[:32])


_STRICT = json.JSONDecoder(object_pairs_hook=_unique)
