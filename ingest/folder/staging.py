"""The landing protocol on files: a batch is staged, marked complete, then published by names that say its offsets.

A crash at any point leaves a batch that `recover` either finishes (marked) or throws away (unmarked). A published
name is never replaced or removed. The decision record 0002 gives the reasons.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

from ingest.errors import LandingError
from ingest.folder.durable import make_folder, sync_folder

MANIFEST = "manifest.json"


def stage(landing: Path, topic: str, batch_id: int) -> Path:
    """Make the batch's own folder, outside of every table's folder and on the same file system."""
    folder = landing / "_staging" / topic / f"{batch_id}.{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    return folder


def mark_complete(staging: Path, moves: Iterable[tuple[str, str]]) -> None:
    """Declare all files in `staging` written and durable: (name, its path below the landing folder), in order.

    From here on the batch will be published, by this process or by the next.
    """
    manifest = staging / (MANIFEST + ".making")
    with manifest.open("w", encoding="utf-8") as file:
        json.dump([list(move) for move in moves], file)
        file.flush()
        os.fsync(file.fileno())
    manifest.rename(staging / MANIFEST)
    for folder in (staging, staging.parent, staging.parent.parent):
        sync_folder(folder)


def publish(landing: Path, staging: Path) -> None:
    """Move a marked batch's files to their names, in the manifest's order; can be repeated after a crash.

    Raises LandingError rather than replace a published file.
    """
    for name, target in json.loads((staging / MANIFEST).read_text(encoding="utf-8")):
        _move(staging / name, landing / target)
    (staging / MANIFEST).unlink()
    shutil.rmtree(staging)


def recover(landing: Path, topic: str) -> int:
    """Finish the topic's marked batches and throw its unmarked ones away; the number finished."""
    finished = 0
    for staging in sorted((landing / "_staging" / topic).glob("*")):
        if (staging / MANIFEST).exists():
            publish(landing, staging)
            finished += 1
        else:
            shutil.rmtree(staging)
    return finished


def _move(source: Path, target: Path) -> None:
    make_folder(target.parent)
    try:
        os.link(source, target)  # unlike a rename, a link never replaces a file
    except FileNotFoundError:
        if not target.exists():
            raise
        return  # moved before the crash
    except FileExistsError as error:
        if not source.exists():
            return
        if not os.path.samestat(source.stat(), target.stat()):
            raise LandingError(
                f"{target} is published already and differs from {source}: keep both and report it."
            ) from error
    sync_folder(target.parent)
    source.unlink()
