"""What the supervisor makes of failures over hours, by a clock that the test sets; its queries fail when told to.

tests/ingest/landing/test_supervision.py has the real job.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.reading import load_contract
from ingest.errors import LandingError, MissingTopicError
from ingest.failure import OUT_OF_MEMORY
from ingest.folder.ledger import Ledger
from ingest.landing import land, supervisor
from ingest.landing.health import Health
from ingest.landing.supervisor import Supervisor
from ingest.settings import Settings

FULL = "java.io.IOException: No space left on device"


class Query:
    def __init__(self) -> None:
        self.isActive, self.error = True, ""

    def exception(self) -> Exception:
        return RuntimeError(self.error)

    def stop(self) -> None:
        raise RuntimeError("it hangs")


class Kafka:
    """What Kafka has of each topic: 100 records in one partition, or nothing of a topic that is gone."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    def end_offsets(self, topics: Mapping[str, Any]) -> dict[str, dict[int, int]]:
        if self.gone & topics.keys():
            raise MissingTopicError("gone")
        return {name: {0: 100} for name in topics}


@dataclass
class Job:
    """A supervisor of `topics`, a step of it each half a second."""

    topics: tuple[str, ...]
    settings: Settings
    patch: pytest.MonkeyPatch
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.kafka, self.health = Kafka(), Health(self.time)
        self.taken_up: list[tuple[float, Settings]] = []
        self.patch.setattr(supervisor, "TopicLanding", SimpleNamespace(take_up=self._take_up))
        session: Any = SimpleNamespace(sparkContext=SimpleNamespace(_gateway=None))
        settings = replace(self.settings, topics=self.topics)
        topics: Any = self.kafka
        self.supervisor = Supervisor(session, load_contract(), settings, topics, self.health, self.time, self.time)

    def time(self) -> float:
        return self.now

    def _take_up(self, contract: object, topic: Any, settings: Settings, topics: object) -> Any:
        self.taken_up.append((self.now, settings))
        kafka = SimpleNamespace(name=topic.topic, partitions=(0,))
        landing = SimpleNamespace(kafka=kafka, ledger=Ledger({0: 40}), landed_last=None, batch_began=None)
        landing.start = lambda session: Query()
        return landing

    def run(self, seconds: float, each: Callable[[Any], None] = lambda one: None) -> None:
        end = self.now + seconds
        while self.now < end:
            self.supervisor.step()
            for one in self.supervisor.supervised:
                if one.query:
                    each(one)
            self.now += 0.5

    def fail_after(self, seconds: float, error: str = FULL) -> Callable[[Any], None]:
        """Each query works at a batch for so long, and then fails."""

        def fail(one: Any) -> None:
            one.landing.batch_began = one.landing.batch_began or self.now
            if self.now >= one.landing.batch_began + seconds:
                one.query.isActive, one.query.error = False, error

        return fail


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Job:
    return Job(("weather",), Settings("", tmp_path, tmp_path, trigger_seconds=1.0), monkeypatch)


@pytest.mark.parametrize("seconds", [0, 2, 40, 200])
def test_a_topic_that_never_lands_ends_the_job_however_long_it_takes_to_fail(job: Job, seconds: float) -> None:
    began = job.now
    with pytest.raises(LandingError, match=r"^1 topic\(s\) were not landed completely. weather: The disk is full"):
        job.run(7200, job.fail_after(seconds))
    assert 600 <= job.now - began - seconds <= 600 + seconds + 61
    waits = [after - before - seconds for (before, _), (after, _) in zip(job.taken_up, job.taken_up[1:], strict=False)]
    assert waits == sorted(waits), "the waits between attempts grow"
    assert not job.health.answer()[0]


def test_a_week_of_failures_is_survived(job: Job) -> None:
    job.supervisor._settings = replace(job.settings, give_up_seconds=7 * 86_400.0)
    job.supervisor.supervised[0].failures = 1100
    job.run(200, job.fail_after(1))
    assert len(job.taken_up) == 4


def test_a_topic_that_landed_a_batch_is_up_again(job: Job) -> None:
    job.run(300, job.fail_after(40))
    assert not job.health.answer()[0]

    def land(one: Any) -> None:
        one.landing.batch_began, one.landing.landed_last = None, job.now
        one.landing.ledger.ends[0] += 0.01

    job.run(900, land)
    assert job.health.answer()[0]
    began = job.now
    with pytest.raises(LandingError):
        job.run(7200, job.fail_after(40))
    assert job.now - began >= 600, "the failures of before are forgotten"


def test_a_topic_with_nothing_to_land_is_up_again_without_a_batch(job: Job) -> None:
    job.run(30, job.fail_after(1))
    job.run(1200, lambda one: one.landing.ledger.ends.update({0: 100}))
    assert job.health.answer()[0]


def test_a_query_that_runs_and_lands_nothing_ends_the_job(job: Job) -> None:
    job.run(60)
    assert job.health.answer()[0]
    job.run(10)
    assert not job.health.answer()[0]
    with pytest.raises(LandingError, match="weather: It lands nothing although Kafka has records"):
        job.run(610)
    job.supervisor.stop()  # though its query does not stop


def test_a_query_that_does_not_stop_leaves_the_others_to_be_stopped_and_hides_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As at the end of `--once` (Spark waits for 30 s since the job has a limit for it)."""
    hangs: dict[str, Any] = {"weather": Query(), "vehicle-gps": Query()}
    monkeypatch.setattr(land, "_start_all", lambda *_: (hangs, {}))
    monkeypatch.setattr(land, "_wait", lambda name, query, failures: failures.update({name: FULL}))
    anything: Any = None
    assert land._land_together(anything, anything, anything, anything) == dict.fromkeys(hangs, FULL)


def test_a_long_trigger_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job = Job(("weather",), Settings("", tmp_path, tmp_path, trigger_seconds=300.0), monkeypatch)
    job.run(590)
    assert job.health.answer()[0]


def test_a_topic_that_is_gone_leaves_the_others_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job = Job(("weather", "vehicle-gps"), Settings("", tmp_path, tmp_path, trigger_seconds=1.0), monkeypatch)
    job.kafka.gone.add("weather")
    job.run(20, lambda one: one.landing.ledger.ends.update({0: 100}))
    topics = json.loads(job.health.answer()[1])["topics"]
    assert {name: topic["is_well"] for name, topic in topics.items()} == {"weather": False, "vehicle-gps": True}


def test_a_topic_that_ran_out_of_memory_is_taken_up_with_less_each_time(job: Job) -> None:
    with pytest.raises(LandingError, match=OUT_OF_MEMORY):
        job.run(7200, job.fail_after(1, "java.lang.OutOfMemoryError: Java heap space"))
    polls = [int(settings.consumer()["max.poll.records"]) for _, settings in job.taken_up]
    assert polls[:5] == [500, 62, 7, 1, 1]
    times = [at for at, _ in job.taken_up]
    assert min(after - before for before, after in pairwise(times)) >= 20, "what was polled is held"
