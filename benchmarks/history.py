"""A landing folder with days of history in seconds: a few hours of a city are landed once, then repeated in time.

The rows are those that landing wrote of the simulated hours, with later times, further offsets and other ids. They lie
as an old landing has them after `compact` and `expire`: a batch a minute in the ledger, a large file an hour with its
compaction's record. The hour in which the history ends, and the minutes that a benchmark lands itself, have a raw file
for each batch and Kafka partition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contract.arrow import arrow_schema
from contract.model import Topic
from contract.reading import load_contract
from ingest.folder.names import COMPACTED_HOURS, file_name, hour_folder, hour_of, ledger_name, raw_folder, record_name
from ingest.retention.compact import Hour
from testbed.city.pieces import GENERATION, city

CITY_START = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)  # a Monday's rush hour; half past, so that new minutes reopen 30
_IDS = ("event_id", "trip_id", "incident_id")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class History:
    """`hours` of a city, to be repeated. `landed` has the rows of each topic as landing wrote them."""

    landed: dict[Topic, pa.Table]
    hours: int

    def land(self, landing: Path, repeats: int, until: datetime) -> None:
        """Land the hours `repeats` times, the last of them up to `until`; compact those that are over then.

        `until` is a whole minute: where two repeats met within one, its batch would be landed twice.
        """
        assert until == until.replace(second=0, microsecond=0), until
        for number in range(repeats):
            begin = until - (repeats - number) * timedelta(hours=self.hours)
            for topic in self.landed:
                _write(landing, topic, self._repeat(topic, number, begin), hour_folder(until))
        for topic in self.landed:
            _record_compactions(landing, topic.table)

    def land_minute(self, landing: Path, repeats: int, until: datetime, minute: int) -> int:
        """Land the `minute`th minute after a history of so many repeats up to `until`; how many rows."""
        count = 0
        for topic in self.landed:
            rows = self._repeat(topic, repeats, until)
            rows = rows.filter(pc.equal(rows["_landed_at"], _us(until + (minute + 1) * _MINUTE)))
            _write(landing, topic, rows, hour_folder(until))
            count += len(rows)
        return count

    @cached_property
    def rows(self) -> int:
        """The rows of one repeat."""
        return sum(map(len, self.landed.values()))

    def _repeat(self, topic: Topic, number: int, begin: datetime) -> pa.Table:
        rows = self.landed[topic]
        shift = pa.scalar(begin - CITY_START, pa.duration("us"))
        for name in ("event_time", "_kafka_timestamp"):
            rows = _with(rows, name, pc.add(rows[name], shift))
        for name in set(_IDS) & set(rows.column_names):
            rows = _with(rows, name, pc.binary_join_element_wise(rows[name], pa.scalar(str(number)), "-"))
        of_partition = pc.value_counts(rows["_kafka_partition"])
        sizes = pa.table({"partition": of_partition.field("values"), "size": of_partition.field("counts")})
        at = pc.index_in(rows["_kafka_partition"], sizes["partition"].combine_chunks())
        further = pc.multiply(pc.take(sizes["size"], at), number)
        rows = _with(rows, "_kafka_offset", pc.add(rows["_kafka_offset"], further))
        landed_at = pc.add(pc.floor_temporal(rows["_kafka_timestamp"], unit="minute"), pa.scalar(_MINUTE))
        return _with(rows, "_landed_at", landed_at)


def history(folder: Path, hours: int, vehicles: int) -> History:
    """Simulate `hours` of a city into `folder` and land them there once with the landing job's own code."""
    when = ["--start", CITY_START.isoformat(), "--hours", str(hours), "--vehicles", str(vehicles)]
    city(folder / "events", *when).land(folder / "landing", 0, 1, CITY_START)
    landed = {}
    for topic in load_contract().topics:
        files = sorted((folder / "landing" / "raw" / topic.table).rglob("*.parquet"))
        rows = pa.concat_tables(pq.ParquetFile(file).read() for file in files)
        # What reached Kafka after the last hour would be landed in the first minute of the next repeat.
        rows = rows.filter(pc.less(rows["_kafka_timestamp"], _us(CITY_START + timedelta(hours=hours))))
        parts = [_numbered(part) for _, part in _slices(rows, rows["_kafka_partition"])]
        landed[topic] = pa.concat_tables(parts)
    return History(landed, hours)


