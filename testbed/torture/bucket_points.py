"""The points at which a job can die that lands to a bucket: those of points.py that a bucket has, on its own calls."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

from ingest.folder.local_store import LocalStore
from ingest.folder.s3_store import S3Store
from testbed.torture.points import EVERYWHERE, AnyPoint, Point

# A manifest is one conditional put, an upload is completed by one request, and nothing that was staged is thrown away.
_OF_LINK = {"_batches/": "put_new", "/raw/": "publish"}


def _in_bucket(point: AnyPoint) -> AnyPoint | None:
    """The same point in a bucket; None if a bucket has no such step."""
    if not isinstance(point, Point):
        return point
    if point.owner is LocalStore:
        return replace(point, owner=S3Store)
    if point.owner is os and point.function == "link":
        return replace(point, owner=S3Store, function=_OF_LINK[point.having]) if point.having in _OF_LINK else None
    if point.owner is os and point.function == "rename":
        return replace(point, owner=S3Store, function="replace")
    if point.owner is os and point.function == "unlink" and point.nth == 1 and point.having == ".parquet":
        return Point(S3Store, "remove")
    if point.owner is os and point.function == "rmdir":
        return Point(S3Store, "remove", after=True)
    return None if point.owner in (os, shutil) else point


IN_A_BUCKET: dict[str, AnyPoint] = {
    name: found for name, point in EVERYWHERE.items() if (found := _in_bucket(point)) is not None
}
