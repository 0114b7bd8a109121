"""Parquet files copied into larger ones, row by row in order, and what proves that a copy is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from ingest.folder.parquet import ParquetFile

Opened = AbstractContextManager[pyarrow.parquet.ParquetFile]  # ingest/folder/parquet.py
_ROWS = 64 * 1024  # read at once at most
_BYTES = 64 * 2**20  # and of so many bytes at most, uncompressed


@dataclass(frozen=True)
class Summary:
    """What files hold, in their order: the rows, and a hash over each value of each column."""

    rows: int
    digest: str


def summary(files: Iterable[Opened], schema: pa.Schema) -> Summary:
    """Read the files in order, in the columns of `schema`. Equal only for the same rows in the same order."""
    rows = 0
    digests = {(name, part): hashlib.sha256() for name in schema.names for part in ("valid", "lengths", "values")}
    for batch in _batches(files, schema):
        rows += batch.num_rows
        for name, column in zip(schema.names, batch.columns, strict=True):
            for part, content in _plain(column).items():
                digests[name, part].update(content)
    total = hashlib.sha256(b"".join(digest.digest() for digest in digests.values()))
    return Summary(rows, total.hexdigest())


def copy(originals: Iterable[Opened], make: Callable[[int], ParquetFile], rows_per_file: int) -> list[str]:
    """Copy the rows of `originals` in order into files of about `rows_per_file` rows; their handles.

    `make(number)` opens the file of that number. One file at least: offsets without a record keep a file, as they had.
    """
    file, handles = make(0), []
    for batch in _batches(originals, file.schema):
        if file.rows >= max(1, rows_per_file):
            handles.append(file.seal())
            file = make(len(handles))
        file.append(dict(zip(batch.schema.names, batch.columns, strict=True)))
    return [*handles, file.seal()]


def _batches(files: Iterable[Opened], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows in the columns of `schema`; an older file lacks those that the contract has got since."""
    for source in files:
        with source as file:
            groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
            widest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1)
            for batch in file.iter_batches(max(1, min(_ROWS, int(_BYTES / max(1, widest))))):
                present = batch.schema.names
                yield pa.RecordBatch.from_arrays(
                    [
                        batch[field.name].cast(field.type)
                        if field.name in present
                        else pa.nulls(len(batch), field.type)
                        for field in schema
                    ],
                    schema=schema,
                )


def _plain(column: pa.Array) -> dict[str, bytes]:
    """A column's values as bytes that do not depend on how the rows are cut into batches."""
    parts = {"valid": _fixed(column.is_valid().cast(pa.uint8()))}
    if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
        column = column.cast(pa.binary()).fill_null(b"")
        parts["lengths"] = _fixed(pc.binary_length(column))
        parts["values"] = b"".join(column.to_pylist())
    elif pa.types.is_boolean(column.type):
        parts["values"] = _fixed(column.cast(pa.uint8()).fill_null(0))
    elif pa.types.is_timestamp(column.type):
        parts["values"] = _fixed(column.cast(pa.int64()).fill_null(0))
    else:
        parts["values"] = _fixed(column.fill_null(0))
    return parts


def _fixed(column: pa.Array) -> bytes:
    width = column.type.bit_width // 8
    values = column.buffers()[1]
    return values.slice(column.offset * width, len(column) * width).to_pybytes() if len(column) else b""
