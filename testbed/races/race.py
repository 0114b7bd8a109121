"""One race: three jobs land one topic into one folder at once, without a lock, until the time is over."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pyarrow as pa
from pyspark.sql import Row

from contract.model import Contract, Topic
from contract.options import Place
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, Ranges, read_ledger
from ingest.folder.store import Store, store_at
from ingest.landing.batch import Batch, Schemas
from ingest.landing.write import writer
from testbed.landing.bad_input import GOOD
from testbed.races.observer import Observer
from testbed.races.shaken import Crash, Shaken

JOBS, PARTITIONS, GENERATION = 3, 3, "raceGeneration00000001"
_DEAD = 17  # an offset that it divides is a dead letter
_MOST = 30  # records of a partition that come between two batches
_TWINS = 0.1  # of batches: a speculative task writes all of it a second time
_REFUSED = {"Another job was first": "another job was first", "removed before": "staged work removed"}
_BEGIN = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)


@dataclass
class Race:
    """What came of one; `seen` counts crashes, pauses, batches, twins, and refusals by their first words."""

    seed: int
    store: str
    rows: int = 0
    looks: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Runner:
    """Runs one race."""

    def __init__(self, contract: Contract, topic: Topic, place: Place, seed: int, seconds: float) -> None:
        self._contract, self._topic, self._place, self._seed = contract, topic, place, seed
        self._until = time.monotonic() + seconds
        self._schemas = Schemas.of(contract, topic)
        self._produced = [0] * PARTITIONS
        self._clock = _BEGIN
        self._lock = threading.Lock()
        self.seen: Counter[str] = Counter()
        self._ended: list[str] = []  # jobs that failed in another way than a landing job says

    def run(self, name: str) -> Race:
        """Let the jobs race, look on, and count at the end what is there."""
        folder = LandingFolder.at(self._place)
        observer = Observer(folder, self._topic.table)
        jobs = [threading.Thread(target=self._job, args=(number,), daemon=True) for number in range(JOBS)]
        for thread in (observer, *jobs):
            thread.start()
        for job in jobs:
            job.join()
        folder.recover(self._topic.topic)
        observer.end()
        ledger = read_ledger(folder, self._topic.topic, GENERATION, PARTITIONS)
        due = {(part, offset) for part, end in ledger.ends.items() for offset in range(end)}
        faults = [*observer.faults, *self._ended]
        there = set(observer.rows)
        for what, records in (("missing", due - there), ("beyond the ledger", there - due)):
            if records:
                faults.append(f"{len(records)} records {what}, such as {min(records)}")
        return Race(self._seed, name, len(due), observer.looks, self.seen, faults)

    def _job(self, number: int) -> None:
        dice = random.Random(f"{self._seed}-{number}")
        while time.monotonic() < self._until:
            store = cast(Store, Shaken(store_at(self._place), dice, self.seen))
            folder = LandingFolder(store)
            try:
                folder.recover(self._topic.topic)
                ledger = read_ledger(folder, self._topic.topic, GENERATION, PARTITIONS)
                while time.monotonic() < self._until:
                    self._land(folder, ledger, dice)
            except Crash:
                continue
            except LandingError as error:
                self.seen[_kind(error)] += 1
                time.sleep(dice.random() * 0.3)
            except Exception as error:
                self._ended.append(f"job {number} ended: {error!r}")
                return

    def _land(self, folder: LandingFolder, ledger: Ledger, dice: random.Random) -> None:
        with self._lock:
            self._produced = [end + dice.randrange(_MOST) for end in self._produced]
            self._clock += timedelta(milliseconds=dice.randrange(40_000))
            at, produced = self._clock - timedelta(minutes=dice.choice([0, 0, 0, 90])), list(self._produced)
        due = {part: ledger.ends.get(part, 0) for part in range(PARTITIONS)}
        ends = {part: dice.randint(due[part], max(due[part], produced[part])) for part in due}
        ranges = {part: (due[part], ends[part]) for part in due if ends[part] > due[part]}
        if not ranges:
            return
        landed_at = ledger.next_landing(at)
        staging = folder.begin(self._topic.topic, 0, ledger.newest)
        batch = Batch(self._topic, GENERATION, landed_at, ranges, staging, self._schemas, {}, ledger.newest)
        if dice.random() < _TWINS:
            self.seen["twins"] += 1
            _written(batch)
        batch.staging.mark_complete(batch.moves(_written(batch)))
        batch.staging.publish()
        ledger.record(ranges, landed_at)
        self.seen["batches"] += 1


def _kind(error: LandingError) -> str:
    """What a job was refused for."""
    text = str(error)
    return next((kind for words, kind in _REFUSED.items() if words in text), text)


def _written(batch: Batch) -> list[Row]:
    """What a task does with its partition, for each."""
    records = (_records(batch.ranges, part) for part in batch.ranges)
    return [Row(**row) for chunk in records for part in writer(batch)([chunk]) for row in part.to_pylist()]


def _records(ranges: Ranges, partition: int) -> pa.RecordBatch:
    def value(offset: int) -> bytes:
        if offset % _DEAD == 0:
            return b"{"
        return json.dumps(GOOD | {"event_id": f"{partition}-{offset}"}).encode()

    offsets: list[Any] = list(range(*ranges[partition]))
    return pa.RecordBatch.from_pydict(
        {
            "partition": pa.array([partition] * len(offsets), pa.int32()),
            "offset": pa.array(offsets, pa.int64()),
            "timestamp": pa.array([_BEGIN] * len(offsets), pa.timestamp("us", "UTC")),
            "key": pa.array([b"key"] * len(offsets), pa.binary()),
            "value": pa.array([value(offset) for offset in offsets], pa.binary()),
        }
    )
