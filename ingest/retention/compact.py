"""`python -m ingest compact`: closed landing hours, copied into large files in a second location.

The copy of `raw/<table>/<hour>` is `compacted/<table>/<hour>`; a record of it in `raw/compacted_hours` tells dbt to
point the catalog's partition there. Both are published by landing's own protocol (folder/staging.py), the record last.
The small files stay until `expire`. Decision record 0010.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from contract.arrow import arrow_schema, raw_schema
from contract.model import Contract, Topic
from contract.options import Parser
from contract.reading import load_contract
from ingest.errors import LandingError
from ingest.flags import landing_flag
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import hour_folder, hour_of
from ingest.folder.parquet import opened_in_turn
from ingest.folder.staging import Move, Staging
from ingest.retention.closed_hours import awaited_folders, is_closed, newest_landings
from ingest.retention.hour_copy import Summary, copy, summary
from ingest.retention.verify import check_against_ledger

WORK = "compaction"
ORIGINALS = b"junction.originals"  # the names of the small files, in the record's Parquet metadata
_TARGET = 192 * 2**20  # bytes of small files for one large file
_LONGEST_PAUSE = timedelta(days=1)  # of a compaction between its start and its mark
_TICK = timedelta(microseconds=1)

log = logging.getLogger("ingest")


@dataclass(frozen=True)
class Hour:
    """A table's landing hour, as `landed_date=…/landed_hour=…`."""

    table: str
    hour: str
    schema: pa.Schema

    @property
    def raw(self) -> str:
        """The folder of the small files."""
        return names.raw_folder(self.table, self.hour)

    def copy_key(self, number: int) -> str:
        """The key of a large file."""
        stamp = self.hour.replace("landed_date=", "").replace("/landed_hour=", "T")
        return f"{names.compacted_folder(self.table, self.hour)}/{self.table}-{stamp}-{number:05d}.parquet"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compact what is closed; 0. Raises LandingError for an hour whose files are not what the ledger says."""
    parser = Parser(
        prog="python -m ingest compact", description="Copy closed landing hours into large files for the catalogs."
    )
    landing_flag(parser.add_argument)
    flags = parser.parse_args(arguments)
    compact(LandingFolder.existing(flags.landing), load_contract())
    return 0


def compact(folder: LandingFolder, contract: Contract, now: datetime | None = None) -> list[Hour]:
    """Finish what a crash interrupted, then compact each closed hour that is not; the hours, oldest first per table."""
    with folder.sole_writer(WORK):
        recover(folder, now or datetime.now(UTC))
        hours = list(_due(folder, contract, now or datetime.now(UTC)))
        for number, hour in enumerate(hours):
            _compact(folder, contract, hour, number, now or datetime.now(UTC))
    return hours


def recover(folder: LandingFolder, now: datetime) -> None:
    """Finish the marked copies and throw the unmarked ones away. Manifests of copies that were recorded a day ago go:
    no job that was paused before can still mark the same hour. So do those of copies that somebody has removed since.
    """
    for manifest in folder.copies():
        manifest.publish()
        first, *_, record = [key for _, key in manifest.moves() or []]
        recorded = names.parse_record_name(record.rpartition("/")[2])
        is_old = recorded is not None and recorded < now - _LONGEST_PAUSE
        if is_old or not folder.store.is_published(first):
            at, _, name = manifest.key.rpartition("/")
            folder.store.remove(at, [name])
    folder.store.restore(f"{names.STAGING}/{names.COPIES}")
    for place in folder.staged(names.COPIES):
        folder.finish_older(place)
        folder.store.forget(place, lambda: any(manifest.awaited() for manifest in folder.copies()))


def _due(folder: LandingFolder, contract: Contract, now: datetime) -> Iterator[Hour]:
    newest, awaited = newest_landings(folder, contract), awaited_folders(folder)
    for table, (schema, topics) in _tables(contract).items():
        compacted = set(folder.hours(table, root="compacted"))
        for hour in reversed(list(folder.hours(table))):
            raw = names.raw_folder(table, hour)
            if hour in compacted or raw in awaited:
                continue
            if is_closed(hour, topics, newest, now) and folder.files(raw):
                yield Hour(table, hour, schema)


def _tables(contract: Contract) -> dict[str, tuple[pa.Schema, tuple[Topic, ...]]]:
    """What is compacted: a table's schema and the topics that write to it."""
    tables = {topic.table: (raw_schema(contract, topic), (topic,)) for topic in contract.topics}
    shared = (contract.dead_letters, contract.landed_batches)
    return tables | {table.table: (arrow_schema(table.columns), contract.topics) for table in shared}


def _compact(folder: LandingFolder, contract: Contract, hour: Hour, number: int, now: datetime) -> None:
    store, began = folder.store, datetime.now(UTC)
    originals = folder.files(hour.raw)  # by topic, partition and offset
    try:
        before = summary(opened_in_turn(store, originals), hour.schema)
    except LandingError:  # no Parquet, as a file of somebody else, which is named then
        check_against_ledger(folder, contract, hour.table, hour.hour, originals, "unreadable")
        raise
    check_against_ledger(folder, contract, hour.table, hour.hour, originals, before.rows)
    staging = folder.begin_copy(hour.table, hour.hour, number)
    sizes = store.sizes(hour.raw)
    files = max(1, sum(sizes[key.rpartition("/")[2]] for key in originals) // _TARGET)
    copies = copy(
        opened_in_turn(store, originals),
        lambda nth: staging.file(hour.copy_key(nth), hour.schema, kept=True),
        -(-before.rows // files),
    )
    if summary(map(staging.opened, copies), hour.schema) != before:
        raise LandingError(
            f"The copy of {hour.table}/{hour.hour} does not hold the rows of its small files: free disk space or "
            "replace the disk, and compact again; the copy was not published."
        )
    record = _record(folder, contract, hour, before, originals, staging, now)
    if datetime.now(UTC) >= began + _LONGEST_PAUSE:
        raise LandingError(f"The copy of {hour.table}/{hour.hour} took longer than a day: start again.")
    staging.mark_complete([*((handle, hour.copy_key(nth)) for nth, handle in enumerate(copies)), record])
    staging.publish()
    log.info("%s/%s: %d files became %d, %d rows", hour.table, hour.hour, len(originals), len(copies), before.rows)


def _record(
    folder: LandingFolder, contract: Contract, hour: Hour, held: Summary, originals: Sequence[str], staging: Staging,
    now: datetime,
) -> Move:  # fmt: skip
    """Write the record of a compaction; its move. `compacted_at` is later than every record's before it."""
    at = max(now, _newest_record(folder) + _TICK)
    row = {
        "raw_table": hour.table,
        "compacted_hour": hour_of(hour.hour),
        "row_count": held.rows,
        "file_count": len(originals),
        "compacted_at": at,
    }
    table = pa.Table.from_pylist([row], schema=arrow_schema(contract.compacted_hours.columns))
    key = f"{names.raw_folder(names.COMPACTED_HOURS, hour_folder(at))}/{names.record_name(hour.table, at)}"
    file = staging.file(key, table.schema)
    file.append(dict(zip(table.column_names, table.columns, strict=True)))
    return file.seal({ORIGINALS: json.dumps([key.rpartition("/")[2] for key in originals])}), key


def _newest_record(folder: LandingFolder) -> datetime:
    for hour in folder.hours(names.COMPACTED_HOURS):
        listed = folder.store.list(names.raw_folder(names.COMPACTED_HOURS, hour))
        if times := [at for name in listed if (at := names.parse_record_name(name))]:
            return max(times)
    return datetime.min.replace(tzinfo=UTC)
