"""A new optional column: files of before and after are one table to any reader by name; old records still decode."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset

from ingest.contract import Column, Contract, load_contract
from ingest.decode import arrow_schema
from ingest.write import Batch, raw_schema, writer
from tests.unit.bad_input import GOOD

OLD = load_contract()
TOPIC = OLD.topic("sensors-sample")
NEW_TOPIC = replace(TOPIC, columns=(*TOPIC.columns, Column("oil_c", "double")))
NEW = replace(OLD, topics=(NEW_TOPIC,))


def write(contract: Contract, values: list[bytes], folder: Path, first: int) -> None:
    """Land values at the offsets from `first`, as raw files in `folder`, by the code that Spark's task runs."""
    topic = contract.topic("sensors-sample")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ranges = {0: (first, first + len(values))}
    dead = arrow_schema(contract.dead_letters.columns)
    batch = Batch(topic, "g" * 22, at, ranges, folder, raw_schema(contract, topic), dead)
    chunk = pa.RecordBatch.from_pydict(
        {
            "partition": pa.array([0] * len(values), pa.int32()),
            "offset": pa.array(range(first, first + len(values)), pa.int64()),
            "timestamp": pa.array([at] * len(values), pa.timestamp("us", "UTC")),
            "key": pa.array([None] * len(values), pa.binary()),
            "value": pa.array(values, pa.binary()),
        }
    )
    list(writer(batch)([chunk]))


def test_old_files_stay_readable_and_new_rows_have_the_column(tmp_path: Path) -> None:
    plain, warm = json.dumps(GOOD).encode(), json.dumps(GOOD | {"oil_c": 91.5}).encode()
    write(OLD, [plain, warm], tmp_path, 0)
    write(NEW, [plain, warm], tmp_path, 2)
    expected = [
        (0, None, None),
        (1, None, '{"oil_c":91.5}'),
        (2, None, None),
        (3, 91.5, None),
    ]
    sql = "select _kafka_offset, oil_c, _rescued from read_parquet(?, union_by_name = true) order by 1"
    assert duckdb.connect().execute(sql, [f"{tmp_path}/*.raw.parquet"]).fetchall() == expected
    files = sorted(str(path) for path in tmp_path.glob("*.raw.parquet"))
    table = pa.dataset.dataset(files, schema=raw_schema(NEW, NEW_TOPIC)).to_table().sort_by("_kafka_offset")
    found = table.select(["_kafka_offset", "oil_c", "_rescued"]).to_pylist()
    assert [tuple(row.values()) for row in found] == expected
