"""The landing protocol on a file system: a crash between any two steps, and what start-up makes of it."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from contract.arrow import arrow_schema
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, read_ledger
from ingest.folder.names import file_name, hour_folder, ledger_name, parse_ledger_name
from ingest.folder.overlap import check_names
from ingest.folder.staging import Staging

GENERATION = "I0XT4mvy-AmPim0q8gX3iA"
MOVES = [
    ("d", "raw/dead_letters/h/one.parquet"),
    ("r", "raw/t/h/one.parquet"),
    ("l", "raw/landed_batches/h/one.parquet"),
]


class Crash(Exception):
    pass


def staged(landing: Path) -> Staging:
    staging = LandingFolder.at(landing).begin("t", 0)
    for name, _ in MOVES:
        (landing / staging.place / name).write_text(name)
    return staging


def moves(staging: Staging) -> list[tuple[str, str]]:
    return [(f"{staging.place}/{name}", target) for name, target in MOVES]


def published(landing: Path) -> list[str]:
    return [target for _, target in MOVES if (landing / target).exists()]


def test_an_unmarked_batch_is_thrown_away(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    (tmp_path / staging.place / "first.json.making").write_text("[")
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert not (tmp_path / staging.place).exists()
    assert published(tmp_path) == []


@pytest.mark.parametrize("call", ["link", "unlink", "fsync"])
@pytest.mark.parametrize("at", range(1, 7))
def test_a_marked_batch_is_finished_wherever_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    """The at-th `call` of the publishing is the last thing that happens before the crash."""
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    real, calls = getattr(os, call), []

    def crash(*arguments: object) -> None:
        real(*arguments)
        calls.append(arguments)
        if len(calls) == at:
            raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(os, call, crash)
        try:
            staging.publish()
        except Crash:
            seen = published(tmp_path)
            assert seen == [target for _, target in MOVES][: len(seen)], "not in the manifest's order"
    before = {target: (tmp_path / target).stat().st_ino for target in published(tmp_path)}
    LandingFolder.at(tmp_path).recover("t")
    assert published(tmp_path) == [target for _, target in MOVES]
    assert [(tmp_path / target).read_text() for _, target in MOVES] == [name for name, _ in MOVES]
    assert {target: (tmp_path / target).stat().st_ino for target in before} == before
    assert list((tmp_path / "_staging" / "t").iterdir()) == []
    assert LandingFolder.at(tmp_path).recover("t") == 0


def test_a_published_file_is_never_replaced(tmp_path: Path) -> None:
    there = tmp_path / MOVES[1][1]
    there.parent.mkdir(parents=True)
    there.write_text("older")
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    for _ in range(2):
        with pytest.raises(LandingError, match=r"is published already and differs from .*, because two jobs"):
            LandingFolder.at(tmp_path).recover("t")
    assert there.read_text() == "older"
    assert published(tmp_path) == [MOVES[1][1]], "nothing is published of a batch that cannot be published whole"


def test_one_writer_for_a_folder(tmp_path: Path) -> None:
    folder = LandingFolder.at(tmp_path)
    with (
        folder.sole_writer(),
        pytest.raises(LandingError, match="stop it, or land in another folder"),
        folder.sole_writer(),
    ):
        pass
    with folder.sole_writer():
        pass


def test_a_batch_that_an_older_version_marked_is_finished(tmp_path: Path) -> None:
    """Until 0031 the manifest lay in the staging folder, and its handles were names in it."""
    staging = staged(tmp_path)
    (tmp_path / staging.place / "manifest.json").write_text(json.dumps(MOVES))
    assert LandingFolder.at(tmp_path).recover("t") == 1
    assert [(tmp_path / target).read_text() for _, target in MOVES] == [name for name, _ in MOVES]
    assert LandingFolder.at(tmp_path).recover("t") == 0


def test_a_name_that_is_none_of_the_ledgers_is_none() -> None:
    for name in ("x.parquet", f"t-{'g' * 22}-20261301T000000000000Z.parquet", f"t-{'g' * 22}-2026.parquet"):
        assert parse_ledger_name(name) is None


def test_names_sort_by_offset_and_hold_no_doubt() -> None:
    names = [file_name("a-b", GENERATION, 3, first, first + 5) for first in (0, 9, 10, 100, 10**18)]
    assert names == sorted(names)
    assert names[1] == "a-b-I0XT4mvy.AmPim0q8gX3iA-00003-0000000000000000009-0000000000000000014.parquet"
    east = datetime(2026, 1, 1, 1, 30, 0, 123_000, UTC).astimezone()
    assert hour_folder(east) == "landed_date=2026-01-01/landed_hour=01"
    assert ledger_name("a", GENERATION, east) == "a-I0XT4mvy.AmPim0q8gX3iA-20260101T013000123000Z.parquet"


def note(landing: Path, topic: str, generation: str, at: datetime, ends: dict[int, tuple[int, int]]) -> None:
    """Publish a batch's ledger file."""
    schema = arrow_schema(load_contract().landed_batches.columns)
    rows = [
        {"_kafka_topic": topic, "_kafka_generation": generation, "_kafka_partition": partition, "first_offset": first,
         "end_offset": end, "row_count": 0, "dead_letter_count": 0, "_landed_at": at}
        for partition, (first, end) in ends.items()
    ]  # fmt: skip
    folder = landing / "raw" / "landed_batches" / hour_folder(at)
    folder.mkdir(parents=True, exist_ok=True)
    pa.parquet.write_table(pa.Table.from_pylist(rows, schema), folder / ledger_name(topic, generation, at))


