"""An S3 server of one's own, as in docker-compose.yml: its key, made at the first start, and the bucket."""

from __future__ import annotations

import os
import secrets

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from contract.options import Bucket
from local import paths
from local.checks import LocalError

CREDENTIALS, SERVERS = "s3.credentials", "s3.env"  # for who uses it (AWS's format), and for the server


def make_key() -> None:
    """`python -m local key`: write a random key for server and clients into `paths.var()`, unless there is one.

    Both files are for their owner alone. The folder of the server's objects is made too.
    """
    paths.var().mkdir(parents=True, exist_ok=True)
    (paths.var() / "objects").mkdir(exist_ok=True)
    if (paths.var() / SERVERS).exists():
        return
    key, secret = f"JUNCTION{secrets.token_hex(6).upper()}", secrets.token_urlsafe(30)
    _write(CREDENTIALS, f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    _write(SERVERS, f"export ROOT_ACCESS_KEY_ID={key}\nexport ROOT_SECRET_ACCESS_KEY={secret}\n")


def create() -> None:
    """`python -m local bucket`: create the bucket of JUNCTION_LANDING if it is not there. Raises LocalError."""
    place = paths.landing()
    if not isinstance(place, Bucket):
        raise LocalError(f"{place} is no place in a bucket: set JUNCTION_LANDING=s3://bucket/prefix.")
    try:
        boto3.client("s3").create_bucket(Bucket=place.name)
    except ClientError as error:
        if error.response["Error"].get("Code") not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise LocalError(f"The bucket {place.name} cannot be created ({error}): see the server's log.") from error
    except BotoCoreError as error:
        raise LocalError(f"The S3 server does not answer ({error}): see AWS_ENDPOINT_URL_S3 and its log.") from error


def _write(name: str, content: str) -> None:
    making = paths.var() / f"{name}.making"
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    making.rename(paths.var() / name)
