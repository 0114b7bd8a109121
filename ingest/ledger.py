"""What is landed already, read from `raw/landed_batches`: one file per batch, one row per Kafka partition of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet

from ingest.publish import LandingError, hour_folder, spelled

Ranges = dict[int, tuple[int, int]]  # Kafka partition: first offset, end offset (exclusive)
_TICK = timedelta(milliseconds=1)


@dataclass
class Ledger:
    """One topic's landed offsets: `ends` per partition of this generation; `newest` over all generations."""

    ends: dict[int, int] = field(default_factory=dict)
    newest: datetime | None = None

    def next_landing(self, at: datetime) -> datetime:
        """The `_landed_at` of a batch with the timestamp `at`: later than every batch before it."""
        return at if self.newest is None or at > self.newest else self.newest + _TICK

    def still_to_land(self, batch: Ranges, initial: Mapping[int, int]) -> Ranges:
        """The part of a batch's ranges that is not landed; {} if all is. `initial`: where the checkpoint began.

        Raises LandingError if the batch begins after what should come next: then landing it would lose records.
        """
        rest = {}
        for partition, (first, end) in batch.items():
            due = self.ends.get(partition, initial.get(partition, 0))
            if first > due:
                raise LandingError(
                    f"Offsets {due} to {first - 1} of partition {partition} are not in the landing folder but the "
                    "checkpoint is past them: remove the topic's checkpoint, and landing starts where the folder ends."
                )
            if end > max(first, due):
                rest[partition] = (max(first, due), end)
        return rest

    def record(self, landed: Ranges, landed_at: datetime) -> None:
        """Take note of a published batch."""
        self.ends |= {partition: end for partition, (_, end) in landed.items()}
        self.newest = landed_at


def read_ledger(landing: Path, topic: str, generation: str, partitions: int) -> Ledger:
    """Read the topic's ledger from its newest batch back until each of its `partitions` was seen."""
    name = re.compile(re.escape(topic) + r"-(.{22})-\d{8}T\d{12}Z\.parquet")
    ledger = Ledger()
    hours = sorted((landing / "raw" / "landed_batches").glob("landed_date=*/landed_hour=*"), reverse=True)
    for hour in hours:
        matches = [match for path in hour.iterdir() if (match := name.fullmatch(path.name))]
        for match in sorted(matches, key=lambda match: match[0][-30:], reverse=True):
            rows = pyarrow.parquet.read_table(hour / match[0], partitioning=None).to_pylist()
            ledger.newest = max(ledger.newest or rows[0]["_landed_at"], rows[0]["_landed_at"])
            if match[1] == spelled(generation):
                for row in rows:
                    ledger.ends.setdefault(row["_kafka_partition"], row["end_offset"])
        if len(ledger.ends) >= partitions:
            break
    return ledger


def check_names(landing: Path, table: str, topic: str, generation: str, ledger: Ledger) -> None:
    """Raise LandingError if raw files since the newest batch hold offsets that the ledger lacks.

    A crash cannot do that, since start-up finishes what is staged; it takes somebody who removes the staging folder.
    """
    name = re.compile(re.escape(f"{topic}-{spelled(generation)}-") + r"(\d{5})-\d{19}-(\d{19})\.parquet")
    newest = hour_folder(ledger.newest) if ledger.newest else ""
    folder = landing / "raw" / table
    for hour in folder.glob("landed_date=*/landed_hour=*"):
        if hour.relative_to(folder).as_posix() < newest:
            continue
        for path in hour.iterdir():
            match = name.fullmatch(path.name)
            if match and int(match[2]) > ledger.ends.get(int(match[1]), 0):
                raise LandingError(
                    f"{path} is not in the ledger, because a staging folder was removed: move it out of the landing "
                    "folder with its dead letters, and its offsets are landed again."
                )
