"""Two jobs on one landing folder, where no lock holds them apart: neither leaves a batch that stops each start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.store import LocalStore
from tests.ingest.folder.test_publish import MOVES, published, staged


def test_the_way_out_that_is_named_lets_the_next_start_begin(tmp_path: Path) -> None:
    """Two jobs have staged the same offsets in the same hour, and one has published them."""
    first, second = staged(tmp_path), staged(tmp_path)
    first.mark_complete(MOVES)
    second.mark_complete(MOVES)
    first.publish()
    with pytest.raises(LandingError, match=f"move {tmp_path / second.place} out of the landing folder, then start"):
        second.publish()
    folder = LandingFolder.at(tmp_path)
    assert folder.staged("t") == [second]
    shutil.move(tmp_path / second.place, tmp_path / "moved")
    assert folder.recover("t") == 0
    assert published(tmp_path) == [target for _, target in MOVES]


@pytest.mark.parametrize("missing", ["d", "l", None])
def test_a_batch_that_another_job_threw_away_is_not_marked(tmp_path: Path, missing: str | None) -> None:
    staging = staged(tmp_path)
    if missing:
        (tmp_path / staging.place / missing).unlink()
    else:
        assert LandingFolder.at(tmp_path).recover("t") == 0
    with pytest.raises(LandingError, match="were removed before they were published, as by another job: stop one of"):
        staging.mark_complete(MOVES)
    assert staging.moves() is None
    assert (tmp_path / staging.place).exists() == bool(missing), "the folder was made again"
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert published(tmp_path) == []


def test_it_is_not_marked_either_if_its_folder_goes_in_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = staged(tmp_path)
    real = LocalStore.list

    def list_then_lose(store: LocalStore, folder: str) -> list[str]:
        found = real(store, folder)
        shutil.rmtree(tmp_path / staging.place)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "list", list_then_lose)
        with pytest.raises(LandingError, match="were removed before they were published"):
            staging.mark_complete(MOVES)
    assert not (tmp_path / staging.place).exists()


def test_a_marked_batch_of_an_older_version_that_lacks_a_file_names_its_folder(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    staging.mark_complete(MOVES)
    (tmp_path / staging.place / "l").unlink()
    said = f"was removed before it was published as .*: put it back, or move {tmp_path / staging.place} out of the "
    with pytest.raises(LandingError, match=said):
        LandingFolder.at(tmp_path).recover("t")
    assert published(tmp_path) == []
    shutil.move(tmp_path / staging.place, tmp_path / "moved")
    assert LandingFolder.at(tmp_path).recover("t") == 0
