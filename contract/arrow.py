"""The Arrow and Parquet types of the contract's columns."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from contract.model import Column, Contract, Topic

UTC_MICROS = pa.timestamp("us", "UTC")
_ARROW = {
    "varchar": pa.string(),
    "timestamp": UTC_MICROS,
    "double": pa.float64(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
}


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Parquet schema of contract columns: UTF-8 text, TIMESTAMP_MICROS in UTC, int32, int64, double, binary."""
    return pa.schema([(column.name, _ARROW[column.kind]) for column in columns])


def kind_of(data_type: pa.DataType) -> str:
    """The contract's word for the type of a landed column, such as `varchar`; the type's own name if it has none."""
    return next((kind for kind, known in _ARROW.items() if known == data_type), str(data_type))


def raw_schema(contract: Contract, topic: Topic) -> pa.Schema:
    """The schema of a topic's raw files: its own columns, then the landing columns."""
    return arrow_schema((*topic.columns, *contract.landing_columns))
