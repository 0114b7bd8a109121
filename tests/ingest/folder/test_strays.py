"""What lies in the landing folder and is not landing's, and batches that come too late for their hour."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet
import pytest

from contract.arrow import arrow_schema
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.clocks import LONGEST_WAIT, MOST_SKEW, check_still_open
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import file_name, hour_folder
from ingest.landing.landed_columns import check_landed_columns
from ingest.replay.record import Replayed
from ingest.retention.closed_hours import is_closed
from ingest.retention.compact import _newest_record, compact
from ingest.retention.expire import expire
from tests.ingest.folder.test_publish import GENERATION, MOVES, moves, published, staged


@pytest.mark.parametrize("marked", [True, False])
def test_stray_files_in_staging_stop_nothing(tmp_path: Path, marked: bool) -> None:
    """As NFS leaves what is still open, and a file browser its notes."""
    staging = staged(tmp_path)
    strays = [tmp_path / "_staging" / ".nfs0001", tmp_path / "_staging" / "t" / ".nfs0002",
              tmp_path / "_staging" / "t" / ".DS_Store", tmp_path / "_staging" / "t" / "lost+found"]  # fmt: skip
    for stray in strays:
        stray.write_text("")
    if marked:
        staging.mark_complete(moves(staging))
    folder = LandingFolder.at(tmp_path)
    assert folder.awaited("t") == [target for _, target in MOVES if marked]
    assert folder.recover("t") == marked
    assert published(tmp_path) == [target for _, target in MOVES if marked]
    assert not (tmp_path / staging.place).exists()
    assert all(stray.exists() for stray in strays)


@pytest.mark.parametrize("marked", [True, False])
def test_a_file_that_cannot_be_removed_yet_is_left_to_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marked: bool
) -> None:
    """NFS refuses to remove `.nfs…`, and the folder with it, while some process has the file open."""
    staging = staged(tmp_path)
    if marked:
        staging.mark_complete(moves(staging))
    (tmp_path / staging.place / ".nfs0001").write_text("")
    real = os.unlink

    def busy(path: str | Path, **where: int) -> None:
        if Path(path).name.startswith(".nfs"):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
        real(path, **where)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", busy)
        assert LandingFolder.at(tmp_path).recover("t") == marked
    assert published(tmp_path) == [target for _, target in MOVES if marked]
    assert os.listdir(tmp_path / f"{staging.place}.aside") == [".nfs0001"]
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert os.listdir(tmp_path / "_staging" / "t") == []


def test_a_file_of_the_batch_that_cannot_be_removed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged(tmp_path)

    def denied(path: str | Path, **where: int) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "unlink", denied)
    with pytest.raises(PermissionError):
        LandingFolder.at(tmp_path).recover("t")


def test_stray_files_of_an_hour_are_no_files_of_landing(tmp_path: Path) -> None:
    hour = tmp_path / "raw" / "t" / "landed_date=2026-01-01" / "landed_hour=10"
    hour.mkdir(parents=True)
    for name in (".nfs0001", ".x.parquet", "_temporary.parquet", "_SUCCESS", "a.parquet"):
        (hour / name).write_text("")
    folder = LandingFolder.at(tmp_path)
    assert folder.files(hour.relative_to(tmp_path).as_posix()) == [f"{hour.relative_to(tmp_path)}/a.parquet"]


def test_stray_folders_of_a_table_are_no_hours(tmp_path: Path) -> None:
    table = tmp_path / "raw" / "t"
    for name in ("landed_date=2026-01-01/landed_hour=10", "landed_date=2026-01-01 (copy)/landed_hour=10",
                 "landed_date=2026-13-45/landed_hour=10", "landed_date=2026-01-01/landed_hour=10~",
                 "landed_date=2026-01-01/landed_hour=99", "._landed_date=2026-01-01/landed_hour=10"):  # fmt: skip
        (table / name).mkdir(parents=True)
    (table / "landed_date=2026-01-02").write_text("")
    assert list(LandingFolder.at(tmp_path).hours("t")) == ["landed_date=2026-01-01/landed_hour=10"]


@pytest.mark.parametrize("name", ["._{}", "_{}", "notes{}", ".DS_Store", "{}.making"])
@pytest.mark.parametrize("suffix", [".json", ".intent"])
def test_stray_files_beside_what_was_replayed_stop_no_replay(tmp_path: Path, name: str, suffix: str) -> None:
    folder, letter = LandingFolder.at(tmp_path), ("weather", GENERATION, 0, 7)
    Replayed(folder).intend("weather", [letter], {0: 1}).finish()
    (note,) = os.listdir(tmp_path / "replayed")
    own = note.removesuffix(".json") + suffix if name != "notes{}" else suffix
    (tmp_path / "replayed" / name.format(own)).write_bytes(b"\0\0no JSON")
    done = Replayed(folder)
    assert letter in done
    assert done.settle(lambda topic, offsets: set()) == 0


def test_stray_files_beside_the_records_of_compaction_stop_no_expiry(tmp_path: Path) -> None:
    hour = tmp_path / "raw" / "compacted_hours" / "landed_date=2026-01-01" / "landed_hour=10"
    hour.mkdir(parents=True)
    for name in ("._weather-20260101T100000000000Z.parquet", "notes.parquet", "weather-20261301T100000000000Z.parquet"):
        (hour / name).write_text("no Parquet")
    contract = load_contract()
    assert expire(LandingFolder.at(tmp_path), contract, timedelta(days=1)) == 0
    assert compact(LandingFolder.at(tmp_path), contract) == []
    assert _newest_record(LandingFolder.at(tmp_path)) == datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("root", "name"),
    [(root, name) for root in ("raw", "compacted") for name in ("._{}", "_{}", ".nfs0001.parquet")]
    + [("raw", "notes.parquet")],
)
def test_stray_files_of_an_hour_are_not_asked_for_the_landed_columns(tmp_path: Path, root: str, name: str) -> None:
    topic = load_contract().topic("weather")
    hour = tmp_path / root / topic.table / "landed_date=2026-01-01" / "landed_hour=10"
    hour.mkdir(parents=True)
    own = file_name(topic.topic, GENERATION, 0, 0, 5)
    pyarrow.parquet.write_table(arrow_schema(topic.columns).empty_table(), hour / own)
    (hour / name.format(own)).write_bytes(b"no Parquet")
    os.utime(hour / own, (0, 0))
    check_landed_columns(LandingFolder.at(tmp_path), topic.table, topic.columns)
    with pytest.raises(LandingError, match="weather"):
        check_landed_columns(LandingFolder.at(tmp_path), topic.table, topic.columns[1:])


@pytest.mark.parametrize("stray", [".nfs0001", "after-20260101T000000000000Z.json.making", "after-x.json", "notes"])
def test_strange_files_beside_the_manifests_are_none(tmp_path: Path, stray: str) -> None:
    folder, at = LandingFolder.at(tmp_path), datetime(2026, 1, 1, 9, 59, tzinfo=UTC)
    staging = folder.begin("t", 0, at)
    assert folder.newest_batch("t") is None
    hour = (tmp_path / staging.manifest.key).parent
    hour.mkdir(parents=True)
    for place in (hour, hour.parent, hour.parent.parent, tmp_path / "_batches"):
        (place / stray).write_text("left by a network file system")
    assert folder.newest_batch("t") is None
    sink = folder.store.stage("a.parquet", staging.place)
    staging.mark_complete([(sink.seal(), "raw/t/h/a.parquet")])
    assert folder.newest_batch("t") == staging.manifest


@pytest.mark.parametrize("is_link", [True, False])
def test_what_a_link_in_staging_leads_to_is_not_removed(tmp_path: Path, is_link: bool) -> None:
    """Nor is a plain file a batch, whatever its name."""
    victim, staging = tmp_path / "victim", tmp_path / "landing" / "_staging" / "t"
    victim.mkdir()
    (victim / "precious").write_text("precious")
    staging.mkdir(parents=True)
    if is_link:
        (staging / "7.0123abcd").symlink_to(victim, target_is_directory=True)
    else:
        (staging / "7.0123abcd").write_text("precious")
    folder = LandingFolder.at(tmp_path / "landing")
    assert folder.recover("t") == 0
    assert folder.newest_batch("t") is None
    assert [path.name for path in victim.iterdir()] == ["precious"]
    assert (staging / "7.0123abcd").exists()


def test_a_link_inside_a_staged_batch_is_removed_and_not_what_it_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the folder cannot be removed at once."""
    staging = staged(tmp_path)
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_text("precious")
    (tmp_path / staging.place / "link").symlink_to(victim, target_is_directory=True)
    real, calls = shutil.rmtree, []

    def busy_once(path: Path) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
        real(path)

    monkeypatch.setattr(shutil, "rmtree", busy_once)
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert os.listdir(tmp_path / f"{staging.place}.aside") == []
    assert (victim / "precious").exists()


