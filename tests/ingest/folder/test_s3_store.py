"""The store in a bucket: what is staged is seen by nobody, and a key is given once, whoever asks and how often."""

from __future__ import annotations

import json
import os
import threading
from contextlib import closing

import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]

from contract.options import Bucket
from ingest.errors import GoneError, LandingError, TakenError
from ingest.folder.parquet import opened
from ingest.folder.s3_client import client
from ingest.folder.s3_store import S3Store
from ingest.folder.store import store_at
from testbed.bucket.server import new_bucket

PART = 8 * 2**20


@pytest.fixture
def place(s3_server: None) -> Bucket:
    return new_bucket()


@pytest.fixture
def store(place: Bucket) -> S3Store:
    found = store_at(place)
    assert isinstance(found, S3Store)
    return found


def staged(store: S3Store, key: str, content: bytes) -> str:
    sink = store.stage(key, "_staging/t/0.ab")
    sink.write(content)
    return sink.seal()


@pytest.mark.parametrize("size", [0, 7, PART, 2 * PART + 9])
def test_what_is_staged_is_seen_when_it_is_published(store: S3Store, size: int) -> None:
    content = os.urandom(size)
    handle = staged(store, "raw/t/a.parquet", content)
    assert store.list("raw/t") == []
    assert store.read("raw/t/a.parquet") is None
    assert not store.is_published("raw/t/a.parquet")
    store.publish(handle, "raw/t/a.parquet")
    store.publish(handle, "raw/t/a.parquet")  # after an answer that was lost
    assert store.read("raw/t/a.parquet") == content
    assert store.is_published("raw/t/a.parquet")
    assert store.sizes("raw/t") == {"a.parquet": size}


def test_an_object_is_never_replaced(store: S3Store) -> None:
    first, second = (staged(store, "raw/t/a.parquet", content) for content in (b"first", b"second"))
    store.publish(first, "raw/t/a.parquet")
    with pytest.raises(TakenError, match=f"s3://{store.bucket}/city/raw/t/a.parquet"):
        store.publish(second, "raw/t/a.parquet")
    assert store.read("raw/t/a.parquet") == b"first"


def test_an_upload_that_was_aborted_is_gone(store: S3Store) -> None:
    """Answers of S3 as documented: moto answers 500."""
    handle, key = staged(store, "raw/t/a.parquet", b"content"), "raw/t/a.parquet"
    with Stubber(client()) as answers:
        answers.add_client_error("complete_multipart_upload", "NoSuchUpload", http_status_code=404)
        answers.add_client_error("head_object", "404", http_status_code=404)
        with pytest.raises(GoneError, match=r"/raw/t/a\.parquet"):
            store.publish(handle, key)
        answers.assert_no_pending_responses()


def test_one_of_many_jobs_puts_a_new_key(store: S3Store) -> None:
    won: list[int] = []
    begin = threading.Barrier(12)

    def put(number: int) -> None:
        begin.wait()
        if store.put_new("_batches/t/first.json", b"%d" % number):
            won.append(number)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store.read("_batches/t/first.json") == b"%d" % won[0]
    assert store.put_new("_batches/t/first.json", b"%d" % won[0]), "its own, after an answer that was lost"


def test_a_folder_is_listed_whole_and_without_what_is_below(store: S3Store) -> None:
    names = [f"{number:04d}.json" for number in range(1010)]  # more than one answer has
    for name in names:
        store.replace(f"raw/t/{name}", b"")
    store.replace("raw/t/hour/below.json", b"")
    store.replace("raw/t/", b"")  # as a browser of buckets makes a folder
    store.replace("raw/tt/other.json", b"")
    assert store.list("raw/t") == [*names, "hour"]
    assert store.list("raw") == ["t", "tt"]
    assert store.list("nothing") == []
    assert store.is_folder("raw/t/hour")
    assert not store.is_folder("raw/t/0000.json")
    assert store.newest(["raw/t/0000.json", "raw/tt/other.json", "raw/t/none.json"]) == "raw/tt/other.json"
    assert store.newest([]) is None
    store.remove("raw/t", names)
    assert store.list("raw/t") == ["hour"]


@pytest.mark.parametrize("size", [100, 17 * 2**20])
def test_an_object_is_read_at_any_place(store: S3Store, size: int) -> None:
    content = os.urandom(size)
    store.replace("raw/t/a", content)
    with closing(store.open("raw/t/a")) as file:
        file.seek(size - 8)
        assert file.read() == content[-8:]
        file.seek(0)
        assert file.read(50) == content[:50]
        assert file.tell() == 50
    with pytest.raises(FileNotFoundError, match="raw/t/b"):
        store.open("raw/t/b")


def test_an_object_without_a_byte_is_no_parquet_file(store: S3Store) -> None:
    store.replace("raw/t/a.parquet", b"")
    with closing(store.open("raw/t/a.parquet")) as file:
        assert file.read() == b""
    with (
        pytest.raises(LandingError, match=r"raw/t/a.parquet is no whole Parquet file"),
        opened(store, "raw/t/a.parquet"),
    ):
        pass


def test_what_is_kept_is_read_before_it_is_published(store: S3Store) -> None:
    sink = store.stage("compacted/t/a.parquet", "", kept=True)
    sink.write(b"content")
    handle = sink.seal()
    with closing(store.open_staged(handle)) as file:
        assert file.read() == b"content"
    assert not os.path.exists(json.loads(handle)["kept"])
    store.publish(handle, "compacted/t/a.parquet")
    assert store.read("compacted/t/a.parquet") == b"content"


def test_a_note_is_copied_once(store: S3Store) -> None:
    store.replace("replayed/a.intent", b"letters")
    store.copy("replayed/a.intent", "replayed/a.json")
    store.replace("replayed/a.intent", b"others")
    store.copy("replayed/a.intent", "replayed/a.json")
    assert store.read("replayed/a.json") == b"letters"
