"""`python -m ingest compact`: closed landing hours, copied into large files in a second location.

The copy of `raw/<table>/<hour>` is `compacted/<table>/<hour>`; a record of it in `raw/compacted_hours` tells dbt to
point the catalog's partition there. Both are published by the landing's own protocol (publish.py), the record last. The
small files stay until `expire`. Decision record 0010.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from contract.arrow import arrow_schema
from contract.model import Contract, Topic
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.folder.lock import sole_writer
from ingest.folder.names import hour_folder, hour_folders
from ingest.folder.staging import mark_complete, publish, recover, stage
from ingest.retention.closed_hours import awaited_hours, is_closed, newest_landings
from ingest.retention.hour_copy import Summary, copy, summary
from ingest.retention.verify import check_against_ledger
from ingest.settings import landing_flag

WORK = "compaction"
STAGED_AS = "@compact"  # no topic can have this name
ORIGINALS = b"junction.originals"  # the names of the small files, in the record's Parquet metadata
_TARGET = 192 * 2**20  # bytes of small files for one large file
_TICK = timedelta(microseconds=1)

log = logging.getLogger("ingest")


@dataclass(frozen=True)
class Hour:
    """A table's landing hour, as `landed_date=…/landed_hour=…`."""

    table: str
    hour: str
    schema: pa.Schema


def main(arguments: Sequence[str] | None = None) -> int:
    """Compact what is closed; 0. Raises LandingError for an hour whose files are not what the ledger says."""
    parser = argparse.ArgumentParser(
        prog="python -m ingest compact", description="Copy closed landing hours into large files for the catalogs."
    )
    landing_flag(parser.add_argument)
    flags = parser.parse_args(arguments)
    compact(flags.landing.absolute(), load_contract())
    return 0


def compact(landing: Path, contract: Contract, now: datetime | None = None) -> list[Hour]:
    """Finish what a crash interrupted, then compact each closed hour that is not; the hours, oldest first per table."""
    with sole_writer(landing, WORK):
        recover(landing, STAGED_AS)
        hours = _due(landing, contract, now or datetime.now(UTC))
        for number, hour in enumerate(hours):
            _compact(landing, contract, hour, number, now or datetime.now(UTC))
    return hours


def _due(landing: Path, contract: Contract, now: datetime) -> list[Hour]:
    newest, awaited = newest_landings(landing, contract), awaited_hours(landing)
    due = []
    for table, (schema, topics) in _tables(contract).items():
        for folder in reversed(list(hour_folders(landing / "raw" / table))):
            hour = "/".join(folder.parts[-2:])
            if (landing / "compacted" / table / hour).exists() or f"{table}/{hour}" in awaited:
                continue
            if is_closed(hour, topics, newest, now) and any(folder.iterdir()):
                due.append(Hour(table, hour, schema))
    return due


def _tables(contract: Contract) -> dict[str, tuple[pa.Schema, tuple[Topic, ...]]]:
    """What is compacted: a table's schema and the topics that write to it."""
    tables = {
        topic.table: (arrow_schema((*topic.columns, *contract.landing_columns)), (topic,)) for topic in contract.topics
    }
    shared = (contract.dead_letters, contract.landed_batches)
    return tables | {table.table: (arrow_schema(table.columns), contract.topics) for table in shared}


def _compact(landing: Path, contract: Contract, hour: Hour, number: int, now: datetime) -> None:
    originals = sorted((landing / "raw" / hour.table / hour.hour).iterdir())  # by topic, partition and offset
    before = summary(originals, hour.schema)
    check_against_ledger(landing, contract, hour.table, hour.hour, originals, before.rows)
    staging = stage(landing, STAGED_AS, number)
    files = max(1, sum(path.stat().st_size for path in originals) // _TARGET)
    names = copy(originals, staging, hour.schema, -(-before.rows // files))
    if summary([staging / name for name in names], hour.schema) != before:
        raise LandingError(
            f"The copy of {hour.table}/{hour.hour} does not hold the rows of its small files: free disk space or "
            "replace the disk, and compact again; the copy was not published."
        )
    record = _record(landing, contract, hour, before, originals, staging, now)
    stamp = hour.hour.replace("landed_date=", "").replace("/landed_hour=", "T")
    moves = [(name, f"compacted/{hour.table}/{hour.hour}/{hour.table}-{stamp}-{name}") for name in names]
    mark_complete(staging, [*moves, record])
    publish(landing, staging)
    log.info("%s/%s: %d files became %d, %d rows", hour.table, hour.hour, len(originals), len(names), before.rows)


def _record(
    landing: Path, contract: Contract, hour: Hour, held: Summary, originals: list[Path], staging: Path, now: datetime
) -> tuple[str, str]:
    """Write the record of a compaction; its move. `compacted_at` is later than every record's before it."""
    at = max(now, _newest_record(landing) + _TICK)
    row = {
        "raw_table": hour.table,
        "compacted_hour": datetime.strptime(hour.hour, "landed_date=%Y-%m-%d/landed_hour=%H").replace(tzinfo=UTC),
        "row_count": held.rows,
        "file_count": len(originals),
        "compacted_at": at,
    }
    table = pa.Table.from_pylist([row], schema=arrow_schema(contract.compacted_hours.columns))
    with (staging / "record.parquet").open("xb") as file:
        with pyarrow.parquet.ParquetWriter(file, table.schema, store_schema=False) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata({ORIGINALS: json.dumps([path.name for path in originals])})
        file.flush()
        os.fsync(file.fileno())
    return "record.parquet", f"raw/compacted_hours/{hour_folder(at)}/{hour.table}-{at:%Y%m%dT%H%M%S%fZ}.parquet"


def _newest_record(landing: Path) -> datetime:
    for folder in hour_folders(landing / "raw" / "compacted_hours"):
        stamps = [path.stem.rsplit("-", 1)[1] for path in folder.iterdir()]
        if stamps:
            return datetime.strptime(max(stamps), "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC)
