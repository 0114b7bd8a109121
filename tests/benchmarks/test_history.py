"""A history made of repeats is what landing would have left: every offset once, in its minute, in its hour's folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.history import History, history
from ingest.folder.names import hour_folder
from testbed.warehouse.embedded import embedded

UNTIL = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
REPEATS = 3


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history(tmp_path_factory.mktemp("city"), hours=1, vehicles=1)


@pytest.fixture(scope="module")
def landing(past: History, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    past.land(folder, REPEATS, UNTIL)
    return folder


def _rows(landing: Path, table: str) -> list[dict[str, Any]]:
    rows = []
    files = [file for root in ("raw", "compacted") for file in (landing / root / table).rglob("*.parquet")]
    for file in sorted(files):
        of_file = pq.ParquetFile(file).read().to_pylist()
        assert {hour_folder(row["_landed_at"]) for row in of_file} == {f"{file.parent.parent.name}/{file.parent.name}"}
        rows += of_file
    return rows


def test_every_offset_is_there_once_and_time_goes_on(past: History, landing: Path) -> None:
    for topic, of_one in past.landed.items():
        rows = _rows(landing, topic.table)
        assert len(rows) == REPEATS * len(of_one)
        for partition in {row["_kafka_partition"] for row in rows}:
            part = [row for row in rows if row["_kafka_partition"] == partition]
            part.sort(key=lambda row: row["_kafka_offset"])
            assert [row["_kafka_offset"] for row in part] == list(range(len(part)))
            times = [row["_landed_at"] for row in part]
            assert times == sorted(times)
            assert UNTIL - timedelta(hours=REPEATS) < times[0]
            assert times[-1] <= UNTIL
        assert len({row["event_id"] for row in rows}) == len({row["event_id"] for row in of_one.to_pylist()}) * REPEATS


def test_the_ledger_counts_what_was_landed(past: History, landing: Path) -> None:
    ledger = _rows(landing, "landed_batches")
    for topic in past.landed:
        rows = _rows(landing, topic.table)
        of_topic = [row for row in ledger if row["_kafka_topic"] == topic.topic]
        assert sum(row["row_count"] for row in of_topic) == len(rows)
        assert all(row["end_offset"] - row["first_offset"] == row["row_count"] for row in of_topic)
        assert {row["_landed_at"] for row in of_topic} == {row["_landed_at"] for row in rows}


def test_a_new_minute_is_the_same_after_any_history(past: History, tmp_path: Path) -> None:
    short, long = (past.land_minute(tmp_path / str(repeats), repeats, UNTIL, 2) for repeats in (1, REPEATS))
    assert short == long > 0
    new = _rows(tmp_path / str(REPEATS), "vehicle_telemetry")
    assert {row["_landed_at"] for row in new} == {UNTIL + timedelta(minutes=3)}
    (before,) = (rows for topic, rows in past.landed.items() if topic.table == "vehicle_telemetry")
    assert min(row["_kafka_offset"] for row in new) >= REPEATS * len(before)  # one vehicle: in one partition


@pytest.mark.embedded
def test_an_embedded_warehouse_receives_all_of_it_and_a_new_minute(past: History, tmp_path: Path) -> None:
    """Compacted hours by their large files, the others by the names that the ledger gives."""
    until = datetime.now(UTC).replace(minute=30, second=0, microsecond=0) - timedelta(hours=2)
    with embedded(tmp_path) as warehouse:
        past.land(warehouse.landing, REPEATS, until)
        received = "int_vehicle_telemetry_received"
        build = ("run", "--select", f"+{received}")
        rows = len(next(rows for topic, rows in past.landed.items() if topic.table == "vehicle_telemetry"))
        warehouse.build("seed")
        warehouse.build(*build)
        assert warehouse.query(f"select count(*) from junction.{received}") == [(REPEATS * rows,)]
        past.land_minute(warehouse.landing, REPEATS, until, 0)
        warehouse.build(*build)
        ((after,),) = warehouse.query(f"select count(*) from junction.{received}")
        assert after > REPEATS * rows
