"""Compaction and expiry on a landing made by landing's own code: what folder and catalog readers see, and crashes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from contract.place import ROOT
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.clocks import LONGEST_WAIT
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import read_ledger
from ingest.folder.names import hour_folder
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.city.pieces import GENERATION, PARTITIONS, city
from testbed.torture.points import COMPACTING, EXPIRING

CONTRACT = load_contract()
FIRST = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
HOURS = [FIRST + timedelta(minutes=20 * piece) for piece in range(8)]  # 08:10 to 10:30
NOW = datetime(2026, 3, 2, 10, 40, tzinfo=UTC)
TABLES = [*(topic.table for topic in CONTRACT.topics), "dead_letters", "landed_batches"]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight batches a topic over three landing hours; the last hour is open."""
    folder = tmp_path_factory.mktemp("landed")
    sent = city(folder / "events", "--seed", "3", "--hours", "0.5", "--vehicles", "2", "--malformed", "0.02")
    for piece, at in enumerate(HOURS):
        sent.land(folder / "landing", piece, len(HOURS), at)
    return folder / "landing"


@pytest.fixture
def landing(landed: Path, tmp_path: Path) -> Path:
    """A copy of the landing for one test."""
    return shutil.copytree(landed, tmp_path / "landing")


@dataclass
class Catalog:
    """What a catalog does: it knows an hour by its location, and follows the records of compaction."""

    landing: Path

    def locations(self, table: str) -> Iterator[Path]:
        records = self.landing / "raw" / "compacted_hours"
        moved = {
            (row["raw_table"], hour_folder(row["compacted_hour"]))
            for path in records.glob("*/*/*.parquet")
            for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()
        }
        hours = {
            folder.relative_to(self.landing / "raw" / table) for folder in (self.landing / "raw" / table).glob("*/*")
        }
        hours |= {Path(hour) for name, hour in moved if name == table}
        for hour in hours:
            yield self.landing / ("compacted" if (table, hour.as_posix()) in moved else "raw") / table / hour

    def rows(self, table: str) -> list[tuple]:
        return read([f"{folder}/*.parquet" for folder in self.locations(table)])


def read(patterns: list[str]) -> list[tuple]:
    """All rows by DuckDB, sorted."""
    query = "select * from read_parquet(?, hive_partitioning = false, union_by_name = true) order by all"
    return duckdb.connect().execute(query, [patterns]).fetchall()


def in_folders(landing: Path) -> dict[str, list[tuple]]:
    return {table: read([f"{landing}/raw/{table}/**/*.parquet"]) for table in TABLES}


def in_catalog(landing: Path) -> dict[str, list[tuple]]:
    return {table: Catalog(landing).rows(table) for table in TABLES}


def small_files(landing: Path) -> set[str]:
    raw = landing / "raw"
    return {path.relative_to(raw).as_posix() for table in TABLES for path in (raw / table).glob("*/*/*.parquet")}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_both_readers_see_the_same_rows_before_between_and_after(landing: Path) -> None:
    before, files = in_folders(landing), small_files(landing)
    assert all(before.values())
    done = compact(LandingFolder.at(landing), CONTRACT, NOW)
    assert {hour.hour[-14:] for hour in done} == {"landed_hour=08", "landed_hour=09"}
    assert {hour.table for hour in done} == set(TABLES)
    assert small_files(landing) == files
    assert in_folders(landing) == before
    assert in_catalog(landing) == before
    assert compact(LandingFolder.at(landing), CONTRACT, NOW) == []
    assert expire(LandingFolder.at(landing), CONTRACT, timedelta(days=7), NOW + timedelta(days=6)) == 0
    assert small_files(landing) == files

    removed = expire(LandingFolder.at(landing), CONTRACT, timedelta(days=7), NOW + timedelta(days=8))
    left = small_files(landing)
    assert removed == len(files) - len(left) > 0
    assert left == {name for name in files if name.startswith("landed_batches/") or "landed_hour=10" in name}
    assert in_catalog(landing) == before
    assert expire(LandingFolder.at(landing), CONTRACT, timedelta(days=7), NOW + timedelta(days=8)) == 0
    assert compact(LandingFolder.at(landing), CONTRACT, NOW) == []


def test_rows_lie_by_partition_and_offset_in_few_files(landing: Path) -> None:
    compact(LandingFolder.at(landing), CONTRACT, NOW)
    for folder in (landing / "compacted" / "vehicle_telemetry").glob("*/*"):
        (path,) = folder.iterdir()
        rows = pyarrow.parquet.read_table(path, partitioning=None).to_pylist()
        places = [(row["_kafka_partition"], row["_kafka_offset"]) for row in rows]
        assert places == sorted(places)
        assert len(places) > 100


