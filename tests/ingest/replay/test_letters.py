"""Which dead letters replay reads: those of small files and of compacted copies, each once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.local_store import LocalStore
from ingest.replay.letters import Choice, coordinates, letters
from ingest.replay.replay import find_transform
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.city.pieces import city

CONTRACT = load_contract()
FIRST = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
NOW = FIRST + timedelta(hours=3)
DEAD = Path("raw") / "dead_letters"


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight batches a topic over three landing hours, with dead letters; the last hour is open."""
    folder = tmp_path_factory.mktemp("landed")
    sent = city(folder / "events", "--seed", "3", "--hours", "0.5", "--vehicles", "2", "--malformed", "0.05")
    for piece in range(8):
        sent.land(folder / "landing", piece, 8, FIRST + timedelta(minutes=20 * piece))
    return folder / "landing"


@pytest.fixture
def folder(landed: Path, tmp_path: Path) -> LandingFolder:
    return LandingFolder.at(shutil.copytree(landed, tmp_path / "landing"))


def found(folder: LandingFolder, choice: Choice = Choice()) -> list[tuple]:  # noqa: B008  # it is frozen
    """Where each letter is, what it holds and when it landed, in the order in which they are read."""
    return [(letter.landed_at, coordinates(letter), letter.value) for letter in letters(folder, choice)]


def expired(folder: LandingFolder) -> None:
    compact(folder, CONTRACT, NOW)
    assert expire(folder, CONTRACT, timedelta(days=1), NOW + timedelta(days=2)) > 0


def compacted(folder: LandingFolder) -> None:
    compact(folder, CONTRACT, NOW)


def half_expired(folder: LandingFolder) -> None:
    compact(folder, CONTRACT, NOW)
    files = sorted((Path(folder.name) / DEAD).glob("*/*/*.parquet"))
    for path in files[: len(files) // 2 : 2]:
        path.unlink()


def half_copied(folder: LandingFolder) -> None:
    """The compaction died between the copy and its record."""
    compact(folder, CONTRACT, NOW)
    shutil.rmtree(Path(folder.name) / "raw" / "compacted_hours")


@pytest.mark.parametrize("what", [expired, compacted, half_expired, half_copied])
def test_each_letter_is_read_once_wherever_it_is(folder: LandingFolder, what: Callable[[LandingFolder], None]) -> None:
    before = found(folder)
    assert len(before) > 20
    assert len({place for _, place, _ in before}) == len(before)
    small = len(list((Path(folder.name) / DEAD).glob("*/*/*.parquet")))
    what(folder)
    assert list((Path(folder.name) / "compacted" / "dead_letters").glob("*/*/*.parquet"))
    if what in (expired, half_expired):
        assert len(list((Path(folder.name) / DEAD).glob("*/*/*.parquet"))) < small
    assert sorted(found(folder)) == sorted(before)


@pytest.mark.parametrize("micros", [1_767_258_000_000_000_000, -(2**62), 2**63 - 1])
def test_a_letter_whose_timestamp_an_older_version_landed_as_it_was_is_read(folder: LandingFolder, micros: int) -> None:
    """A producer that counts nanoseconds: the year 58878 as microseconds, which is no time of Python's."""
    before = found(folder)
    file = sorted((Path(folder.name) / DEAD).glob("*/*/*.parquet"))[0]
    table = pyarrow.parquet.read_table(file)
    times = pa.array([micros] * len(table), pa.int64()).cast(pa.timestamp("us", "UTC"))
    place = table.schema.get_field_index("_kafka_timestamp")
    pyarrow.parquet.write_table(table.set_column(place, "_kafka_timestamp", times), file)
    assert found(folder) == before
    unknown = [letter for letter in letters(folder, Choice()) if letter.timestamp is None]
    assert len(unknown) == len(table)


def test_a_file_of_somebody_else_is_no_letter_and_is_named_by_compaction(folder: LandingFolder) -> None:
    before = found(folder)
    (first, *_) = sorted((Path(folder.name) / DEAD).glob("*/*"))
    (first / "notes.parquet").write_text("no Parquet")
    assert found(folder) == before
    said = r"holds unreadable rows and the ledger says \d+; notes.parquet is in one of them only: something else has"
    with pytest.raises(LandingError, match=said):
        compact(folder, CONTRACT, NOW)


def test_a_choice_of_time_opens_compacted_hours_too(folder: LandingFolder) -> None:
    since, until = FIRST + timedelta(minutes=40), FIRST + timedelta(minutes=100)
    expected = [row for row in found(folder) if since <= row[0] < until]
    assert 0 < len(expected) < len(found(folder))
    expired(folder)
    assert sorted(found(folder, Choice(landed_from=since, landed_until=until))) == sorted(expected)


def test_what_expires_while_it_is_read_is_read_from_the_copy(
    folder: LandingFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = found(folder)
    compact(folder, CONTRACT, NOW)
    real = LocalStore.open

    def open_late(store: LocalStore, key: str) -> object:
        if DEAD.as_posix() in key and key.endswith(".parquet"):
            monkeypatch.undo()
            expire(folder, CONTRACT, timedelta(days=1), NOW + timedelta(days=2))
        return real(store, key)

    monkeypatch.setattr(LocalStore, "open", open_late)
    assert sorted(found(folder)) == sorted(before)


@pytest.mark.parametrize("module", [".x", "..", "none.such", "broken_fixes", "failing_fixes"])
def test_a_module_that_cannot_be_imported_is_named(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_fixes.py").write_text("def f(:")
    (tmp_path / "failing_fixes.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(LandingError, match=r"cannot be imported \(.+\): name a module of the folder you are in"):
        find_transform(f"{module}:f")