@pytest.mark.parametrize(
    "stray",
    ["landed_date=2026-01-01/landed_hour=10.bak", "landed_date=2026-01-01/landed_hour=24", "landed_date=2026-01-01/x",
     "landed_date=2026-01-01/landed_hour=1", "landed_date=2026-02-30/landed_hour=10", "landed_date=x/landed_hour=10",
     "landed_date=2026-01-01 (copy)/landed_hour=10", "landed_date=2026-01-01/landed_hour=\u0661\u0660"],
)  # fmt: skip
def test_a_folder_that_is_no_hour_is_passed_over(tmp_path: Path, stray: str) -> None:
    for hour in ("landed_date=2026-01-01/landed_hour=10", "landed_date=2026-01-01/landed_hour=09", stray):
        (tmp_path / "raw" / "t" / hour).mkdir(parents=True)
    folder = LandingFolder.at(tmp_path)
    assert list(folder.hours("t")) == [
        "landed_date=2026-01-01/landed_hour=10", "landed_date=2026-01-01/landed_hour=09"
    ]  # fmt: skip


def test_a_batch_that_took_too_long_is_not_marked() -> None:
    """Compaction takes any hour that is over for a day; the batch's hour is over at 11:00."""
    landed_at = datetime(2026, 1, 1, 10, 59, 59, tzinfo=UTC)
    check_still_open(landed_at, landed_at + 2 * LONGEST_WAIT - MOST_SKEW - timedelta(seconds=1))
    with pytest.raises(LandingError, match=r"batch of 2026-01-01 10:59 took until now, .*: start with a lower"):
        check_still_open(landed_at, landed_at + 2 * LONGEST_WAIT - MOST_SKEW)
    closes = landed_at + timedelta(seconds=1) + 2 * LONGEST_WAIT
    unknown = replace(load_contract().topics[0], topic="never-landed")
    assert not is_closed(hour_folder(landed_at), (unknown,), {}, closes - timedelta(seconds=1))
    assert is_closed(hour_folder(landed_at), (unknown,), {}, closes)
