"""A landing job whose forked children die in its place: `python -m testbed.torture.forked TOPICS …`, as crash.py.

It reads names of points.BY_FORK from its standard input, one a line. For each it forks where the code has only files
to write; the child goes on with that code and kills itself (SIGKILL) at the point. Then the job does what a start does
with what a dead job has left, and lands the batch again. `died: NAME` says that a child died there. After an empty line
it lands the rest. So one JVM serves many deaths. What dies together with the JVM is crash.py's.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from contract.model import Contract
from ingest import __main__ as command
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.kafka_admin import KafkaTopic
from ingest.landing.topic import TopicLanding
from testbed.torture.crash import arm, contract_of
from testbed.torture.points import AT_A_START, EVERYWHERE, STAGING

_OWNERS: dict[str, type] = {"begin": LandingFolder, "complete": TopicLanding, "land_batch": TopicLanding}
_REAL = {name: vars(owner)[name] for name, owner in _OWNERS.items()}


class _AgainError(Exception):
    """A child has died, or is to die at a start: the batch is to be taken up again."""


class _Known:
    """What a child knows of its topic: it must not use the connection to the JVM, which is its parent's."""

    def __init__(self, kafka: KafkaTopic) -> None:
        self._kafka = kafka

    def describe(self, topic: str) -> KafkaTopic:
        return self._kafka

    def first_offsets(self, topic: str, partitions: object) -> dict[int, int]:
        return {}

    def end_offsets(self, topics: Iterable[str]) -> dict[str, dict[int, int]]:
        return {topic: {} for topic in topics}

    def record_at(self, topic: str, partition: int, offset: int) -> None:
        """None, as of a record that retention removed: it proves nothing about the log."""


class Deaths:
    """Takes the place of methods of landing, so that children die at the points that standard input names."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._name: str | None = None
        self._is_child = False
        self._known = _Known(KafkaTopic("", "", ()))
        _replace(
            begin=lambda *arguments: self.begin(*arguments),
            complete=lambda *arguments: self.complete(*arguments),
            land_batch=lambda *arguments: self.land_batch(*arguments),
        )

    def land_batch(self, landing: TopicLanding, records: Any, batch_id: int) -> None:
        """`TopicLanding.land_batch`, whose batch is taken up again after each death."""
        if not isinstance(landing.topics, _Either):
            self._known = _Known(landing.kafka)
            vars(landing)["topics"] = _Either(self, landing.topics)
        try:
            while not _is_landed(landing, records, batch_id):
                while self._due() in AT_A_START:
                    if self._forked():
                        self._take_up(landing)
                        return
                landing.ledger = self._take_up(landing).ledger
        finally:
            if self._is_child:  # it got past its point, or failed
                traceback.print_exc()
                os._exit(3)

    def begin(self, *arguments: Any) -> Any:
        """`LandingFolder.begin`, or the death of a child before or after it."""
        if self._due() in AT_A_START:
            raise _AgainError
        return self._step("begin", self._due() in STAGING, arguments)

    def complete(self, *arguments: Any) -> Any:
        """`TopicLanding.complete`, or the death of a child that goes on from there."""
        return self._step("complete", self._due() != "", arguments)

    def _take_up(self, landing: TopicLanding) -> TopicLanding:
        return TopicLanding.take_up(self._contract, landing.topic, landing.settings, landing.topics)

    def _step(self, function: str, dies: bool, arguments: tuple[Any, ...]) -> Any:
        if not dies:
            return _REAL[function](*arguments)
        if self._forked():
            return getattr(_OWNERS[function], function)(*arguments)  # which may be what kills
        raise _AgainError

    def _due(self) -> str:
        if self._name is None:
            self._name = sys.stdin.readline().strip()
        return self._name

    def _forked(self) -> bool:
        """In the child, which is armed: True. In the job, when the child has ended: False."""
        name = self._due()
        child = os.fork()
        if child == 0:
            self._is_child = True
            _replace(begin=_REAL["begin"], complete=_REAL["complete"])
            arm(EVERYWHERE[name], [])
            return True
        _, status = os.waitpid(child, 0)
        died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(f"{'died' if died else f'ended with status {status}'}: {name}", flush=True)
        self._name = None
        return False

    def known(self, topics: Any) -> Any:
        """The job's topics; in a child what it knows of them."""
        return self._known if self._is_child else topics


class _Either:
    """The topics of a batch, also of one that goes on in a child."""

    def __init__(self, deaths: Deaths, topics: Any) -> None:
        self._deaths, self._topics = deaths, topics

    def __getattr__(self, name: str) -> Any:
        return getattr(self._deaths.known(self._topics), name)


def _replace(**methods: Callable[..., Any]) -> None:
    for name, method in methods.items():
        setattr(_OWNERS[name], name, method)


def _is_landed(landing: TopicLanding, records: Any, batch_id: int) -> bool:
    try:
        _REAL["land_batch"](landing, records, batch_id)
    except _AgainError:
        return False
    return True


def main() -> int:
    """Run the landing job; its exit code."""
    topics, *sys.argv[1:] = sys.argv[1:]
    contract = contract_of(topics)
    vars(command)["load_contract"] = lambda: contract
    Deaths(contract)
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
