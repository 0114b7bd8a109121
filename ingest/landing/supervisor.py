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
from ingest.errors import LandingError, MissingTopicError
from ingest.failure import OUT_OF_MEMORY, sentence
from ingest.landing import metrics
from ingest.landing.health import Health, TopicHealth, patience
from ingest.landing.kafka_admin import Topics
from ingest.landing.session import FORGOTTEN
from ingest.landing.topic import TopicLanding
from ingest.settings import Settings

log = logging.getLogger("ingest")
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds between two attempts: doubled each time
_LOOK_EVERY = 5.0  # seconds
_MOST_BACK = 60.0  # seconds that a clock may be set back
_STUCK = "It lands nothing although Kafka has records, or Kafka does not answer: start again."


@dataclass
class Supervised:
    """One topic of the job: its query, or when it is taken up again."""

    topic: Topic
    settings: Settings  # with smaller batches once it ran out of memory
    landing: TopicLanding | None = None
    query: StreamingQuery | None = None
    failure: str = ""
    failures: int = 0  # in a row
    down_since: float | None = None
    retry_at: float = 0.0
    lagging_since: float | None = None
    is_stuck: bool = False  # its query runs and lands nothing of what there is

    @property
    def landed_last(self) -> float:
        """When the query at hand landed a batch; 0 if it has not."""
        return (self.landing and self.landing.landed_last) or 0.0

    def is_up_again(self) -> None:
        """Forget the failures."""
        log.info("%s: lands again", self.topic.topic)
        self.failures, self.down_since, self.failure, self.is_stuck = 0, None, "", False


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
        self.supervised = [Supervised(topic, settings) for topic in settings.chosen(contract)]
        metrics.known(one.topic.topic for one in self.supervised)

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
            elif one.down_since is not None and one.landed_last >= one.down_since:
                one.is_up_again()
        if now >= self._looked_at + _LOOK_EVERY:
            self._looked_at = now
            self._look(now)
        self._give_up(now)

    def finish(self, seconds: float) -> None:
        """Let the batches at hand end, for so many seconds at most, and begin no other."""
        at_hand = [one.landing for one in self.supervised if one.landing and one.query]
        for landing in at_hand:
            landing.is_ending = True
        self._health.is_ending = True
        until = self._clock() + seconds
        while self._clock() < until and any(landing.batch_began is not None for landing in at_hand):
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the queries that run: a batch at hand is finished or thrown away by the next start."""
        for one in self.supervised:
            if one.query:
                end_query(one.topic.topic, one.query)

    def _start(self, one: Supervised) -> None:
        try:
            one.landing = TopicLanding.take_up(self._contract, one.topic, one.settings, self._topics)
            one.query = one.landing.start(self._session)
        except Exception as error:  # whatever it is, it is this topic's; the others go on
            self._failed(one, error)

    def _failed(self, one: Supervised, error: BaseException) -> None:
        now = self._clock()
        failure = sentence(error)
        least = FORGOTTEN if failure == OUT_OF_MEMORY else _FIRST_WAIT
        wait = min(_LONGEST_WAIT, max(least, _FIRST_WAIT * 2 ** min(one.failures, 6)))
        one.query, one.failure, one.failures, one.retry_at = None, failure, one.failures + 1, now + wait
        one.down_since = now if one.down_since is None else one.down_since
        smaller = one.settings.smaller() if failure == OUT_OF_MEMORY else None
        one.settings = smaller or one.settings
        metrics.RESTARTS.labels(one.topic.topic).inc()
        log.error(
            "%s: failed, taken up again in %.0f s%s, the other topics go on: %s",
            one.topic.topic, wait, f" with {smaller.bounds}" if smaller else "", one.failure,
            extra={"topic": one.topic.topic},
        )  # fmt: skip

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
        """A topic that is taken up again and lands a batch at this moment is given the time to end it."""
        down = [one for one in self.supervised if one.down_since is not None and (one.is_stuck or not one.query)]
        too_long = [one for one in down if now - (one.down_since or now) >= self._settings.give_up_seconds]
        if too_long or (down and _has_ended(self._session)):
            which = "; ".join(f"{one.topic.topic}: {one.failure or _STUCK}" for one in down)
            raise LandingError(f"{len(down)} topic(s) were not landed completely. {which}")

    def _look(self, now: float) -> None:
        """What /healthz answers, and whether a query that runs is stuck."""
        ends = self._ends([one.landing for one in self.supervised if one.landing and one.query])
        found = {}
        for one in self.supervised:
            health = found[one.topic.topic] = self._health_of(one, ends, now)
            self._show(one, health, now)
            one.is_stuck = bool(one.query) and not health.moves
            if one.is_stuck:
                one.down_since = now if one.down_since is None else one.down_since
            elif one.query and one.down_since is not None and (health.is_done or not one.failure):
                one.is_up_again()
        self._health.found(found)

    def _show(self, one: Supervised, health: TopicHealth, now: float) -> None:
        name = one.topic.topic
        if health.lag is not None:
            metrics.LAG_RECORDS.labels(name).set(health.lag)
            metrics.LAG_SECONDS.labels(name).set(0 if one.lagging_since is None else now - one.lagging_since)
        metrics.UP.labels(name).set(health.is_well)

    def _ends(self, landings: list[TopicLanding]) -> dict[str, dict[int, int]]:
        """The ends of the topics in Kafka, asked once for all, or one by one if one of them is gone."""
        wanted = {landing.kafka.name: landing.kafka.partitions for landing in landings}
        try:
            return self._topics.end_offsets(wanted)
        except MissingTopicError as error:
            if len(wanted) > 1:
                return {name: end for one in landings for name, end in self._ends([one]).items()}
            log.warning("%s", error)
        except LandingError as error:
            log.warning("%s", error)
        return {}

    def _health_of(self, one: Supervised, ends: dict[str, dict[int, int]], now: float) -> TopicHealth:
        if not one.landing or not one.query:
            return TopicHealth(None, 0.0, None, one.failure)
        name, began = one.landing.kafka.name, one.landing.batch_began
        lag = one.landing.ledger.lag(ends[name]) if name in ends else None
        if lag == 0:
            one.lagging_since = None
        elif one.lagging_since is None:
            one.lagging_since = now
        waiting = 0.0 if one.lagging_since is None else now - max(one.lagging_since, one.landed_last)
        batch = None if began is None else round(now - began, 1)
        return TopicHealth(lag, round(waiting, 1), batch, one.failure, patience(self._settings.trigger_seconds or 0))


def end_query(topic: str, query: StreamingQuery) -> None:
    """Stop a query, or log that it does not: it hangs, or the JVM is gone; the end of the job has another reason."""
    try:
        query.stop()
    except Exception as error:  # of Spark or of py4j
        log.warning("%s: its query does not stop: %s", topic, sentence(error))


def _has_ended(session: SparkSession) -> bool:
    """Whether the JVM that this process has started is gone."""
    gateway: Any = session.sparkContext._gateway
    process = getattr(gateway, "proc", None)
    return process is not None and process.poll() is not None
