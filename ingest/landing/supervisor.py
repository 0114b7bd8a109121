"""Keeps the topics' queries running: one that fails is taken up again, and the job ends when one stays down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from contract.model import Contract, Topic
from ingest.errors import LandingError
from ingest.failure import sentence
from ingest.landing.health import Health, TopicHealth
from ingest.landing.kafka_admin import Topics
from ingest.landing.topic import TopicLanding
from ingest.settings import Settings

log = logging.getLogger("ingest")
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds between two attempts: doubled each time
_STEADY = 30.0  # seconds that a query runs without a failure, and counts as well again
_LOOK_EVERY = 5.0  # seconds
_MOST_BACK = 60.0  # seconds that a clock may be set back


@dataclass
class Supervised:
    """One topic of the job: its query, or when it is taken up again."""

    topic: Topic
    landing: TopicLanding | None = None
    query: StreamingQuery | None = None
    started_at: float = 0.0
    failure: str = ""
    failures: int = 0  # in a row
    down_since: float | None = None
    retry_at: float = 0.0
    lagging_since: float | None = None


class Supervisor:
    """`step` again and again; `stop` at the end, however it comes."""

    def __init__(
        self, session: SparkSession, contract: Contract, settings: Settings, topics: Topics, health: Health,
        clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._session, self._contract, self._settings = session, contract, settings
        self._topics, self._health, self._clock, self._wall = topics, health, clock, wall
        self._apart = wall() - clock()
        self._looked_at = clock() - _LOOK_EVERY
        self.supervised = [Supervised(topic) for topic in settings.chosen(contract)]

    def step(self) -> None:
        """Look at each query once. Raises LandingError if a topic has been down for too long, or Spark is gone, or
        if the clock was set back.
        """
        now = self._clock()
        self._check_clock(now)
        for one in self.supervised:
            if one.query is None:
                if now >= one.retry_at:
                    self._start(one)
            elif not one.query.isActive:
                self._failed(one, one.query.exception() or LandingError("The query was stopped: start again."))
            elif one.failures and (_has_landed(one) or now >= one.started_at + _STEADY):
                log.info("%s: lands again", one.topic.topic)
                one.failures, one.down_since, one.failure = 0, None, ""
        self._give_up(now)
        if now >= self._looked_at + _LOOK_EVERY:
            self._looked_at = now
            self._look(now)

    def stop(self) -> None:
        """Stop the queries that run: a batch at hand is finished or thrown away by the next start."""
        for one in self.supervised:
            if one.query:
                one.query.stop()

    def _start(self, one: Supervised) -> None:
        try:
            one.landing = TopicLanding.take_up(self._contract, one.topic, self._settings, self._topics)
            one.query = one.landing.start(self._session)
            one.started_at = self._clock()
        except Exception as error:  # whatever it is, it is this topic's; the others go on
            self._failed(one, error)

    def _failed(self, one: Supervised, error: BaseException) -> None:
        now = self._clock()
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**one.failures)
        one.query, one.failure, one.failures, one.retry_at = None, sentence(error), one.failures + 1, now + wait
        one.down_since = now if one.down_since is None else one.down_since
        log.error(
            "%s: failed, taken up again in %.0f s, the other topics go on: %s", one.topic.topic, wait, one.failure
        )

    def _check_clock(self, now: float) -> None:
        """Spark waits for a topic's next batch, and Kafka's clients for a new connection, by the wall clock: for hours,
        if it was set back by so many.
        """
        before, self._apart = self._apart, self._wall() - now
        if self._apart < before - _MOST_BACK:
            raise LandingError(
                f"This machine's clock was set back by {(before - self._apart) / 60:.0f} minutes: start again, and "
                "landing goes on where it was."
            )

    def _give_up(self, now: float) -> None:
        down = [one for one in self.supervised if one.down_since is not None and not one.query]
        too_long = [one for one in down if now - (one.down_since or now) >= self._settings.give_up_seconds]
        if too_long or (down and _has_ended(self._session)):
            which = "; ".join(f"{one.topic.topic}: {one.failure}" for one in down)
            raise LandingError(f"{len(down)} topic(s) were not landed completely. {which}")

    def _look(self, now: float) -> None:
        """What /healthz answers: asked of Kafka once for all topics."""
        landings = [one.landing for one in self.supervised if one.landing and one.query]
        try:
            ends = self._topics.end_offsets({landing.kafka.name: landing.kafka.partitions for landing in landings})
        except LandingError as error:
            log.warning("%s", error)
            ends = {}
        self._health.found({one.topic.topic: _health_of(one, ends, now) for one in self.supervised})


def _has_landed(one: Supervised) -> bool:
    return one.landing is not None and one.landing.landed_last is not None


def _health_of(one: Supervised, ends: dict[str, dict[int, int]], now: float) -> TopicHealth:
    if not one.landing or not one.query:
        return TopicHealth(None, 0.0, None, one.failure)
    name, began = one.landing.kafka.name, one.landing.batch_began
    lag = one.landing.ledger.lag(ends[name]) if name in ends else None
    if lag == 0:
        one.lagging_since = None
    elif one.lagging_since is None:
        one.lagging_since = now
    waiting = 0.0 if one.lagging_since is None else now - max(one.lagging_since, one.landing.landed_last or 0.0)
    return TopicHealth(lag, round(waiting, 1), None if began is None else round(now - began, 1), one.failure)


def _has_ended(session: SparkSession) -> bool:
    """Whether the JVM that this process has started is gone."""
    gateway: Any = session.sparkContext._gateway
    process = getattr(gateway, "proc", None)
    return process is not None and process.poll() is not None