def _numbered(rows: pa.Table) -> pa.Table:
    """The rows of one partition with offsets in the order of their Kafka times, so that a minute is a range of them."""
    rows = rows.sort_by([("_kafka_timestamp", "ascending"), ("_kafka_offset", "ascending")])
    return _with(rows, "_kafka_offset", pa.chunked_array([pa.array(range(len(rows)))]))


def _write(landing: Path, topic: Topic, rows: pa.Table, open_from: str) -> None:
    """The files of each landing hour, compacted before the hour folder `open_from`, then the ledger's for the hour."""
    schema = arrow_schema(load_contract().landed_batches.columns)
    for hour, landed in _slices(rows, pc.floor_temporal(rows["_landed_at"], unit="hour")):
        folder = hour_folder(hour)
        if folder < open_from:
            _write_compacted(landing, topic, landed, hour)
        else:
            _write_batches(landing / "raw" / topic.table / folder, topic, landed)
        batches = landed.group_by(["_landed_at", "_kafka_partition"]).aggregate(
            [("_kafka_offset", "min"), ("_kafka_offset", "max"), ("_kafka_offset", "count")]
        )
        ledger = {
            "_kafka_topic": pa.repeat(topic.topic, len(batches)),
            "_kafka_generation": pa.repeat(GENERATION, len(batches)),
            "_kafka_partition": batches["_kafka_partition"],
            "first_offset": batches["_kafka_offset_min"],
            "end_offset": pc.add(batches["_kafka_offset_max"], 1),
            "row_count": batches["_kafka_offset_count"],
            "dead_letter_count": pa.repeat(0, len(batches)),
            "given_up_count": pa.repeat(0, len(batches)),
            **dict.fromkeys(("last_offset", "last_record_digest"), pa.nulls(len(batches))),  # no Kafka to compare with
            "previous_landed_at": pa.nulls(len(batches)),  # only raw inside Redshift asks for it
            "_landed_at": batches["_landed_at"],
        }
        table = pa.table(ledger).select(schema.names).cast(schema)
        newest = pc.max(batches["_landed_at"]).as_py()
        _save(table, landing / "raw" / "landed_batches" / folder / ledger_name(topic.topic, GENERATION, newest))


def _write_batches(folder: Path, topic: Topic, rows: pa.Table) -> None:
    for _, batch in _slices(rows, rows["_landed_at"]):
        for partition, part in _slices(batch, batch["_kafka_partition"]):
            first, end = pc.min(part["_kafka_offset"]).as_py(), pc.max(part["_kafka_offset"]).as_py() + 1
            _save(part, folder / file_name(topic.topic, GENERATION, partition, first, end))


def _write_compacted(landing: Path, topic: Topic, rows: pa.Table, hour: datetime) -> None:
    """A large file; an hour in which one repeat ends and the next begins has two."""
    of_hour = Hour(topic.table, hour_folder(hour), rows.schema)
    number = len(list((landing / of_hour.copy_key(0)).parent.glob("*.parquet")))
    order = [("_kafka_partition", "ascending"), ("_kafka_offset", "ascending")]
    _save(rows.sort_by(order), landing / of_hour.copy_key(number))


def _record_compactions(landing: Path, table: str) -> None:
    """A record for each compacted hour, of ten minutes after its end."""
    schema = arrow_schema(load_contract().compacted_hours.columns)
    for folder in sorted((landing / "compacted" / table).glob("*/*")):
        hour, files = hour_of(f"{folder.parent.name}/{folder.name}"), list(folder.iterdir())
        count, at = sum(pq.read_metadata(file).num_rows for file in files), hour + timedelta(hours=1, minutes=10)
        record = {"raw_table": table, "compacted_hour": hour, "row_count": count, "file_count": len(files)}
        rows = pa.Table.from_pylist([{**record, "compacted_at": at}], schema=schema)
        _save(rows, landing / raw_folder(COMPACTED_HOURS, hour_folder(at)) / record_name(table, at))


def _slices(rows: pa.Table, by: pa.ChunkedArray) -> Iterator[tuple[Any, pa.Table]]:
    for value in pc.unique(by).to_pylist():
        yield value, rows.filter(pc.equal(by, pa.scalar(value, by.type)))


def _save(rows: pa.Table, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, file)


def _with(rows: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    index = rows.schema.get_field_index(name)
    return rows.set_column(index, rows.schema.field(index), values.cast(rows.schema.field(index).type))


def _us(moment: datetime) -> pa.Scalar:
    return pa.scalar(moment, pa.timestamp("us", "UTC"))
