"""What the torture would find: its reckoning and its reader on a landing with and without faults."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.city.pieces import city
from testbed.torture.plan import CLOCKS, SLOW_DISK, TROUBLES, plans
from testbed.torture.points import COMPACTING, EVERYWHERE, EXPIRING, LANDING, PUBLISHING, Point
from testbed.torture.progress import Progress
from testbed.torture.reader import Reader
from testbed.torture.reckoning import reckon
from testbed.torture.truth import Record, Records

CONTRACT = load_contract()
FIRST = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 10, 40, tzinfo=UTC)
Landed = tuple[Path, Records]


def test_each_point_is_there() -> None:
    """A function that has moved would take its point along, and nothing would die there."""
    points = [(name, point) for name, point in EVERYWHERE.items() if isinstance(point, Point)]
    assert [name for name, point in points if not callable(getattr(point.owner, point.function, None))] == []


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    folder = tmp_path_factory.mktemp("landed")
    faults = ("--malformed", "0.02", "--unknown-field", "0.02", "--duplicated", "0.02")
    sent = city(folder / "events", "--seed", "4", "--hours", "0.3", "--vehicles", "2", *faults)
    for piece in range(3):
        sent.land(folder / "landing", piece, 3, FIRST + timedelta(hours=piece))
    held = {
        topic: {
            (row["partition"], row["offset"]): Record(row["key"], row["value"], row["timestamp"] // 1000)
            for row in rows
        }
        for topic, rows in sent.records.items()
    }
    return folder / "landing", held


@pytest.fixture
def landed(once: Landed, tmp_path: Path) -> Landed:
    """A copy for one test."""
    return shutil.copytree(once[0], tmp_path / "landing"), once[1]


def a_file(landing: Path) -> Path:
    return min((landing / "raw" / "weather").glob("*/*/*.parquet"))


def test_a_whole_landing_is_exact_also_when_it_is_compacted_and_expired(landed: Landed) -> None:
    landing, held = landed
    reader = Reader(landing, CONTRACT)
    reader.look()
    found = reckon(landing, CONTRACT, held)
    assert found.exact, found
    assert found.dead_letters > 10
    assert found.rows + found.dead_letters == found.held == sum(map(len, held.values()))
    compact(LandingFolder.at(landing), CONTRACT, NOW)
    reader.look()
    assert expire(LandingFolder.at(landing), CONTRACT, timedelta(days=1), NOW + timedelta(days=2)) > 0
    reader.look()
    assert reckon(landing, CONTRACT, held) == found
    assert (reader.faults, reader.looks) == ([], 3)


def test_what_is_lost_is_found(landed: Landed) -> None:
    landing, held = landed
    reader = Reader(landing, CONTRACT)
    reader.look()
    rows = pyarrow.parquet.read_metadata(a_file(landing)).num_rows
    a_file(landing).unlink()
    found = reckon(landing, CONTRACT, held)
    assert (found.lost, found.twice, found.changed, found.exact) == (rows, 0, 0, False)
    assert found.sent_digest != found.landed_digest
    assert any("row_count" in fault for fault in found.ledger_faults)
    reader.look()
    assert reader.faults == [f"{rows} rows are gone that were seen before"]


def test_what_landed_and_is_in_no_topic_is_found(landed: Landed) -> None:
    landing, held = landed
    last = max(held["weather"])
    other = {**held, "weather": {place: record for place, record in held["weather"].items() if place != last}}
    found = reckon(landing, CONTRACT, other)
    assert (found.lost, found.twice, found.changed, found.exact) == (0, 0, 1, False)


def test_what_is_there_twice_is_found(landed: Landed) -> None:
    landing, held = landed
    shutil.copy(a_file(landing), a_file(landing).with_name("again.parquet"))
    rows = pyarrow.parquet.read_metadata(a_file(landing)).num_rows
    found = reckon(landing, CONTRACT, held)
    assert (found.lost, found.twice, found.exact) == (0, rows, False)
    reader = Reader(landing, CONTRACT)
    reader.look()
    assert [fault.split()[0] for fault in reader.faults] == ["DuckDB", "pyarrow"]


def test_what_was_changed_is_found(landed: Landed) -> None:
    landing, held = landed
    reader = Reader(landing, CONTRACT)
    reader.look()
    path = a_file(landing)
    table = pyarrow.parquet.ParquetFile(path).read()
    first = table["_kafka_partition"][0].as_py(), table["_kafka_offset"][0].as_py()
    other = {**held, "weather": {**held["weather"], first: replace(held["weather"][first], value=b"not this")}}
    found = reckon(landing, CONTRACT, other)
    assert (found.lost, found.twice, found.changed, found.exact) == (0, 0, 1, False)
    os.utime(path, (0, 0))
    reader.look()
    assert reader.faults == [f"{path.name} was changed after it was published"]


def test_a_gap_in_the_ledger_is_found(landed: Landed) -> None:
    landing, held = landed
    min((landing / "raw" / "landed_batches").glob("*/*/weather-*.parquet")).unlink()
    assert any("a range begins at" in fault for fault in reckon(landing, CONTRACT, held).ledger_faults)


def test_a_landing_time_that_goes_back_is_found(landed: Landed) -> None:
    landing, held = landed
    newest = max((landing / "raw" / "landed_batches").glob("*/*/weather-*.parquet"))
    table = pyarrow.parquet.ParquetFile(newest).read()
    at = table.column_names.index("_landed_at")
    earlier = [time.as_py() - timedelta(days=1) for time in table["_landed_at"]]
    column = pyarrow.array(earlier, table.schema.field(at).type)
    pyarrow.parquet.write_table(table.set_column(at, table.schema.field(at), column), newest)
    faults = reckon(landing, CONTRACT, held).ledger_faults
    assert faults
    assert all("was landed as of a time before the one before it" in fault for fault in faults)


def test_how_far_is_landed_follows_the_ledger(landed: Landed) -> None:
    landing, held = landed
    far, ends = Progress(landing), dict[tuple[str, int], int]()
    for topic, records in held.items():
        for partition, offset in records:
            ends[topic, partition] = max(ends.get((topic, partition), 0), offset + 1)
    assert far.ends() == ends
    assert far.count() == sum(map(len, held.values()))
    assert far.newest() == FIRST + timedelta(hours=2)
    assert far.reaches(ends)
    assert not far.reaches({**ends, ("weather", 0): ends["weather", 0] + 1})


def test_each_trouble_comes_as_often_and_clocks_come_last() -> None:
    found = plans([1, 2, 3], 170, 24, 32, 6)
    troubles = Counter(step.trouble for plan in found.values() for step in plan.steps if step.trouble)
    assert troubles == dict.fromkeys(TROUBLES, 8) | dict.fromkeys(CLOCKS, 3)
    for plan in found.values():
        assert [step.trouble for step in plan.steps][-2:] == list(CLOCKS)
        assert sum(step.trouble in CLOCKS for step in plan.steps) == 2
    slow = [step.point for plan in found.values() for step in plan.steps if step.trouble == SLOW_DISK]
    assert sum(not point for point in slow) == 4
    assert {point for point in slow if point} <= PUBLISHING.keys()


def test_the_whole_plan_has_each_point_with_and_without_its_checkpoint() -> None:
    found = plans([1, 2, 3], 170, 24)
    steps = [step for plan in found.values() for step in plan.steps]
    named = [(step.point, step.lost_checkpoint) for step in steps if step.point]
    assert sorted(named) == sorted((name, lost) for name in LANDING for lost in (False, True))
    commands = [point for plan in found.values() for point in plan.commands]
    assert sorted(commands) == sorted([*COMPACTING, *EXPIRING] * 3)
    assert len(steps) + len(commands) == 170
    assert sum(step.broker_killed for step in steps) == 24
    assert sum(step.lost_checkpoint for step in steps) >= 20
    short = plans([1], 6, 2)[1]
    assert (len(short.steps) + len(short.commands), sum(step.broker_killed for step in short.steps)) == (6, 2)
