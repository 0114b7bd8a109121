"""A landing folder in an S3 bucket, with the verbs of the local store. Decision record 0032.

Staged work is an uncompleted multipart upload on the final key, which nobody sees. It is published by its completion,
put if absent: `CompleteMultipartUpload` with `If-None-Match: *`. Credentials, region and endpoint are those of AWS's
own environment variables and files.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from ingest.errors import GoneError, LandingError, TakenError
from ingest.folder.s3_client import client, status
from ingest.folder.s3_files import RangedReader, Upload, beginning, whole

_IN_MEMORY = 16 * 2**20  # bytes of a file that is read at once
_AT_ONCE = 1000  # keys that one request removes
_CONFLICTS = 8  # attempts while another job writes the same key


@dataclass(frozen=True)
class S3Store:
    """A bucket, and the prefix of all keys in it: empty, or with a `/` at its end."""

    bucket: str
    prefix: str = ""

    def named(self, key: str) -> str:
        """A key as a message names it."""
        return f"s3://{self.bucket}/{self.prefix}{key}"

    def identity(self) -> str:
        """Its URL."""
        return self.named("")

    def answer(self) -> None:
        """List once, with seconds for an answer: HeadBucket needs more rights. Raises what boto3 raises."""
        client(patient=False).list_objects_v2(Bucket=self.bucket, Prefix=f"{self.prefix}raw/", MaxKeys=1)

    @contextmanager
    def alone(self, work: str) -> Iterator[bool]:
        """Always True: a bucket has no locks, and no job needs one (decision 31)."""
        yield True

    def begin(self, staging: str) -> None:
        """Nothing: a bucket has no folders."""

    def stage(self, key: str, staging: str, *, kept: bool = False) -> Upload:
        """A sink for the content of `key`. A task that is repeated gets another."""
        return Upload(self._at(key), kept=kept)

    def open_staged(self, handle: str) -> pa.NativeFile:
        """The kept file of an upload, once: a bucket returns nothing of an upload that is not complete."""
        kept = json.loads(handle)["kept"]
        opened = pa.OSFile(kept)
        os.unlink(kept)
        return opened

    def are_staged(self, handles: Iterable[str]) -> bool:
        """True: only the bucket's own rule, after days, aborts an upload."""
        return True

    def publish(self, handle: str, key: str) -> None:
        """Give a sealed upload its key; can be repeated after a crash, and at once by another job.

        Raises TakenError rather than replace an object, and GoneError if neither is there.
        """
        try:
            staged = json.loads(handle)
        except ValueError as error:  # of a folder on a disk that was copied here without its staged work
            raise GoneError(f"File {handle}", self.named(key)) from error
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(staged["parts"], 1)]
        for _ in range(_CONFLICTS):
            try:
                client().complete_multipart_upload(
                    **self._at(key),
                    UploadId=staged["upload"],
                    MultipartUpload={"Parts": parts},
                    IfNoneMatch="*",
                )
            except ClientError as error:
                # 412: the key is there. 404: the upload is complete (by us, whose answer was lost, or by another job),
                # or it was aborted. 409: two jobs at once.
                if status(error) not in (404, 409, 412):
                    raise
                found = self._head(key)
                if found is not None and found["Metadata"].get("staged") == staged["staged"]:
                    return
                if found is not None:
                    raise TakenError(f"upload {staged['upload']}", self.named(key)) from error
                if status(error) == 404:
                    raise GoneError(f"Upload {staged['upload']}", self.named(key)) from error
            else:
                return
        raise self._conflict(key)

    def check_published(self, moves: Iterable[tuple[str, str]]) -> None:
        """Nothing: to ask for each key would cost as much as to publish it, and a conflict takes somebody who copies
        objects into the bucket.
        """

    def is_published(self, key: str) -> bool:
        """Whether a key is there."""
        return self._head(key) is not None

    def put_new(self, key: str, content: bytes, staging: str = "") -> bool:
        """Put a small object if its key is not there yet. False if it is there with other content."""
        for _ in range(_CONFLICTS):
            try:
                client().put_object(**self._at(key), Body=content, IfNoneMatch="*")
            except ClientError as error:
                if status(error) not in (409, 412):
                    raise
                found = self.read(key)  # 412 is also what a repeated request gets after an answer that was lost
                if found is not None:
                    return found == content
            else:
                return True
        raise self._conflict(key)

    def copy(self, key: str, other: str) -> None:
        """Put a small object under another key too, unless it is there."""
        content = self.read(key)
        if content is not None:
            self.put_new(other, content)

    def replace(self, key: str, content: bytes) -> None:
        """Put a small object, over one that is there. For what can be found out again, never for what is published."""
        client().put_object(**self._at(key), Body=content)

    def read(self, key: str) -> bytes | None:
        """The content of a small object; None if there is none."""
        try:
            return whole(self._at(key))
        except FileNotFoundError:
            return None

    def open(self, key: str) -> pa.NativeFile:
        """An object to read from at any place. Raises FileNotFoundError."""
        content, size, tag = beginning(self._at(key), _IN_MEMORY)
        if size <= len(content):
            return pa.BufferReader(content)
        reader = RangedReader(self._at(key), size, tag)
        return pa.PythonFile(io.BufferedReader(reader, 2**20), mode="r")

    def sizes(self, folder: str) -> dict[str, int]:
        """The bytes of each object of a folder, by name."""
        return {name: found["Size"] for name, found in self._listed(folder) if found}

    def list(self, folder: str) -> list[str]:
        """The names of the objects and folders in a folder, sorted; [] if there is no such folder."""
        return sorted(name for name, _ in self._listed(folder))

    def newest(self, keys: Iterable[str]) -> str | None:
        """The key of the object that was written last; None without keys."""
        wanted = set(keys)
        written = {
            f"{folder}/{name}": found["LastModified"]
            for folder in {key.rpartition("/")[0] for key in wanted}
            for name, found in self._listed(folder)
            if found
        }
        return max(wanted & written.keys(), key=lambda key: (written[key], key), default=None)

    def is_folder(self, key: str) -> bool:
        """Whether an object lies in it."""
        found = client().list_objects_v2(Bucket=self.bucket, Prefix=f"{self.prefix}{key}/", MaxKeys=1)
        return bool(found.get("Contents"))

    def restore(self, work: str) -> None:
        """Nothing: no upload is set aside."""

    def forget(self, staging: str, is_marked: Callable[[], bool] | None = None) -> None:
        """Nothing: uploads that are not complete may be another job's; the bucket's own rule aborts them."""

    def remove(self, folder: str, names: Iterable[str]) -> None:
        """Remove published objects of a folder. Raises LandingError if the bucket keeps one."""
        keys = [{"Key": f"{self.prefix}{folder}/{name}"} for name in names]
        for first in range(0, len(keys), _AT_ONCE):
            some = {"Objects": keys[first : first + _AT_ONCE], "Quiet": True}
            for error in client().delete_objects(Bucket=self.bucket, Delete=some).get("Errors", []):
                raise LandingError(
                    f"s3://{self.bucket}/{error['Key']} cannot be removed ({error['Code']}): give who runs this "
                    "command the right s3:DeleteObject there, then start again."
                )

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{self.prefix}{key}"}

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = client().head_object(**self._at(key))
        except ClientError as error:
            if status(error) == 404:
                return None
            raise
        return found

    def _listed(self, folder: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """The names in a folder, each with what the list says of the object; None of a folder."""
        prefix = f"{self.prefix}{folder}/"
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix, Delimiter="/")
        for page in pages:
            for found in page.get("Contents", []):
                if name := found["Key"].removeprefix(prefix):  # a browser of buckets makes objects for folders
                    yield name, found
            for found in page.get("CommonPrefixes", []):
                yield found["Prefix"].removeprefix(prefix).rstrip("/"), None

    def _conflict(self, key: str) -> LandingError:
        return LandingError(
            f"Another job writes {self.named(key)} again and again: stop one of the two jobs, then start again."
        )
