"""A new optional column: files of before and after are one table to any reader by name; old records still decode.

A start of landing refuses a contract that breaks with the files that are there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset
import pytest

from contract.arrow import raw_schema
from contract.model import Column, Contract
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.local_store import LocalStore
from ingest.folder.manifest import Manifest
from ingest.folder.names import file_name
from ingest.folder.staging import Staging
from ingest.landing.batch import Batch, Schemas
from ingest.landing.landed_columns import check_landed_columns
from ingest.landing.write import writer
from testbed.city.pieces import land_batch
from testbed.landing.bad_input import GOOD

OLD = load_contract()
TOPIC = OLD.topic("sensors-sample")
NEW_TOPIC = replace(TOPIC, columns=(*TOPIC.columns, Column("oil_c", "double")))
NEW = replace(OLD, topics=(NEW_TOPIC,))


def write(contract: Contract, values: list[bytes], folder: Path, first: int) -> None:
    """Land values at the offsets from `first`, as raw files in `folder`, by the code that Spark's task runs."""
    topic = contract.topic("sensors-sample")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ranges = {0: (first, first + len(values))}
    store = LocalStore(folder.parent)
    staging = Staging(store, folder.name, Manifest(store, "unmarked"))
    batch = Batch(topic, "g" * 22, at, ranges, staging, Schemas.of(contract, topic))
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
    assert duckdb.connect().execute(sql, [f"{tmp_path}/*.parquet"]).fetchall() == expected
    files = sorted(str(path) for path in tmp_path.glob("*.parquet"))
    table = pa.dataset.dataset(files, schema=raw_schema(NEW, NEW_TOPIC)).to_table().sort_by("_kafka_offset")
    found = table.select(["_kafka_offset", "oil_c", "_rescued"]).to_pylist()
    assert [tuple(row.values()) for row in found] == expected


def landed_columns(contract: Contract) -> tuple[Column, ...]:
    return (*contract.topic("sensors-sample").columns, *contract.landing_columns)


@pytest.fixture(params=["raw", "compacted"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Two hours of one table, landed before and after the new column; where `expire` has been, only compacted."""
    for hour, contract in (("08", OLD), ("09", NEW)):
        folder = tmp_path / request.param / TOPIC.table / "landed_date=2026-01-01" / f"landed_hour={hour}"
        folder.mkdir(parents=True)
        write(contract, [json.dumps(GOOD).encode()], folder, int(hour))
        (file,) = folder.glob("*.parquet")
        file.rename(folder / file_name(TOPIC.topic, "g" * 22, 0, int(hour), int(hour) + 1))
    return tmp_path


def test_a_compatible_contract_is_landed_with(landing: Path) -> None:
    longer = tuple(replace(c, data_type="varchar(99)") if c.name == "car_id" else c for c in landed_columns(NEW))
    for columns in (landed_columns(NEW), longer, (Column("more", "boolean"), *landed_columns(NEW))):
        check_landed_columns(LandingFolder.at(landing), TOPIC.table, columns)
    check_landed_columns(LandingFolder.at(landing / "elsewhere"), TOPIC.table, landed_columns(OLD))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"oil_c": "integer"}, "oil_c: its type changed from double to integer, but landed files keep the old one and "
         "no reader takes both: add an optional column of another name, such as oil_c_2, and coalesce the two in"),
        ({"event_time": "varchar(64)"}, "event_time: its type changed from timestamp to varchar(64)"),
        ({"_kafka_partition": "bigint"}, "_kafka_partition: its type changed from integer to bigint"),
        ({"gear": None}, "gear: it is gone: keep it, optional"),
    ],
)  # fmt: skip
def test_a_contract_that_breaks_with_the_files_is_refused(
    landing: Path, changes: dict[str, str | None], said: str
) -> None:
    columns = [replace(c, data_type=changes.get(c.name) or c.data_type) for c in landed_columns(NEW)]
    kept = [column for column in columns if column.name not in changes or changes[column.name]]
    with pytest.raises(LandingError, match="Table sensors_sample, column ") as refused:
        check_landed_columns(LandingFolder.at(landing), TOPIC.table, kept)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["._x.parquet", "_x.parquet", ".nfs0001"])
def test_a_stray_beside_the_newest_file_is_not_read(tmp_path: Path, name: str) -> None:
    """As macOS puts `._…` beside each file on some disks."""
    columns = (*TOPIC.columns, *OLD.landing_columns)
    row = {"partition": 0, "offset": 0, "timestamp": 0, "key": b"", "value": json.dumps(GOOD).encode()}
    land_batch(OLD, TOPIC, tmp_path, [row], 0, datetime(2026, 1, 1, tzinfo=UTC))
    hour = next((tmp_path / "raw" / TOPIC.table).glob("*/*"))
    (hour / name).write_bytes(b"?")
    check_landed_columns(LandingFolder.at(tmp_path), TOPIC.table, columns)
    with pytest.raises(LandingError):
        check_landed_columns(LandingFolder.at(tmp_path), TOPIC.table, columns[1:])
