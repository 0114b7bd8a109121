"""Names of files and folders in the landing folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path


def file_name(topic: str, generation: str, partition: int, first: int, end: int) -> str:
    """The name of a batch's file for one Kafka partition: offsets from `first` to before `end`; names sort by offset.

    All that follows the topic has a fixed width (Kafka's 22 characters of a generation with `.` for `-`).
    """
    return f"{topic}-{spelled(generation)}-{partition:05d}-{first:019d}-{end:019d}.parquet"


def ledger_name(topic: str, generation: str, landed_at: datetime) -> str:
    """The name of a batch's file in `landed_batches`; unique, because `landed_at` increases from batch to batch."""
    return f"{topic}-{spelled(generation)}-{landed_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.parquet"


def spelled(generation: str) -> str:
    """A Kafka topic id as file and folder names spell it."""
    return generation.replace("-", ".")


def hour_folder(landed_at: datetime) -> str:
    """`landed_date=YYYY-MM-DD/landed_hour=HH` in UTC."""
    return f"{landed_at.astimezone(UTC):landed_date=%Y-%m-%d/landed_hour=%H}"


def hour_folders(table: Path, since: str = "") -> Iterator[Path]:
    """The table's hour folders from `since` (`landed_date=…/landed_hour=…`) on, the newest first."""
    for date in sorted(table.glob("landed_date=*"), reverse=True):
        if date.name < since.partition("/")[0]:
            return
        for hour in sorted(date.glob("landed_hour=*"), reverse=True):
            if hour.relative_to(table).as_posix() >= since:
                yield hour
