"""Brings a landing's Parquet files to where the stand-in's external tables read them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from contract.model import Column, Contract

# PostgreSQL counts characters where Redshift counts bytes; landing has checked the bytes.
_TYPES = {name: name for name in ("integer", "bigint", "timestamp", "boolean")}
_TYPES |= {"double": "double precision", "binary": "bytea"}


def create_tables(cursor: Any, contract: Contract) -> None:
    """One table for the files of each raw table; nothing is landed yet."""
    for table, columns in _tables(contract).items():
        declared = ", ".join(f'"{column.name}" {_sql_type(column)}' for column in columns)
        cursor.execute(
            f'create table standin."{table}" ({declared}, landed_date date, landed_hour varchar(2), "$path" text)'
        )


def add_columns(cursor: Any, contract: Contract) -> None:
    """Give the tables the columns that are new in the contract."""
    for table, columns in _tables(contract).items():
        for column in columns:
            cursor.execute(
                f'alter table standin."{table}" add column if not exists "{column.name}" {_sql_type(column)}'
            )


def load(cursor: Any, contract: Contract, landing: Path, location: str) -> int:
    """Copy the files that are new below `landing`, as if they lay below `location`; how many there were."""
    cursor.execute("select path from standin.loaded_files")
    known = {path for (path,) in cursor.fetchall()}
    count = 0
    for table, columns in _tables(contract).items():
        there = {}
        for folder in ("raw", "compacted"):
            for file in sorted((landing / folder / table).glob("landed_date=*/landed_hour=*/*.parquet")):
                there[f"{file.relative_to(landing)}"] = file
        for name, file in there.items():
            if name not in known:
                _copy(
                    cursor, table, [column.name for column in columns], file, f"{location}/{file.relative_to(landing)}"
                )
                cursor.execute("insert into standin.loaded_files values (%s)", (name,))
                count += 1
    return count


def forget(cursor: Any, contract: Contract, landing: Path, location: str) -> int:
    """Forget the files that are no longer below `landing`; how many."""
    cursor.execute("select path from standin.loaded_files")
    gone = [path for (path,) in cursor.fetchall() if not (landing / path).exists()]
    for path in gone:
        cursor.execute(f'delete from standin."{path.split("/")[1]}" where "$path" = %s', (f"{location}/{path}",))
        cursor.execute("delete from standin.loaded_files where path = %s", (path,))
    return len(gone)


def _tables(contract: Contract) -> dict[str, tuple[Column, ...]]:
    tables = {topic.table: (*topic.columns, *contract.landing_columns) for topic in contract.topics}
    return tables | {
        "dead_letters": tuple(contract.dead_letters.columns),
        "landed_batches": tuple(contract.landed_batches.columns),
        "compacted_hours": tuple(contract.compacted_hours.columns),
    }


def _sql_type(column: Column) -> str:
    return column.data_type if column.max_bytes else _TYPES[column.kind]


def _copy(cursor: Any, table: str, names: list[str], file: Path, path: str) -> None:
    rows = pq.ParquetFile(file).read()
    names = [name for name in names if name in rows.column_names]  # an older file lacks what the contract has got since
    rows = rows.select(names)
    date, hour = (part.split("=", 1)[1] for part in file.parts[-3:-1])
    for name in names:
        if pa.types.is_binary(rows.schema.field(name).type):
            hexed = [None if value is None else "\\x" + value.hex() for value in rows[name].to_pylist()]
            rows = rows.set_column(names.index(name), name, pa.array(hexed, pa.string()))
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, pa_csv.WriteOptions(include_header=False))
    buffer.seek(0)
    listed = ", ".join(f'"{name}"' for name in names)
    of_file = {"landed_date": date, "landed_hour": hour, "$path": path}
    defaults = ", ".join(f"alter \"{name}\" set default '{value}'" for name, value in of_file.items())
    cursor.execute(f'alter table standin."{table}" {defaults}')
    cursor.copy_expert(f'copy standin."{table}" ({listed}) from stdin (format csv)', buffer)
