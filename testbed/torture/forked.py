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
from collections.abc import Callable
from typing import Any

from ingest import __main__ as command
from ingest.landing import land
from ingest.landing.kafka_admin import KafkaTopic
from testbed.torture.crash import arm, contract_of
from testbed.torture.points import AT_A_START, EVERYWHERE, STAGING

_REAL = {name: vars(land)[name] for name in ("stage", "complete", "_batch_function")}


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


class Deaths:
    """Takes the place of functions of `land`, so that children die at the points that standard input names."""

    def __init__(self) -> None:
        self._name: str | None = None
        self._is_child = False
        self._known = _Known(KafkaTopic("", "", ()))
        vars(land).update(stage=self.stage, complete=self.complete, _batch_function=self.batch_function)

    def batch_function(self, landing: Any, topics: Any) -> Callable[[Any, int], None]:
        """`land._batch_function`, whose batches are taken up again after each death."""
        self._known = _Known(landing.kafka)
        real = _REAL["_batch_function"](landing, _Either(self, topics))

        def land_batch(records: Any, batch_id: int) -> None:
            try:
                while not _is_landed(real, records, batch_id):
                    while self._due() in AT_A_START:
                        if self._forked():
                            _take_up(landing, self._known)
                            return
                    landing.ledger = _take_up(landing, topics).ledger
            finally:
                if self._is_child:  # it got past its point, or failed
                    traceback.print_exc()
                    os._exit(3)

        return land_batch

    def stage(self, *arguments: Any) -> Any:
        """`land.stage`, or the death of a child before or after it."""
        if self._due() in AT_A_START:
            raise _AgainError
        return self._step("stage", self._due() in STAGING, arguments)

    def complete(self, *arguments: Any) -> Any:
        """`land.complete`, or the death of a child that goes on from there."""
        return self._step("complete", self._due() != "", arguments)

    def _step(self, function: str, dies: bool, arguments: tuple[Any, ...]) -> Any:
        if not dies:
            return _REAL[function](*arguments)
        if self._forked():
            return vars(land)[function](*arguments)  # which may be what kills
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
            vars(land).update({function: _REAL[function] for function in ("stage", "complete")})
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


def _take_up(landing: Any, topics: Any) -> Any:
    return vars(land)["_take_up"](landing.contract, landing.topic, landing.settings, topics)


def _is_landed(real: Callable[[Any, int], None], records: Any, batch_id: int) -> bool:
    try:
        real(records, batch_id)
    except _AgainError:
        return False
    return True


def main() -> int:
    """Run the landing job; its exit code."""
    topics, *sys.argv[1:] = sys.argv[1:]
    contract = contract_of(topics)
    vars(command)["load_contract"] = lambda: contract
    Deaths()
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
