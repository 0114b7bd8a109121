"""What Spark's checkpoint of a query says about a batch: its offsets and its timestamp, fixed before it runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import LandingError
from ingest.folder import lock
from ingest.folder.ledger import Ranges


@contextmanager
def sole_user(checkpoints: Path) -> Iterator[None]:
    """Hold the lock of the folder of checkpoints; raises LandingError if another job uses it."""
    checkpoints.mkdir(parents=True, exist_ok=True)
    with lock.hold(checkpoints / "_landing.lock") as held:
        if not held:
            raise LandingError(
                f"Another landing job uses the checkpoints in {checkpoints}: give each landing folder --checkpoints of "
                "its own, then start again."
            )
        yield


def begin_anew(checkpoint: Path) -> None:
    """Throw away what an earlier query has left: the ledger knows where to go on, and Spark's plan may be out of date.

    A plan that was made before partitions were added, or that a power cut tore, would fail at each start.
    """
    if checkpoint.exists():
        shutil.rmtree(checkpoint)


def initial_offsets(checkpoint: Path) -> dict[int, int]:
    """Where the checkpoint's first batch began, per Kafka partition."""
    text = (checkpoint / "sources" / "0" / "0").read_text(encoding="utf-8")
    return _offsets(text[text.index("{") :])  # before it: a zero byte and the version, for Spark 2.1.0


def batch_plan(checkpoint: Path, batch_id: int) -> tuple[Ranges, datetime]:
    """The non-empty offset ranges of a batch, and its timestamp (UTC, milliseconds), from the offset log."""
    end, at = _entry(checkpoint, batch_id)
    start = _entry(checkpoint, batch_id - 1)[0] if batch_id else initial_offsets(checkpoint)
    # A partition that was added to the topic since the last batch begins at 0.
    ranges = {partition: (start.get(partition, 0), stop) for partition, stop in end.items()}
    return {partition: (first, stop) for partition, (first, stop) in ranges.items() if stop > first}, at


def _entry(checkpoint: Path, batch_id: int) -> tuple[dict[int, int], datetime]:
    version, metadata, offsets = (checkpoint / "offsets" / str(batch_id)).read_text(encoding="utf-8").splitlines()
    if version != "v1":
        raise ValueError(f"Spark wrote its offset log as {version}: teach ingest/landing/checkpoint.py to read it.")
    return _offsets(offsets), datetime.fromtimestamp(json.loads(metadata)["batchTimestampMs"] / 1000, UTC)


def _offsets(text: str) -> dict[int, int]:
    topics: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return {int(partition): int(offset) for offsets in topics.values() for partition, offset in offsets.items()}
