"""The connection to S3 of a process, and what its errors are."""

from __future__ import annotations

import functools
import os
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from ingest.folder import requests

_CONNECTIONS = 32  # at once, of the queries of all topics
_ATTEMPTS = 8  # of a request that the store could not serve: 429, 5xx, a connection that broke
_CONNECT, _READ = 5, 60  # seconds


def client(*, patient: bool = True) -> Any:
    """boto3's client, one for each process: a connection must not be used on both sides of a fork.

    Not `patient`: it tries once, and waits for seconds.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return _client(os.getpid(), endpoint, patient)


def status(error: ClientError) -> int:
    """The HTTP status of an answer that was no success."""
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


@functools.cache
def _client(process: int, endpoint: str, patient: bool) -> Any:
    made = boto3.client(
        "s3",
        config=Config(
            retries={"mode": "standard", "max_attempts": _ATTEMPTS if patient else 1},
            connect_timeout=_CONNECT,
            read_timeout=_READ if patient else _CONNECT,
            max_pool_connections=_CONNECTIONS,
            s3={"addressing_style": "path" if endpoint else "auto"},  # one's own server has no name for each bucket
        ),
    )
    requests.count(made)
    return made