def test_large_hours_become_files_of_the_target_size(landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.retention.compact._TARGET", 20_000)
    before = in_folders(landing)
    compact(LandingFolder.at(landing), CONTRACT, NOW)
    assert any(len(list(folder.iterdir())) > 2 for folder in (landing / "compacted").glob("*/*/*"))
    assert in_catalog(landing) == before


def test_an_hour_is_closed_by_the_ledger_or_after_a_long_time(landing: Path) -> None:
    shutil.rmtree(landing / "raw" / "landed_batches" / "landed_date=2026-03-02" / "landed_hour=10")
    shutil.rmtree(landing / "raw" / "weather" / "landed_date=2026-03-02" / "landed_hour=10")
    over = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert {hour.hour[-2:] for hour in compact(LandingFolder.at(landing), CONTRACT, over + LONGEST_WAIT)} == {"08"}
    later = compact(LandingFolder.at(landing), CONTRACT, over + 2 * LONGEST_WAIT)
    assert {(hour.table, hour.hour[-2:]) for hour in later} == {(table, "09") for table in TABLES}


def test_an_hour_that_a_marked_batch_still_goes_to_is_open(landing: Path) -> None:
    folder = LandingFolder.at(landing)
    staging = folder.begin("weather", 7, read_ledger(folder, "weather", GENERATION, PARTITIONS).newest)
    target = "raw/weather/landed_date=2026-03-02/landed_hour=08/x.parquet"
    staging.mark_complete([(folder.store.stage(target, staging.place).seal(), target)])
    done = {(hour.table, hour.hour[-2:]) for hour in compact(LandingFolder.at(landing), CONTRACT, NOW)}
    assert ("weather", "09") in done
    assert ("weather", "08") not in done


def test_an_hour_that_is_not_what_the_ledger_says_is_refused(landing: Path) -> None:
    lost = next(iter(sorted((landing / "raw" / "weather").glob("*/landed_hour=08/*.parquet"))))
    lost.unlink()
    with pytest.raises(LandingError, match=rf"{lost.name} is in one of them only: something else has changed"):
        compact(LandingFolder.at(landing), CONTRACT, NOW)
    assert not (landing / "compacted" / "weather").exists()


def test_a_copy_that_lost_rows_keeps_its_small_files(landing: Path) -> None:
    compact(LandingFolder.at(landing), CONTRACT, NOW)
    files = small_files(landing)
    copied = next((landing / "compacted" / "dead_letters").glob("*/landed_hour=08/*.parquet"))
    copied.unlink()
    with pytest.raises(LandingError, match="put back the copy"):
        expire(LandingFolder.at(landing), CONTRACT, timedelta(days=7), NOW + timedelta(days=8))
    assert {name for name in files if name.startswith("dead_letters/")} <= small_files(landing)


def test_a_file_that_no_record_names_is_never_removed(landing: Path) -> None:
    compact(LandingFolder.at(landing), CONTRACT, NOW)
    stranger = landing / "raw" / "weather" / "landed_date=2026-03-02" / "landed_hour=08" / "stranger.parquet"
    stranger.write_bytes(b"?")
    assert expire(LandingFolder.at(landing), CONTRACT, timedelta(days=7), NOW + timedelta(days=8)) > 0
    assert list(stranger.parent.iterdir()) == [stranger]


def test_the_folder_of_a_manifest_that_never_came_is_passed_over(landing: Path) -> None:
    """A crash between the two left each later compaction with an error."""
    (landing / "_batches" / "@compact" / "weather" / hour_folder(FIRST)).mkdir(parents=True)
    assert compact(LandingFolder.at(landing), CONTRACT, NOW)
    assert compact(LandingFolder.at(landing), CONTRACT, NOW) == []


@pytest.mark.parametrize("name", ["stranger.parquet", "weather-20261301T000000000000Z.parquet", "a-b.parquet"])
def test_a_stray_among_the_records_is_passed_over(landing: Path, name: str) -> None:
    folder = LandingFolder.at(landing)
    compact(folder, CONTRACT, NOW)
    (next((landing / "raw" / "compacted_hours").glob("*/*")) / name).write_bytes(b"?")
    shutil.rmtree(landing / "compacted" / "weather")
    assert compact(folder, CONTRACT, NOW) != []
    assert expire(folder, CONTRACT, timedelta(days=7), NOW + timedelta(days=8)) > 0


def test_records_increase_when_the_clock_goes_back(landing: Path) -> None:
    compact(LandingFolder.at(landing), CONTRACT, NOW)
    shutil.rmtree(landing / "compacted" / "weather")
    again = compact(LandingFolder.at(landing), CONTRACT, NOW - timedelta(minutes=30))
    assert {hour.table for hour in again} == {"weather"}
    stamps = [
        (path.stem.rsplit("-", 1)[1], path.name) for path in (landing / "raw" / "compacted_hours").glob("*/*/*.parquet")
    ]
    assert [name.startswith("weather-") for _, name in sorted(stamps)[-len(again) :]] == [True] * len(again)
    assert len({stamp for stamp, _ in stamps}) == len(stamps)


def test_killed_at_each_point_in_turn_readers_see_the_same_rows(landing: Path) -> None:
    """Each command dies at another point, over what the one before it left; the last ones live."""
    before, files = in_folders(landing), small_files(landing)
    where = ("--landing", str(landing))
    for point in COMPACTING:
        ended = run("testbed.torture.crash", point, "all", "compact", *where)
        assert ended.returncode == -signal.SIGKILL, f"{point}: {ended.stderr[-2000:]}"
        assert small_files(landing) == files, point
        assert in_catalog(landing) == before, point
    assert run("ingest", "compact", *where).returncode == 0
    assert list((landing / "_staging" / "@compact").iterdir()) == []
    assert in_folders(landing) == in_catalog(landing) == before
    for point in EXPIRING:
        ended = run("testbed.torture.crash", point, "all", "expire", "--older-than", "0.000001", *where)
        assert ended.returncode == -signal.SIGKILL, f"{point}: {ended.stderr[-2000:]}"
        assert in_catalog(landing) == before, point
    assert run("ingest", "expire", "--older-than", "0.000001", *where).returncode == 0
    assert {name.split("/")[0] for name in small_files(landing)} == {"landed_batches"}
    assert in_catalog(landing) == before


def test_a_command_that_is_wrong_says_what_to_write(landing: Path) -> None:
    for days in ("0", "-1", "soon"):
        ended = run("ingest", "expire", "--older-than", days, "--landing", str(landing))
        assert ended.returncode == 2
        assert "such as 7" in ended.stderr or "like 7" in ended.stderr
    os.remove(next((landing / "raw" / "weather").glob("*/landed_hour=08/*.parquet")))
    ended = run("ingest", "compact", "--landing", str(landing))
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("ingest: raw/weather/")
