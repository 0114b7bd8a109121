"""Two jobs on one landing folder, where no lock holds them apart: neither leaves a batch that stops each start."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.local_store import LocalStore
from ingest.folder.manifest import Manifest
from tests.ingest.folder.test_publish import MOVES, moves, published, staged

AT = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)


def test_of_two_batches_that_follow_the_same_one_is_marked(tmp_path: Path) -> None:
    """Two jobs have staged the same offsets, in whatever hour: the second to mark them publishes nothing."""
    first, second = staged(tmp_path), staged(tmp_path)
    first.mark_complete(moves(first))
    with pytest.raises(LandingError, match=r"Another job was first with .*_batches/t/first\.json\): stop one"):
        second.mark_complete(moves(second))
    folder = LandingFolder.at(tmp_path)
    assert folder.newest_batch("t") == first.manifest
    first.publish()
    assert folder.recover("t") == 0, "the second's staged work is thrown away"
    assert [(tmp_path / target).read_text() for _, target in MOVES] == [name for name, _ in MOVES]


def test_a_job_that_was_paused_cannot_mark_a_batch_after_others_have_landed(tmp_path: Path) -> None:
    folder = LandingFolder.at(tmp_path)
    paused = folder.begin("t", 1, AT)
    sink = folder.store.stage("z.parquet", paused.place)
    late = [(sink.seal(), "raw/landed_batches/h/late.parquet")]
    shutil.copytree(tmp_path / paused.place, tmp_path / "kept")
    for number in range(3):
        staging = folder.begin("t", number, AT + timedelta(hours=number))
        sink = folder.store.stage("a.parquet", staging.place)
        staging.mark_complete([(sink.seal(), f"raw/landed_batches/h/{number}.parquet")])
        staging.publish()
    with pytest.raises(LandingError, match="Another job was first"):
        paused.mark_complete(late)
    assert sorted(path.name for path in (tmp_path / "raw/landed_batches/h").iterdir()) == [
        f"{number}.parquet" for number in range(3)
    ]


def test_two_jobs_that_finish_one_batch_at_once_publish_it_once(tmp_path: Path) -> None:
    """Also if the other one removes what was staged, and if the hour is compacted and expired by then."""
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    LandingFolder.at(tmp_path).recover("t")
    (tmp_path / MOVES[1][1]).unlink()  # expired
    staging.manifest.publish()
    assert published(tmp_path) == [MOVES[0][1], MOVES[2][1]]


def test_a_job_that_is_overtaken_while_it_publishes_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    real, folder = LocalStore.publish, LandingFolder.at(tmp_path)

    def overtaken(store: LocalStore, handle: str, key: str) -> None:
        monkeypatch.undo()
        folder.recover("t")
        (tmp_path / MOVES[0][1]).unlink()  # expired
        real(store, handle, key)

    monkeypatch.setattr(LocalStore, "publish", overtaken)
    assert staging.manifest.publish()
    assert published(tmp_path) == [target for _, target in MOVES[1:]]


def test_the_way_out_that_is_named_lets_the_next_start_begin(tmp_path: Path) -> None:
    """Of a file that is there already, and of none of landing's."""
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    (tmp_path / MOVES[0][1]).parent.mkdir(parents=True)
    (tmp_path / MOVES[0][1]).write_text("another")
    named = tmp_path / staging.manifest.key
    with pytest.raises(LandingError, match=f"move {named} out of the landing folder, then start"):
        staging.publish()
    shutil.move(named, tmp_path / "moved")
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert published(tmp_path) == [MOVES[0][1]]


def test_a_batch_that_is_marked_while_a_second_job_starts_keeps_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has looked for a marked batch before, and sees the staged one after: it must not throw it away."""
    staging, real = staged(tmp_path), LandingFolder.staged

    def marked_meanwhile(folder: LandingFolder, work: str) -> list[str]:
        found = real(folder, work)
        staging.mark_complete(moves(staging))
        return found

    monkeypatch.setattr(LandingFolder, "staged", marked_meanwhile)
    assert LandingFolder.at(tmp_path).recover("t") == 1
    assert [(tmp_path / target).read_text() for _, target in MOVES] == [name for name, _ in MOVES]


def test_a_batch_cannot_be_marked_once_a_second_job_has_set_it_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging, real, refused = staged(tmp_path), LandingFolder.newest_batch, []

    def marked_late(folder: LandingFolder, topic: str) -> Manifest | None:
        if not (tmp_path / staging.place).exists():
            with pytest.raises(LandingError, match="were removed before they were published"):
                staging.mark_complete(moves(staging))
            refused.append(True)
        return real(folder, topic)

    monkeypatch.setattr(LandingFolder, "newest_batch", marked_late)
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert refused
    assert published(tmp_path) == []


def test_what_a_start_that_died_had_set_aside_is_put_back_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    (tmp_path / staging.place).rename(tmp_path / f"{staging.place}.aside")
    assert LandingFolder.at(tmp_path).recover("t") == 1
    assert published(tmp_path) == [target for _, target in MOVES]


@pytest.mark.parametrize("missing", ["d", "l", None])
def test_a_batch_that_another_job_threw_away_is_not_marked(tmp_path: Path, missing: str | None) -> None:
    staging = staged(tmp_path)
    if missing:
        (tmp_path / staging.place / missing).unlink()
    else:
        assert LandingFolder.at(tmp_path).recover("t") == 0
    with pytest.raises(LandingError, match="were removed before they were published, as by another job: stop one of"):
        staging.mark_complete(moves(staging))
    assert staging.manifest.moves() is None
    assert (tmp_path / staging.place).exists() == bool(missing), "the folder was made again"
    assert LandingFolder.at(tmp_path).recover("t") == 0
    assert published(tmp_path) == []


def test_it_is_not_marked_either_if_its_folder_goes_in_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = staged(tmp_path)
    real = LocalStore.are_staged

    def look_then_lose(store: LocalStore, handles: Iterable[str]) -> bool:
        found = real(store, handles)
        shutil.rmtree(tmp_path / staging.place)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "are_staged", look_then_lose)
        with pytest.raises(LandingError, match="were removed before they were published"):
            staging.mark_complete(moves(staging))
    assert not (tmp_path / staging.place).exists()
    assert staging.manifest.moves() is None


def test_a_marked_batch_that_lacks_a_file_names_its_manifest(tmp_path: Path) -> None:
    staging = staged(tmp_path)
    staging.mark_complete(moves(staging))
    (tmp_path / staging.place / "l").unlink()
    manifest = tmp_path / staging.manifest.key
    said = f"was removed before it was published as .*: put it back, or move {manifest} out of the landing folder"
    with pytest.raises(LandingError, match=said):
        LandingFolder.at(tmp_path).recover("t")
    assert published(tmp_path) == []
    shutil.move(manifest, tmp_path / "moved")
    assert LandingFolder.at(tmp_path).recover("t") == 0
