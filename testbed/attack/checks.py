"""What must hold after each step of a world: each record once, a seamless ledger, copies that equal their originals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet

from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import hour_folder, parse_file_name, parse_ledger_name
from ingest.replay.letters import Choice, letters
from testbed.attack.world import Place, World

Row = dict[str, Any]
_HOUR = re.compile(r"landed_date=([0-9]{4}-[0-9]{2}-[0-9]{2})/landed_hour=(?:[01][0-9]|2[0-3])")


def check(world: World) -> None:
    """AssertionError with the first thing that does not hold."""
    ledger = [row for _, row in _rows(world.landing / "raw" / "landed_batches")]
    raw = {topic.topic: list(_catalog(world.landing, topic.table)) for topic in world.contract.topics}
    dead = list(_catalog(world.landing, "dead_letters"))
    for name, rows in raw.items():
        _each_once(world, name, rows, [row for row in dead if row["_kafka_topic"] == name], ledger)
    _seamless(world, ledger)
    assert len(dead) == sum(row["dead_letter_count"] for row in ledger), "dead letters and the ledger's count of them"
    for table in [*(topic.table for topic in world.contract.topics), "dead_letters", "landed_batches"]:
        _copies(world.landing, table)
    replayable = Counter(
        (letter.topic, letter.generation, letter.partition, letter.offset)
        for letter in letters(LandingFolder.at(world.landing), Choice())
    )
    assert replayable == Counter(map(_place, dead)), "replay does not find each dead letter once"


def check_again(world: World) -> None:
    """A second start changes nothing of what is published or staged."""
    for name in world.logs:
        world.take_up(name, fail_on_lost_offsets=False)
    before = _files(world.landing)
    for name in world.logs:
        world.take_up(name, fail_on_lost_offsets=False)
    assert _files(world.landing) == before, "a second recovery changes files"
    for name in world.logs:
        awaited = LandingFolder.at(world.landing).awaited(name)
        assert not awaited, f"{awaited} are still to be published"


def check_all_landed(world: World) -> None:
    """Nothing is left to land."""
    for name, log in world.logs.items():
        ledger = world.take_up(name, fail_on_lost_offsets=False).ledger
        lag = ledger.lag({part: len(records) for part, records in log.partitions.items()})
        assert lag == 0, f"{lag} offsets of {name} are not landed"


def _place(row: Row) -> Place:
    return row["_kafka_topic"], row["_kafka_generation"], row["_kafka_partition"], row["_kafka_offset"]


def _rows(folder: Path) -> Iterator[tuple[Path, Row]]:
    """The rows of the files that landing has named below a table's folder, whatever else lies there."""
    for path in sorted(folder.glob("*/*/*.parquet")):
        if _is_hour(path.parent) and (parse_file_name(path.name) or parse_ledger_name(path.name)):
            yield from ((path, row) for row in pyarrow.parquet.ParquetFile(path).read().to_pylist())


def _is_hour(folder: Path) -> bool:
    """`landed_date=YYYY-MM-DD/landed_hour=HH`, of a day that there is."""
    found = _HOUR.fullmatch("/".join(folder.parts[-2:]))
    try:
        return found is not None and bool(date.fromisoformat(found[1]))
    except ValueError:
        return False


def _compacted(landing: Path) -> dict[tuple[str, str], Row]:
    found = {}
    for path in (landing / "raw" / "compacted_hours").glob("*/*/[!._]*Z.parquet"):
        if _is_hour(path.parent):
            for row in pyarrow.parquet.ParquetFile(path).read().to_pylist():
                found[row["raw_table"], hour_folder(row["compacted_hour"])] = row
    return found


def _catalog(landing: Path, table: str) -> Iterator[Row]:
    """As a catalog reads: an hour of which a compaction is recorded from its copy, the others from `raw`."""
    copied = {hour for of, hour in _compacted(landing) if of == table}
    for path, row in _rows(landing / "raw" / table):
        if "/".join(path.parts[-3:-1]) not in copied:
            yield row
    for hour in copied:
        for path in sorted((landing / "compacted" / table / hour).glob("[!._]*.parquet")):
            yield from pyarrow.parquet.ParquetFile(path).read().to_pylist()


