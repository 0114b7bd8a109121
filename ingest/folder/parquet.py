"""Parquet files as the landing folder holds them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from ingest.errors import LandingError
from ingest.folder.store import Sink, Store

_ROW_GROUP = 128 * 1024  # rows
# Columns of many values (ids, measures) give their dictionary up soon: a third less time, an eighth less space.
_DICTIONARY = 128 * 1024  # bytes
_BUFFER = 64 * 2**20  # bytes; a dead letter can be a megabyte
_AHEAD = 8  # files that are fetched before their turn; of a bucket up to 16 MiB of each are in memory


@contextmanager
def opened(store: Store, key: str, *, staged: bool = False) -> Iterator[pyarrow.parquet.ParquetFile]:
    """A file to read in the context, or one that is `staged`, by its handle. Raises LandingError if its bytes are not
    those of a Parquet file any more, and FileNotFoundError.
    """
    with _parquet(store.named(key), partial(store.open_staged if staged else store.open, key)) as file:
        yield file


@contextmanager
def _parquet(name: str, get: Callable[[], pa.NativeFile]) -> Iterator[pyarrow.parquet.ParquetFile]:
    try:
        with get() as source, pyarrow.parquet.ParquetFile(source) as file:
            yield file
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the system's; Arrow's own have no number
            raise
        raise LandingError(
            f"{name} is no whole Parquet file ({' '.join(str(error).split())[:200]}): put it back from a "
            "backup, then start again."
        ) from error


def opened_in_turn(store: Store, keys: Iterable[str]) -> Iterator[AbstractContextManager[pyarrow.parquet.ParquetFile]]:
    """`opened` for each key, in their order. The next ones are fetched meanwhile: of a bucket each takes a while."""
    coming = iter(keys)
    with ThreadPoolExecutor(_AHEAD, "read ahead") as pool:
        waiting = deque((key, pool.submit(store.open, key)) for key in islice(coming, _AHEAD))
        while waiting:
            key, source = waiting.popleft()
            waiting.extend((key, pool.submit(store.open, key)) for key in islice(coming, 1))
            yield _parquet(store.named(key), source.result)


class ParquetFile:
    """A Parquet file in large row groups. Columns are given by name and cast to `schema`."""

    def __init__(self, sink: Sink, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self.size = 0  # bytes, once it is sealed
        self._buffer: list[pa.Table] = []
        self._buffered = 0
        self._sink = sink
        # A long value that is the same in each row is in a dictionary once: no reader could tell how much it unpacks.
        short = [field.name for field in schema if field.name != "_rescued" and not pa.types.is_binary(field.type)]
        self._writer = pyarrow.parquet.ParquetWriter(
            self._sink,
            schema,
            compression="snappy",
            store_schema=False,
            use_dictionary=short,
            dictionary_pagesize_limit=_DICTIONARY,
        )

    def append(self, columns: dict[str, Any]) -> None:
        """Add rows: an array for each name of the schema."""
        arrays = [columns[field.name].cast(field.type) for field in self.schema]
        table = pa.Table.from_arrays(arrays, schema=self.schema)
        self.rows += len(table)
        self._buffer.append(table)
        self._buffered += len(table)
        if self._buffered >= _ROW_GROUP or sum(part.nbytes for part in self._buffer) >= _BUFFER:
            self._flush()

    def seal(self, metadata: dict[bytes, str] | None = None) -> str:
        """Write what is left, with `metadata` for the file; the file's handle, once it is on the disk."""
        if self._buffered:
            self._flush()
        if metadata:
            self._writer.add_key_value_metadata(metadata)
        self._writer.close()
        self.size = self._sink.tell()
        return self._sink.seal()

    def _flush(self) -> None:
        self._writer.write_table(pa.concat_tables(self._buffer), row_group_size=2 * _ROW_GROUP)
        self._buffer, self._buffered = [], 0
