"""`python -m ingest expire`: removes the small files of hours that were compacted long enough ago, and nothing else."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet

from contract.model import Contract
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.lock import sole_writer
from ingest.folder.names import hour_folder
from ingest.folder.staging import recover
from ingest.retention.compact import ORIGINALS, STAGED_AS, WORK
from ingest.settings import landing_flag

log = logging.getLogger("ingest")


def main(arguments: Sequence[str] | None = None) -> int:
    """Expire; 0. Raises LandingError if an hour's copy is not what its record says: nothing of it is removed."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest expire",
        description="Remove the small files of compacted hours. Each catalog must have been repointed by a dbt run and "
        "each COPY job must have loaded the files, within the given days after the compaction.",
    )
    landing_flag(parser.add_argument)
    parser.add_argument(
        "--older-than",
        type=_days,
        required=True,
        metavar="DAYS",
        help="expire hours that were compacted at least so many days ago; above 0, such as 7 or 0.5",
    )
    flags = parser.parse_args(arguments)
    expire(flags.landing.absolute(), load_contract(), flags.older_than)
    return 0


def expire(landing: Path, contract: Contract, older_than: timedelta, now: datetime | None = None) -> int:
    """Remove the originals named by each record that is old enough; the number of files removed.

    The ledger is never expired. Can be repeated after a crash: what is removed already is passed over.
    """
    until = (now or datetime.now(UTC)) - older_than
    removed = 0
    with sole_writer(landing, WORK):
        recover(landing, STAGED_AS)
        for record in sorted((landing / "raw" / "compacted_hours").glob("*/*/*.parquet")):
            with pyarrow.parquet.ParquetFile(record) as file:
                (row,) = file.read().to_pylist()
                originals = json.loads(file.metadata.metadata[ORIGINALS])
            if row["compacted_at"] <= until and row["raw_table"] != contract.landed_batches.table:
                removed += _remove(landing, row["raw_table"], row["compacted_hour"], row["row_count"], originals)
    return removed


def _remove(landing: Path, table: str, hour: datetime, rows: int, originals: list[str]) -> int:
    folder = landing / "raw" / table / hour_folder(hour)
    there = [folder / name for name in originals if (folder / name).exists()]
    if not there:
        return 0
    copies = (landing / "compacted" / table / hour_folder(hour)).glob("*.parquet")
    held = sum(pyarrow.parquet.read_metadata(path).num_rows for path in copies)
    if held != rows:
        raise LandingError(
            f"compacted/{table}/{hour_folder(hour)} holds {held} rows and its record says {rows}: put back the copy. "
            "No small file of the hour was removed."
        )
    for path in there:
        path.unlink()
    with contextlib.suppress(OSError):  # something else lies there: it is not ours to remove
        folder.rmdir()
    log.info("%s/%s: removed %d small files", table, hour_folder(hour), len(there))
    return len(there)


def _days(text: str) -> timedelta:
    try:
        days = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number of days: write it like 7 or 0.5.") from error
    if not 0 < days < 36500:
        raise argparse.ArgumentTypeError(f"{text} days cannot be waited for: give a number above 0, such as 7.")
    return timedelta(days=days)
