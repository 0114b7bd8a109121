"""`python -m ingest expire`: removes the small files of hours that were compacted long enough ago, and nothing else."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from contract.model import Contract
from contract.options import Parser
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.flags import landing_flag
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import hour_folder, hour_of
from ingest.folder.parquet import opened
from ingest.retention.compact import ORIGINALS, WORK, recover

MANIFESTS_KEPT = timedelta(days=30)  # longer than any paused job can wait to mark a batch
log = logging.getLogger("ingest")


def main(arguments: Sequence[str] | None = None) -> int:
    """Expire; 0. Raises LandingError if an hour's copy is not what its record says: nothing of it is removed."""
    parser = Parser(
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
    expire(LandingFolder.existing(flags.landing), load_contract(), flags.older_than)
    return 0


def expire(folder: LandingFolder, contract: Contract, older_than: timedelta, now: datetime | None = None) -> int:
    """Remove the originals named by each record that is old enough; the number of files removed.

    The ledger is never expired. Manifests of batches go after MANIFESTS_KEPT. Can be repeated after a crash:
    what is removed already is passed over.
    """
    until = (now or datetime.now(UTC)) - older_than
    removed = 0
    with folder.sole_writer(WORK):
        recover(folder, now or datetime.now(UTC))
        for hour in reversed(list(folder.hours(names.COMPACTED_HOURS))):
            for key in folder.files(names.raw_folder(names.COMPACTED_HOURS, hour)):
                if not names.parse_record_name(key.rpartition("/")[2]):
                    continue
                with opened(folder.store, key) as file:
                    (row,) = file.read().to_pylist()
                    originals = json.loads(file.metadata.metadata[ORIGINALS])
                if row["compacted_at"] <= until and row["raw_table"] != contract.landed_batches.table:
                    removed += _remove(folder, row, originals)
        _remove_manifests(folder, (now or datetime.now(UTC)) - MANIFESTS_KEPT)
    return removed


def _remove_manifests(folder: LandingFolder, until: datetime) -> None:
    """Remove the manifests of batches that were all followed by others before `until`, hour by hour.

    One that is named for an hour can mark a batch of the next hour that has manifests.
    """
    for topic in folder.store.list(names.BATCHES):
        for newer, hour in pairwise(folder.hours(topic, root=names.BATCHES)):
            if hour_of(newer) + timedelta(hours=1) <= until:
                at = f"{names.BATCHES}/{topic}/{hour}"
                folder.store.remove(at, [name for name in folder.store.list(at) if names.is_batch_manifest(name)])


def _remove(folder: LandingFolder, record: dict[str, Any], originals: list[str]) -> int:
    """Remove what is left of the `originals` of one record (a row of compacted_hours); how many files."""
    table, hour, rows = record["raw_table"], hour_folder(record["compacted_hour"]), record["row_count"]
    raw = names.raw_folder(table, hour)
    there = sorted({*originals} & {*folder.store.list(raw)})
    if not there:
        return 0
    copies = folder.files(names.compacted_folder(table, hour))
    held = sum(_rows_in(folder, key) for key in copies)
    if held != rows:
        raise LandingError(
            f"compacted/{table}/{hour} holds {held} rows and its record says {rows}: put back the copy. "
            "No small file of the hour was removed."
        )
    folder.store.remove(raw, there)
    log.info("%s/%s: removed %d small files", table, hour, len(there))
    return len(there)


def _rows_in(folder: LandingFolder, key: str) -> int:
    with opened(folder.store, key) as file:
        return int(file.metadata.num_rows)


def _days(text: str) -> timedelta:
    try:
        days = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number of days: write it like 7 or 0.5.") from error
    if not 0 < days < 36500:
        raise argparse.ArgumentTypeError(f"{text} days cannot be waited for: give a number above 0, such as 7.")
    return timedelta(days=days)