def _each_once(world: World, name: str, raw: list[Row], dead: list[Row], ledger: list[Row]) -> None:
    found = Counter(map(_place, [*raw, *dead]))
    twice = [place for place, count in found.items() if count > 1]
    assert not twice, f"{twice[0]} is there {found[twice[0]]} times"
    due: set[Place] = set()
    for row in ledger:
        if row["_kafka_topic"] == name:
            where = (name, row["_kafka_generation"], row["_kafka_partition"])
            places = {(*where, offset) for offset in range(row["first_offset"], row["end_offset"])}
            there = {place for place in places if world.history[place] is not None and place not in world.gone}
            counted = row["row_count"] + row["dead_letter_count"]
            assert counted == len(there), f"the ledger counts {counted} records of {where}, and {len(there)} were there"
            due |= there
    assert not due - found.keys(), f"{min(due - found.keys())} is lost"
    assert not found.keys() - due, f"{min(found.keys() - due)} is there and not in the ledger"
    for row in dead:
        record = world.history[_place(row)]
        assert record, f"{_place(row)} was never sent"
        assert (row["key_bytes"], row["value_bytes"]) == (record.key, record.value), f"{_place(row)} is changed"
    for row in raw:
        record = world.history[_place(row)]
        assert record, f"{_place(row)} was never sent"
        assert f'"{row["event_id"]}"'.encode() in (record.value or b""), f"{_place(row)} is changed"


def _seamless(world: World, ledger: list[Row]) -> None:
    by_topic: dict[str, dict[datetime, datetime | None]] = {}
    ranges: dict[tuple[str, str, int], list[tuple[int, int, int]]] = {}
    for row in ledger:
        by_topic.setdefault(row["_kafka_topic"], {})[row["_landed_at"]] = row["previous_landed_at"]
        where = (row["_kafka_topic"], row["_kafka_generation"], row["_kafka_partition"])
        ranges.setdefault(where, []).append((row["first_offset"], row["end_offset"], row["given_up_count"]))
    for name, chain in by_topic.items():
        times = sorted(chain)
        assert [chain[at] for at in times] == [None, *times[:-1]], f"the batches of {name} are no chain"
    for where, found in ranges.items():
        found.sort()
        for (_, end, _), (first, _, given_up) in pairwise(found):
            assert first - end == given_up, f"{where}: {end} is followed by {first}, and {given_up} were given up"
        first, _, given_up = found[0]
        missing = [offset for offset in range(first - given_up) if (*where, offset) not in world.gone]
        assert not missing, f"{where} begins at {first} and {missing[0]} was there"


def _copies(landing: Path, table: str) -> None:
    """An hour's copy has the rows of its small files, while all of these are there, and as many as its record says."""
    for (of, hour), record in _compacted(landing).items():
        if of != table:
            continue
        copies = sorted((landing / "compacted" / table / hour).glob("[!._]*.parquet"))
        copied = [row for path in copies for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()]
        assert len(copied) == record["row_count"], f"the copy of {table}/{hour} has {len(copied)} rows"
        small = [
            path
            for path in sorted((landing / "raw" / table / hour).glob("[!._]*.parquet"))
            if parse_file_name(path.name) or parse_ledger_name(path.name)
        ]
        if len(small) == record["file_count"]:
            names = copied[0].keys() if copied else ()
            originals = [
                {name: row.get(name) for name in names}
                for path in small
                for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()
            ]
            assert copied == originals, f"the copy of {table}/{hour} differs from its small files"


def _files(landing: Path) -> dict[str, tuple[int, int]]:
    return {
        path.relative_to(landing).as_posix(): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for folder in ("raw", "compacted", "_staging", "_batches")
        for path in (landing / folder).rglob("*")
        if not path.is_dir()
    }
