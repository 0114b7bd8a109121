"""What the loop shows, asked of Kafka, the ledger and the warehouse while it goes on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from local import build, report
from local.loop.ledger import Landed, Ledger
from local.loop.offsets import Offsets
from local.loop.runs import Runs

_KAFKA_EVERY = 1.0
_AT_MOST = 0.05  # of the time may be spent on asking the marts
_LATEST = 5
_ANOMALIES = "minute_start, sensor_id, road_id, kind"
_ALERTS = "event_time, car_id, speed, rpm, gear, reasons"


@dataclass(frozen=True)
class Topic:
    """A topic: records a second that come to Kafka, how many are not landed, rows and dead letters that are."""

    name: str
    rate: float
    lag: int
    landed: Landed


@dataclass(frozen=True)
class Mart:
    """A mart: its rows, and when the run began that last wrote one of them (UTC), if it tells."""

    name: str
    rows: int
    built: datetime | None


@dataclass
class Figures:
    """What was found last."""

    topics: list[Topic] = field(default_factory=list)
    kafka_answers: bool = True
    trouble: str = ""  # why the bucket that is landed in does not answer
    marts: list[Mart] = field(default_factory=list)
    anomalies: Sequence[Sequence[Any]] = ()
    alerts: Sequence[Sequence[Any]] = ()


class Watch:
    """A thread that follows the ledger, tells the runs of it, and keeps `figures` up to date.

    `failure` has what ended it, if anything did.
    """

    def __init__(self, warehouse: duckdb.DuckDBPyConnection, ledger: Ledger, offsets: Offsets, runs: Runs) -> None:
        self._warehouse = warehouse.cursor()
        self._warehouse.execute("set TimeZone = 'UTC'")
        self._ledger, self._offsets, self._runs = ledger, offsets, runs
        self._kafka_at = self._marts_at = 0.0
        self._relations: dict[str, str] = {}
        self._shown_run: object = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self.figures = Figures()
        self.on_look: Callable[[Figures], None] | None = None
        self.failure: Exception | None = None

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._warehouse.close()

    def _go_on(self) -> None:
        try:
            while not self._stop.is_set():
                self._runs.landed(self._ledger.follow())
                self.figures.trouble = self._ledger.trouble
                now = time.monotonic()
                if now >= self._kafka_at:
                    self._kafka_at = now + _KAFKA_EVERY
                    self._ask_kafka()
                if self._runs.last is not self._shown_run and now >= self._marts_at:
                    self._shown_run = self._runs.last
                    self._ask_marts()
                    took = time.monotonic() - now
                    self._marts_at = now + took / _AT_MOST
                if self.on_look:
                    self.on_look(self.figures)
                self._stop.wait(self._ledger.files.every)
        except Exception as error:  # whatever it is, it is for the thread that owns the loop
            self.failure = error

    def _ask_kafka(self) -> None:
        self.figures.kafka_answers = self._offsets.ask()
        landed = self._ledger.topics
        self.figures.topics = [
            Topic(name, self._offsets.rate(name), self._offsets.lag(name, landed.get(name, Landed()).ends),
                  landed.get(name, Landed()))
            for name in sorted(self._offsets.ends)
        ]  # fmt: skip

    def _ask_marts(self) -> None:
        if not self._relations:
            with contextlib.suppress(OSError):  # no run has come so far
                self._relations = report.marts(build.manifest())
        self.figures.marts = [mart for name in self._relations if (mart := self._mart(name))]
        self.figures.anomalies = self._latest("fct_traffic_anomalies", _ANOMALIES)
        self.figures.alerts = self._latest("fct_car_alerts", _ALERTS)

    def _mart(self, name: str) -> Mart | None:
        relation = self._relations[name]
        found = self._rows(f"select count(*), max(_built_ms) from {relation}") or self._rows(
            f"select count(*), null from {relation}"
        )
        if not found:
            return None
        ((rows, built_ms),) = found
        return Mart(name, rows, None if built_ms is None else datetime.fromtimestamp(built_ms / 1000, UTC))

    def _latest(self, mart: str, columns: str) -> Sequence[Sequence[Any]]:
        if mart not in self._relations:
            return ()
        time_of = columns.partition(",")[0]
        return self._rows(f"select {columns} from {self._relations[mart]} order by {time_of} desc limit {_LATEST}")

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """None of a mart that is not there yet, is being replaced, or lacks a column. Raises FatalException."""
        try:
            return self._warehouse.execute(sql).fetchall()
        except duckdb.FatalException:  # the database answers nothing more until it is opened again
            raise
        except duckdb.Error:
            return []
