"""What two jobs of an older version, or somebody, have left in the landing folder: refused at the next start."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, read_ledger
from ingest.folder.overlap import check_names, check_not_compacted
from ingest.retention.compact import compact
from testbed.city.pieces import GENERATION, PARTITIONS, City, city, land_batch

CONTRACT = load_contract()
TOPIC = CONTRACT.topic("weather")
AT = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    return city(tmp_path_factory.mktemp("city"), "--seed", "3", "--hours", "0.5", "--vehicles", "1")


def land(folder: Path, sent: City, first: int, end: int, at: datetime) -> None:
    rows = sent.records["weather"]
    land_batch(CONTRACT, TOPIC, folder, rows[len(rows) * first // 4 : len(rows) * end // 4], 0, at)


def ledger_of(folder: Path) -> Ledger:
    return read_ledger(LandingFolder.at(folder), "weather", GENERATION, PARTITIONS)


def check(folder: Path) -> None:
    check_names(LandingFolder.at(folder), "weather", "weather", GENERATION, ledger_of(folder))


def test_batches_that_follow_each_other_are_one_jobs(sent: City, tmp_path: Path) -> None:
    for number in range(4):
        land(tmp_path, sent, number, number + 1, AT + timedelta(minutes=10 * number))
    check(tmp_path)


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(hours=3)])
def test_ranges_that_overlap_are_refused_at_a_start(sent: City, tmp_path: Path, later: timedelta) -> None:
    land(tmp_path, sent, 0, 2, AT)
    first = set(tmp_path.glob("raw/*/*/*/*.parquet"))
    land(tmp_path, sent, 1, 3, AT + later)  # the other job had read the ledger before
    with pytest.raises(LandingError, match="hold the same offsets, because two jobs landed at once: stop one of them"):
        check(tmp_path)
    # The way out that the runbook names: the later batch's files go, with its line of the ledger and the note of ends.
    for file in set(tmp_path.glob("raw/*/*/*/*.parquet")) - first:
        shutil.move(file, tmp_path / f"{file.parts[-4]}-{file.name}")
    shutil.rmtree(tmp_path / "_ends")
    check(tmp_path)
    assert ledger_of(tmp_path).newest == AT


def test_dead_letters_that_the_ledger_lacks_are_refused(tmp_path: Path) -> None:
    """A job dies when only they are published, somebody removes its staging folder: they would land once more."""
    rows = [
        {"partition": 0, "offset": offset, "timestamp": 0, "key": b"", "value": b"{"} for offset in range(3)
    ]  # fmt: skip
    land_batch(CONTRACT, TOPIC, tmp_path, rows, 0, AT)
    for table in ("weather", "landed_batches"):
        shutil.rmtree(tmp_path / "raw" / table)
    with pytest.raises(LandingError, match=r"raw/dead_letters/.* is not in the ledger, because a manifest"):
        check(tmp_path)


def test_an_hour_that_a_wrong_clock_has_compacted_takes_no_batch(sent: City, tmp_path: Path) -> None:
    """The clock of compaction is more than a day ahead: it takes the hour for one that was over long ago."""
    folder, hour = LandingFolder.at(tmp_path), "landed_date=2026-01-01/landed_hour=09"
    moves = [("handle", f"raw/{table}/{hour}/a.parquet") for table in ("weather", "landed_batches")]
    land(tmp_path, sent, 0, 1, AT)
    check_not_compacted(folder, moves)
    compact(folder, CONTRACT, AT + timedelta(hours=24))  # the hour is over at 10:00
    check_not_compacted(folder, moves)
    compact(folder, CONTRACT, AT + timedelta(hours=24, minutes=30))
    with pytest.raises(LandingError, match=f"raw/landed_batches/{hour} is compacted already, by a clock that was ahea"):
        check_not_compacted(folder, moves)
    check_not_compacted(folder, [("handle", key.replace("hour=09", "hour=10")) for _, key in moves])


def test_an_hour_that_is_about_to_get_its_copy_takes_no_batch(tmp_path: Path) -> None:
    folder, hour = LandingFolder.at(tmp_path), "landed_date=2026-01-01/landed_hour=09"
    copy = folder.begin_copy("weather", hour, 0)
    move = (copy.store.stage("a.parquet", copy.place).seal(), f"compacted/weather/{hour}/weather-0.parquet")
    check_not_compacted(folder, [("handle", f"raw/weather/{hour}/a.parquet")])
    copy.mark_complete([move])
    with pytest.raises(LandingError, match="is compacted already"):
        check_not_compacted(folder, [("handle", f"raw/weather/{hour}/a.parquet")])
