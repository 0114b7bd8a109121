"""Objects of S3 as files: one that is written in parts and not seen, and one that is read in ranges."""

from __future__ import annotations

import errno
import io
import json
import os
import tempfile
import uuid
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError, ResponseStreamingError  # type: ignore[import-untyped]

from ingest.folder.s3_client import client, status

# S3 takes no part below 5 MiB but the last, and 10,000 parts. Twice so much is in memory.
_PART = 8 * 2**20  # bytes
_CUTS = 5  # attempts to read an answer that breaks off


class Upload(io.RawIOBase):
    """A new object that nobody sees until it is published. `kept`: written to a file of this machine as well."""

    def __init__(self, at: dict[str, str], *, kept: bool = False) -> None:
        super().__init__()
        self._at = at
        self._kept = tempfile.NamedTemporaryFile(prefix="junction-staged-", delete=False) if kept else None  # noqa: SIM115
        self._staged = uuid.uuid4().hex  # an ETag says nothing of who wrote: this does
        self._buffer = bytearray()
        self._size = 0
        self._parts: list[str] = []
        self._upload = client().create_multipart_upload(**at, Metadata={"staged": self._staged})["UploadId"]

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes, and send each part that is full."""
        view = memoryview(data).cast("B")
        self._buffer += view
        self._size += len(view)
        if self._kept:
            self._kept.write(view)
        while len(self._buffer) >= _PART:
            self._send(_PART)
        return len(view)

    def tell(self) -> int:
        """The bytes that were taken."""
        return self._size

    def seal(self) -> str:
        """Send the rest and return the upload's handle: the store has all its bytes."""
        if self._buffer or not self._parts:
            self._send(len(self._buffer))
        handle = {"upload": self._upload, "parts": self._parts, "staged": self._staged}
        if self._kept:
            self._kept.close()
            handle["kept"] = self._kept.name
        self.close()
        return json.dumps(handle)

    def _send(self, size: int) -> None:
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        sent = client().upload_part(**self._at, UploadId=self._upload, PartNumber=len(self._parts) + 1, Body=body)
        self._parts.append(sent["ETag"])


class RangedReader(io.RawIOBase):
    """An object read where it is asked for. It must not change meanwhile: `tag` is its ETag."""

    def __init__(self, at: dict[str, str], size: int, tag: str) -> None:
        super().__init__()
        self._at, self._size, self._tag, self._place = at, size, tag, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; the place from the beginning."""
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the object goes."""
        end = min(self._place + len(buffer), self._size)
        if end <= self._place:
            return 0
        content = whole(self._at, Range=f"bytes={self._place}-{end - 1}", IfMatch=self._tag)
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)


def whole(at: dict[str, str], **options: str) -> bytes:
    """The content of an object, or of a `Range` of it. Raises FileNotFoundError."""
    return _got(at, **options)[0]


def beginning(at: dict[str, str], length: int) -> tuple[bytes, int, str]:
    """The first `length` bytes of an object, how many it has, and its ETag. Raises FileNotFoundError."""
    try:
        content, answer = _got(at, Range=f"bytes=0-{length - 1}")
    except ClientError as error:
        if status(error) != 416:  # an object without a byte has no range
            raise
        content, answer = _got(at)
        return content, len(content), answer["ETag"]
    return content, int(answer["ContentRange"].rpartition("/")[2]), answer["ETag"]


def _got(at: dict[str, str], **options: str) -> tuple[bytes, dict[str, Any]]:
    for attempt in range(_CUTS):
        try:
            answer = client().get_object(**at, **options)
            content: bytes = answer["Body"].read()
        except ClientError as error:
            if status(error) == 404 and error.response["Error"].get("Code") != "NoSuchBucket":
                named = f"s3://{at['Bucket']}/{at['Key']}"
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), named) from error
            raise
        except (ResponseStreamingError, HTTPClientError):
            if attempt == _CUTS - 1:
                raise
        else:
            return content, answer
    raise AssertionError
