"""A landing folder, topics in memory, a clock, and all that landing does with them, by its own code."""

from __future__ import annotations

import json
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pyspark.sql import Row

from contract.model import Contract
from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.kafka_log import Record
from ingest.landing.topic import TopicLanding
from ingest.landing.write import writer
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from ingest.settings import Settings
from testbed.attack.kafka_in_memory import Log
from testbed.landing.bad_input import GOOD
from testbed.oracle.inputs import project_contract
from testbed.torture.crash import arm
from testbed.torture.points import EVERYWHERE

TABLES = ("sensors_sample", "weather")
_LIFE = "abcdefghijklmnopqrst"
Place = tuple[str, str, int, int]  # topic, generation, partition, offset


class World:
    """`gone`: places whose record Kafka had removed before they were landed. `names`: the topics'."""

    def __init__(self, folder: Path, seed: int, names: tuple[str, ...] = ("sensors-sample", "other.sensors")) -> None:
        self.draw = Random(f"world {seed}")
        self.folder = folder
        self.landing = folder / "landing"
        whole = project_contract()
        like = whole.topic("sensors-sample")
        topics = [replace(like, topic=name, table=f"t_{number}") for number, name in enumerate(names)]
        self.contract: Contract = replace(whole, topics=tuple(topics))
        self.clock = datetime(2026, 3, 2, 8, 10, tzinfo=UTC)
        self.logs: dict[str, Log] = {}
        self.history: dict[Place, Record | None] = {}
        self.gone: set[Place] = set()
        self.done: list[str] = []
        self._lives = 0
        self._events = 0
        for name in names:
            self.make_topic(name, self.draw.choice([1, 2, 3]))

    def make_topic(self, name: str, partitions: int) -> None:
        """A topic, or its next life."""
        self._lives += 1
        generation = f"{self.draw.choice(_LIFE)}-{self.draw.choice(_LIFE)}".ljust(18, "x") + f"{self._lives:04d}"
        self.logs[name] = Log(name, generation, {partition: [] for partition in range(partitions)})

    def add_partition(self, name: str) -> None:
        """One more."""
        log = self.logs[name]
        log.partitions[len(log.partitions)] = []

    def produce(self, name: str, count: int, partitions: tuple[int, ...] | None = None) -> None:
        """Records, a few of them malformed; offsets without a record among them."""
        log = self.logs[name]
        for _ in range(count):
            self._events += 1
            good = json.dumps(GOOD | {"event_id": f"e{self._events}", "note": f"n{self._events}"}).encode()
            value = self.draw.choice([good] * 8 + [b"{", None, b"\xff", good[:-1]])
            at = int(self.clock.timestamp() * 1000)
            record = None if self.draw.random() < 0.1 else Record(at, self.draw.choice([b"k", None, b""]), value)
            partition = self.draw.choice(partitions or tuple(log.partitions))
            offset = log.append(partition, record)
            self.history[name, log.generation, partition, offset] = record

    def settings(self, **changes: Any) -> Settings:
        """Of a job whose clock is the world's."""
        whole = Settings("nowhere", self.landing, self.folder / "checkpoints", landed_at=self.clock)
        return replace(whole, **changes)

    def take_up(self, name: str, **changes: Any) -> TopicLanding:
        """What a start of the job does with a topic."""
        topics: Any = self.logs[name]
        return TopicLanding.take_up(self.contract, self.contract.topic(name), self.settings(**changes), topics)

    def land(self, name: str, most: int | None = None, **changes: Any) -> None:
        """A start of the job and its first batch: all that is in the topic, or at most so many offsets a partition."""
        landing = self.take_up(name, **changes)
        log = self.logs[name]
        due = landing.ledger.due
        begins = {part: due.get(part, 0) for part in log.partitions}
        ends = {part: min(len(records), begins[part] + (most or 10**9)) for part, records in log.partitions.items()}
        _plan(landing.checkpoint, name, begins, ends, self.clock)
        batch = landing.plan(0)
        if batch is None:
            return
        size = self.draw.choice([1, 3, 1000])
        written = [Row(**row) for part in writer(batch)(log.batches(batch.ranges, size)) for row in part.to_pylist()]
        landing.complete(batch, written)
        landing.publish(batch)
        landing.record(batch, written)

    def compact(self) -> int:
        """Compact what is closed by the world's clock; how many hours."""
        return len(compact(self._folder(), self.contract, self.clock))

    def expire(self, days: float = 1.0) -> int:
        """Expire by the world's clock; how many files."""
        return expire(self._folder(), self.contract, timedelta(days=days), self.clock)

    def die(self, point: str, work: Callable[[], Any]) -> bool:
        """Let a forked child do the work and die at a point; False if it got by."""
        child = os.fork()
        if child == 0:
            try:
                signal.alarm(60)
                arm(EVERYWHERE[point], [])
                work()
                os._exit(0)
            except LandingError:
                os._exit(4)
            except BaseException:
                traceback.print_exc()
                os._exit(3)
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert died or (os.WIFEXITED(status) and os.WEXITSTATUS(status) in (0, 4)), f"at {point}: status {status}"
        return died

    def _folder(self) -> LandingFolder:
        return LandingFolder.at(self.landing)


def _plan(checkpoint: Path, name: str, begins: dict[int, int], ends: dict[int, int], at: datetime) -> None:
    """Write what Spark writes of a query's first batch."""
    first, entry = checkpoint / "sources" / "0" / "0", checkpoint / "offsets" / "0"
    for path in (first, entry):
        path.parent.mkdir(parents=True, exist_ok=True)
    first.write_text("\0v1\n" + json.dumps({name: begins}))
    entry.write_text(
        "\n".join(["v1", json.dumps({"batchTimestampMs": int(at.timestamp() * 1000)}), json.dumps({name: ends})])
    )
