"""Files of the landing folder that a disk or somebody has damaged: each is named, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import read_ledger
from ingest.landing.landed_columns import check_landed_columns
from ingest.replay.letters import Choice, letters
from ingest.retention.closed_hours import awaited_folders
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.city.pieces import GENERATION, land_batch
from tests.ingest.folder.test_publish import moves, staged

CONTRACT = load_contract()
TOPIC = CONTRACT.topic("weather")
AT = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
LATER = AT + timedelta(days=3)
COLUMNS = (*TOPIC.columns, *CONTRACT.landing_columns)
WORKS: dict[str, Callable[[LandingFolder], Any]] = {
    "weather": lambda folder: check_landed_columns(folder, "weather", COLUMNS),
    "landed_batches": lambda folder: read_ledger(folder, "weather", GENERATION, 2),
    "dead_letters": lambda folder: list(letters(folder, Choice())),
    "compacted_hours": lambda folder: expire(folder, CONTRACT, timedelta(days=1), LATER),
}


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    """One batch of a dead letter and no row, compacted."""
    row = {"partition": 0, "offset": 0, "timestamp": 0, "key": b"", "value": b"{"}
    land_batch(CONTRACT, TOPIC, tmp_path, [row], 0, AT)
    compact(LandingFolder.at(tmp_path), CONTRACT, AT + timedelta(days=2))
    return tmp_path


@pytest.mark.parametrize("table", WORKS)
def test_a_file_that_is_no_parquet_any_more_is_named(landing: Path, table: str) -> None:
    folder = LandingFolder.at(landing)
    path = next((landing / "raw" / table).rglob("*.parquet"))
    whole = path.read_bytes()
    for content in (b"", b"PAR1", whole[:-1], whole[: len(whole) // 2], bytes(len(whole))):
        path.write_bytes(content)
        with pytest.raises(
            LandingError, match=rf"{path.name} is no whole Parquet file \(.*\): put it back from a backup"
        ):
            WORKS[table](folder)
    path.write_bytes(whole)
    WORKS[table](folder)


@pytest.mark.parametrize("table", ["weather", "dead_letters", "landed_batches"])
def test_an_hour_with_such_a_file_is_not_compacted(tmp_path: Path, table: str) -> None:
    row = {"partition": 0, "offset": 0, "timestamp": 0, "key": b"", "value": b"{"}
    land_batch(CONTRACT, TOPIC, tmp_path, [row], 0, AT)
    path = next((tmp_path / "raw" / table).rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(LandingError, match=f"{path.name} is no whole Parquet file"):
        compact(LandingFolder.at(tmp_path), CONTRACT, LATER)
    assert not (tmp_path / "compacted" / table).exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\0\0", b"\xff", b"null", b"[]", b"{}", b'{"hour": 5}', b'{"hour": "x"}']
)
def test_a_note_that_cannot_be_read_is_named(landing: Path, content: bytes) -> None:
    folder = LandingFolder.at(landing)
    read_ledger(folder, "weather", GENERATION, 2)
    (note,) = (landing / "_ends").iterdir()
    note.write_bytes(content)
    with pytest.raises(LandingError, match=rf"{note.name} cannot be read: remove it, and the start reads the ledger"):
        read_ledger(folder, "weather", GENERATION, 2)
    note.unlink()
    assert read_ledger(folder, "weather", GENERATION, 2).ends == {0: 1}


@pytest.mark.parametrize("content", ["", "[", "{}", "[]", "null", '"x"', "[[1]]", '[["a", 1]]', '["ab", 5]'])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    manifest = tmp_path / staging.manifest.key
    manifest.write_text(content)
    for work in (lambda folder: folder.recover("t"), awaited_folders):
        with pytest.raises(LandingError, match=r"/first\.json cannot be read: put it back, or move it out of the"):
            work(LandingFolder.at(tmp_path))
    assert (tmp_path / staging.place / "d").exists()


def test_a_staged_file_that_is_gone_is_named(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    (tmp_path / staging.place / "r").unlink()
    with pytest.raises(LandingError, match=r"/r was removed before it was published as .*: put it back, or move"):
        LandingFolder.at(tmp_path).recover("t")
    (tmp_path / staging.place / "r").write_text("r")
    assert LandingFolder.at(tmp_path).recover("t") == 1
