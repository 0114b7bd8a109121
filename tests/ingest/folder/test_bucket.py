"""A landing folder in a bucket holds what one on a disk holds: landed, recovered, compacted, expired, replayed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from contract.options import Bucket
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import read_ledger
from ingest.folder.local_store import LocalStore
from ingest.folder.s3_client import client
from ingest.folder.s3_store import S3Store
from ingest.replay.letters import Choice, letters
from ingest.retention.compact import compact
from ingest.retention.expire import MANIFESTS_KEPT, expire
from testbed.bucket.server import new_bucket
from testbed.city.pieces import GENERATION, PARTITIONS, City, city

CONTRACT = load_contract()
AT = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)
TABLES = [*(topic.table for topic in CONTRACT.topics), "dead_letters", "landed_batches"]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    faults = ("--malformed", "0.02", "--missing-field", "0.02")
    return city(tmp_path_factory.mktemp("city"), "--seed", "3", "--hours", "0.5", "--vehicles", "2", *faults)


@pytest.fixture
def place(s3_server: None) -> Bucket:
    return new_bucket()


def downloaded(place: Bucket, folder: Path) -> Path:
    """The objects of a bucket as files."""
    store = S3Store(place.name, f"{place.prefix}/")
    pages = client().get_paginator("list_objects_v2").paginate(Bucket=place.name, Prefix=store.prefix)
    for key in (found["Key"].removeprefix(store.prefix) for page in pages for found in page.get("Contents", [])):
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(store.read(key) or b"")
    return folder


def uploaded(folder: Path, place: Bucket) -> None:
    """A landing folder's files as objects, without staged work and locks, as docs/outgrowing.md copies them."""
    for path in (path for path in folder.rglob("*") if path.is_file()):
        key = path.relative_to(folder).as_posix()
        if not key.startswith("_staging/") and path.suffix != ".lock":
            client().put_object(Bucket=place.name, Key=f"{place.prefix}/{key}", Body=path.read_bytes())


def rows(landing: Path, root: str = "raw") -> dict[str, list[tuple]]:
    query = "select * from read_parquet(?, hive_partitioning = false, union_by_name = true) order by all"
    patterns = {table: f"{landing}/{root}/{table}/**/*.parquet" for table in TABLES}
    return {table: duckdb.connect().execute(query, [pattern]).fetchall() for table, pattern in patterns.items()}


def names(landing: Path, *roots: str) -> list[str]:
    return sorted(path.relative_to(landing).as_posix() for root in roots for path in (landing / root).rglob("*.*"))


def test_a_folder_that_was_copied_into_a_bucket_goes_on_there(sent: City, place: Bucket, tmp_path: Path) -> None:
    local = tmp_path / "local"
    for piece in range(2):
        sent.land(local, piece, 3, AT + timedelta(hours=piece))
    uploaded(local, place)
    for to in (local, place):
        sent.land(to, 2, 3, AT + timedelta(hours=2))
    there = downloaded(place, tmp_path / "there")
    assert names(there, "raw", "_batches") == names(local, "raw", "_batches")
    assert rows(there) == rows(local)
    for topic in CONTRACT.topics:
        ledgers = [read_ledger(LandingFolder.at(at), topic.topic, GENERATION, PARTITIONS) for at in (local, place)]
        assert ledgers[0] == ledgers[1]


def test_a_folder_that_was_copied_with_a_marked_batch_is_named(sent: City, place: Bucket, tmp_path: Path) -> None:
    local = tmp_path / "local"
    sent.land(local, 0, 2, AT)
    for line in (local / "raw" / "landed_batches").rglob("weather-*"):  # as if the job had been killed before it
        line.unlink()
    uploaded(local, place)
    with pytest.raises(LandingError, match=r"was removed before it was published .*put it back"):
        LandingFolder.at(place).recover("weather")