def test_the_ledger_knows_each_partitions_end(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)
    other = GENERATION[::-1]
    note(tmp_path, "t", GENERATION, start, {0: (0, 10), 1: (0, 7)})
    note(tmp_path, "t", GENERATION, start + timedelta(minutes=2), {0: (10, 30)})
    note(tmp_path, "t", other, start + timedelta(hours=5), {0: (0, 99)})
    note(tmp_path, "t-t", GENERATION, start + timedelta(hours=6), {0: (0, 1000)})
    ledger = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2)
    assert ledger.ends == {0: 30, 1: 7}
    assert ledger.newest == start + timedelta(hours=5)
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 3).ends == {0: 30, 1: 7}
    assert read_ledger(LandingFolder.at(tmp_path), "nothing", GENERATION, 1) == Ledger()


def test_a_start_reads_the_ledger_from_the_noted_hour_on(tmp_path: Path) -> None:
    """A partition that never had a record is not looked for in all of history again."""
    start = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)
    for hour in range(30):
        note(tmp_path, "t", GENERATION, start + timedelta(hours=hour), {hour % 2: (10 * hour, 10 * hour + 10)})
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 3).ends == {0: 290, 1: 300}
    oldest = tmp_path / "raw" / "landed_batches" / hour_folder(start)
    (next(oldest.iterdir())).write_bytes(b"reading this fails")
    ledger = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 3)
    assert ledger.ends == {0: 290, 1: 300}

    later = start + timedelta(hours=40)
    note(tmp_path, "t", GENERATION, later, {0: (290, 500)})  # published, then a crash before it was recorded
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 3).ends == {0: 500, 1: 300}
    note(tmp_path, "t", GENERATION, later + timedelta(hours=1), {2: (0, 7)})
    ledger.record({0: (290, 500)}, later)
    ledger.record({2: (0, 7)}, later + timedelta(hours=1))
    shutil.rmtree(tmp_path / "raw" / "landed_batches" / hour_folder(later))  # nor is this hour read again
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 4).ends == {0: 500, 1: 300, 2: 7}


def test_a_note_of_another_raw_folder_is_not_believed(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)
    note(tmp_path, "t", GENERATION, start + timedelta(hours=2), {0: (0, 90)})
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2).ends == {0: 90}
    shutil.rmtree(tmp_path / "raw")
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2) == Ledger()
    note(tmp_path, "t", GENERATION, start, {1: (0, 5)})
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2) == Ledger({1: 5}, start)


def test_a_published_file_that_the_ledger_lacks_is_found(tmp_path: Path) -> None:
    at = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)
    note(tmp_path, "t", GENERATION, at, {0: (0, 10), 1: (0, 7)})
    folder = tmp_path / "raw" / "t" / hour_folder(at)
    folder.mkdir(parents=True)
    for generation, partition, first, end in [
        (GENERATION, 0, 0, 10),
        (GENERATION, 1, 0, 7),
        (GENERATION[::-1], 0, 0, 99),
    ]:
        (folder / file_name("t", generation, partition, first, end)).touch()
    ledger = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2)
    check_names(LandingFolder.at(tmp_path), "t", "t", GENERATION, ledger)
    (folder / file_name("t", GENERATION, 1, 7, 9)).touch()
    with pytest.raises(LandingError, match="not in the ledger, because a manifest or a file of the ledger was removed"):
        check_names(LandingFolder.at(tmp_path), "t", "t", GENERATION, ledger)


def test_what_is_landed_is_cut_off() -> None:
    ledger = Ledger({0: 10, 1: 20})
    assert ledger.still_to_land({0: (10, 15), 1: (15, 25), 2: (0, 3)}) == {0: (10, 15), 1: (20, 25), 2: (0, 3)}
    assert ledger.still_to_land({0: (0, 10), 1: (5, 12)}) == {}
    assert Ledger(starts={2: 7}).still_to_land({2: (7, 9)}) == {2: (7, 9)}
    with pytest.raises(LandingError, match="Offsets 10 to 10 of partition 0 are not in the landing folder"):
        ledger.still_to_land({0: (11, 15)})
    with pytest.raises(LandingError, match="Offsets 0 to 6 of partition 2"):
        ledger.still_to_land({2: (7, 9)})


def test_the_manifest_is_the_last_thing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staging = staged(tmp_path)

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", crash)  # the manifest is written, and not in place
        with pytest.raises(Crash):
            staging.mark_complete(moves(staging))
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert published(tmp_path) == []