def test_a_bucket_holds_what_a_disk_holds(sent: City, place: Bucket, tmp_path: Path) -> None:
    local = tmp_path / "local"
    for piece in range(3):
        for to in (local, place):
            sent.land(to, piece, 3, AT + timedelta(hours=piece))
    there = downloaded(place, tmp_path / "landed")
    assert names(there, "raw", "_batches") == names(local, "raw", "_batches")
    landed = rows(there)
    assert landed == rows(local)
    assert all(landed.values())
    for topic in CONTRACT.topics:
        ledgers = [read_ledger(LandingFolder.at(at), topic.topic, GENERATION, PARTITIONS) for at in (local, place)]
        assert ledgers[0] == ledgers[1]

    now = AT + timedelta(hours=2, minutes=5)
    copied = [compact(LandingFolder.existing(at), CONTRACT, now) for at in (local, place)]
    assert copied[0] == copied[1] != []
    there = downloaded(place, tmp_path / "compacted")
    assert names(there, "compacted", "_batches", "raw") == names(local, "compacted", "_batches", "raw")
    assert rows(there, "compacted") == rows(local, "compacted")

    late = now + MANIFESTS_KEPT
    removed = [expire(LandingFolder.at(at), CONTRACT, timedelta(days=1), late) for at in (local, place)]
    assert removed[0] == removed[1] > 0
    there = downloaded(place, tmp_path / "expired")
    assert names(there, "raw", "compacted", "_batches") == names(local, "raw", "compacted", "_batches")
    left = [name for name in names(there, "_batches") if "landed_hour=08" in name or "@compact" in name]
    assert left == [], "of batches that were followed 30 days ago, and of copies that were recorded a day ago"
    found = [list(letters(LandingFolder.at(at), Choice((), (), None, None))) for at in (local, place)]
    assert found[0] == found[1] != []


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_a_batch_that_was_marked_is_finished_by_the_next_start(
    sent: City, place: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at: int
) -> None:
    real, calls = S3Store.publish, []

    def crash(store: S3Store, handle: str, key: str) -> None:
        calls.append(key)
        if len(calls) == at:
            raise KeyboardInterrupt
        real(store, handle, key)

    folder, topic = LandingFolder.at(place), "traffic-sensors"
    with monkeypatch.context() as patch:
        patch.setattr(S3Store, "publish", crash)
        with pytest.raises(KeyboardInterrupt):
            City({topic: sent.records[topic]}).land(place, 0, 1, AT)
    assert len(folder.awaited(topic)) == 5, "dead letters and rows of two partitions, and the ledger"
    assert folder.recover(topic) == 1
    assert folder.recover(topic) == 0
    City({topic: sent.records[topic]}).land(tmp_path, 0, 1, AT)
    there = downloaded(place, tmp_path / "there")
    assert names(there, "raw") == names(tmp_path, "raw")


def test_an_unmarked_batch_is_never_seen_and_lands_again(sent: City, place: Bucket, tmp_path: Path) -> None:
    folder, topic = LandingFolder.at(place), "sensors-sample"
    staging = folder.begin(topic, 0)
    sink = staging.store.stage("raw/x/a.parquet", staging.place)
    sink.write(b"half")
    sink.seal()
    assert folder.recover(topic) == 0
    assert downloaded(place, tmp_path / "there").exists() is False
    City({topic: sent.records[topic]}).land(place, 0, 1, AT)
    assert folder.newest_batch(topic) is not None


def test_the_second_of_two_jobs_publishes_nothing(place: Bucket) -> None:
    folder = LandingFolder.at(place)
    batches = [folder.begin("t", 0, AT) for _ in range(2)]
    for number, batch in enumerate(batches):
        sink = batch.store.stage(key := f"raw/landed_batches/h/{number}.parquet", batch.place)
        sink.write(b"%d" % number)
        moves = [(sink.seal(), key)]
        if number:
            with pytest.raises(LandingError, match=r"Another job was first with .*s3://.*/_batches/t/.*: stop one of"):
                batch.mark_complete(moves)
        else:
            batch.mark_complete(moves)
            batch.publish()
    assert folder.store.list("raw/landed_batches/h") == ["0.parquet"]


def test_a_mistyped_place_is_no_landing_folder(place: Bucket, tmp_path: Path) -> None:
    for at in (place, tmp_path):
        with pytest.raises(LandingError, match="There is no landing folder"):
            LandingFolder.existing(at)
    (tmp_path / "raw").mkdir()
    assert LandingFolder.existing(tmp_path).store == LocalStore(tmp_path)
