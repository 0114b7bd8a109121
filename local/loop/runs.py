"""When dbt runs in the loop, on what, and what is done when a run fails."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

from local import build
from local.checks import LocalError
from local.door.turns import Turns
from local.loop.ledger import Ledger
from local.loop.untested import AUDIT, Piece, Untested, raw_tables
from local.progress import Progress
from local.refresh import edited, refresh

_MAINTAIN_EVERY = 6 * 3600  # seconds
_WHOLE_EVERY = 600  # seconds; between them no `dbt source freshness` is asked, since the ledger's files say what is new
_TESTS_EVERY = 60.0  # seconds in which each piece of them has its turn; sooner if nothing new is landed
_TESTS_SHARE = 0.05  # of the time, at most, if that makes them rarer
_LOOK_FOR_EDITS_EVERY = 5  # seconds
_LONGEST_PAUSE = 60.0  # seconds, after runs that failed
_LONGEST_REFUSED_PAUSE = 15.0  # seconds, after runs that the run lock refused
_WAITING_PAUSE = 10.0  # seconds, before a topic whose files raw lacks is tried again if nothing more lands in it
_WAITS = re.compile(r"The batch of (\S+) that landed at .* is left for a later run")  # warn_of_waiting_batch.sql


@dataclass(frozen=True)
class Run:
    """A run that has ended, or the data tests after it: the run's number, when it began (UTC), its seconds, and why it
    failed or was refused."""

    number: int
    began: datetime
    seconds: float
    failure: str = ""
    tests: bool = False


class Runs:
    """The loop's dbt runs, one after another. `tables` has the raw table of each Kafka topic.

    The tables that readers look at come first (`dbt run`); the audit and the data tests follow, in pieces, as soon as
    nothing new is landed, and under a steady stream each once a minute, or so often that they take a twentieth of the
    time, over all that was written since (`passed_through`). After a failure `dbt build` takes over, which builds
    nothing over a table whose test fails, until it has passed.
    """

    def __init__(self, progress: Progress, ledger: Ledger, turns: Turns, tables: Mapping[str, str]) -> None:
        self._progress, self._ledger, self._turns, self._tables = progress, ledger, turns, tables
        self._landed: SimpleQueue[str] = SimpleQueue()
        self._new: set[str] = set()  # topics with something that no run has built
        self._untested = Untested(tables)
        self._test_by = self._tests_took = 0.0  # seconds: the end of their pause, and the last piece
        self._parsed: build.Parsed | None = None
        self._whole_again, self._maintain_at = 0.0, time.monotonic() + _MAINTAIN_EVERY
        self._not_before = self._looked = self._waiting_until = 0.0
        self.waiting: frozenset[str] = frozenset()  # topics of which a run left out batches whose files raw lacks
        self.failures = self.refusals = 0  # in a row
        self.red = ""  # the data tests that failed when they were last tried by themselves
        self.last: Run | None = None
        self.on_end: Callable[[Run], None] | None = None
        self.running_since: float | None = None
        self.through: datetime | None = None  # the marts have what was landed until then, less `waiting`

    def landed(self, topics: set[str]) -> None:
        """Something of these topics was landed; any thread may say so."""
        for topic in topics:
            self._landed.put(topic)

    def due(self) -> bool:
        """Whether there is something to do, and no pause to be kept."""
        self._take_in()
        now = time.monotonic()
        if now < self._not_before:
            return False
        if self.waiting and now >= self._waiting_until:
            self._new |= self.waiting
        waits = self._new or self._tests_are_due() or self._parsed is None
        return bool(waits) or now > self._maintain_at or self._was_edited(now)

    def run(self) -> bool:
        """One run, or none if a dbt command is on its way through the door; whether it was one."""
        with self._turns.owner_run() as mine:
            if mine:
                self._run()
            return mine

    def _take_in(self) -> None:
        try:
            while True:
                self._new.add(self._landed.get_nowait())
        except Empty:
            pass

    def _tests_are_due(self) -> bool:
        if not self._untested.pending or self._parsed is None:  # None: a run failed, or none was yet
            return False
        return (self._untested.wrote and not self._new) or time.monotonic() > self._test_by

    def _was_edited(self, now: float) -> bool:
        if now < self._looked + _LOOK_FOR_EDITS_EVERY:
            return False
        self._looked = now
        return self._parsed is not None and edited(self._parsed.at)

    def _run(self) -> None:
        self._take_in()
        tests = self._tests_are_due()
        pieces = self._untested.turn(of_all=bool(self.red)) if tests else []
        taken = set().union(*(piece.topics for piece in pieces)) if tests else self._new
        through = max((topic.newest for topic in [*self._ledger.topics.values()] if topic.newest), default=None)
        began, self.running_since = datetime.now(UTC), time.monotonic()
        failure = ""
        try:
            if tests:
                self._test(pieces)
            else:
                self._new = set()
                self._build(taken)
                self.through = through
            self.failures = self.failures if self.red else 0
            self.refusals = 0
            self._maintain()
        except build.LockHeldError as error:  # a dbt command got in between: its turn
            failure, self._new = str(error), self._new | taken
            self.refusals += 1
            self._not_before = time.monotonic() + min(_LONGEST_REFUSED_PAUSE, 2.0**self.refusals)
            self._whole_again = 0.0
        except LocalError as error:
            failure, self._new, self._parsed = str(error), self._new | taken, None
            self.failures, self.red = self.failures + 1, failure if tests else self.red
            self._not_before = time.monotonic() + min(_LONGEST_PAUSE, 2.0**self.failures)
        seconds, self.running_since = time.monotonic() - self.running_since, None
        number = (self.last.number if self.last else 0) + (0 if tests else 1)
        self.last = Run(number, began, seconds, failure, tests)
        if self.on_end:
            self.on_end(self.last)

    def _build(self, topics: set[str]) -> None:
        """All that has landed since the last time, failed or was edited, with its tests; or, which costs less, the
        tables below what the loop knows to be new."""
        if self._parsed is None or edited(self._parsed.at):
            self._progress.phase("Parsing the dbt project")
            self._whole_again, self._parsed = 0.0, None
            self._parsed = build.parse()
            self._untested.cut(self._parsed.manifest)
        if time.monotonic() >= self._whole_again:
            self._note_built(topics, refresh(self._progress, self._parsed, unit_tests=False), tested=not self.red)
            self._whole_again = time.monotonic() + _WHOLE_EVERY
        elif topics:
            self._note_built(topics, self._below(topics), tested=False)

    def _test(self, pieces: list[Piece]) -> None:
        """The tests of these pieces, in a command that takes the lock: nobody writes beside it."""
        began = time.monotonic()
        self._dbt("build", *self._untested.selection(pieces), "--exclude-resource-type", "unit_test")
        self._untested.seen(pieces)
        self.red = ""
        self._tests_took = time.monotonic() - began
        self._wait_for_tests()

    def _wait_for_tests(self) -> None:
        """The next piece is due at `_test_by` although something is new."""
        every = _TESTS_EVERY / max(1, len(self._untested.pieces))
        self._test_by = time.monotonic() + max(every, self._tests_took / _TESTS_SHARE)

    def _note_built(self, topics: set[str], warnings: Iterable[str], tested: bool) -> None:
        """What of these topics waits for its files, and what the tests have to see."""
        before = self.waiting
        self.waiting = (before - topics) | {match[1] for text in warnings if (match := _WAITS.search(text))}
        self._waiting_until = time.monotonic() + _WAITING_PAUSE
        if tested:
            self._untested.refreshed(topics)
        if not self._untested.pending:
            self._wait_for_tests()
        self._untested.add(self.waiting if tested else topics, not tested and bool(topics - (before & self.waiting)))

    def _below(self, topics: set[str]) -> list[str]:
        """Build as the selector new_data does, for topics that are known to have something new. The warnings."""
        tables = raw_tables(self._tables, topics)
        chosen = [f"source:raw.{table}+,config.materialized:incremental" for table in tables]
        return self._dbt("run", *chosen, "--exclude", AUDIT)

    def _dbt(self, command: str, *chosen: str) -> list[str]:
        """Without artifacts, a tenth of the time: the next refresh takes up whatever landed since the one before it."""
        return build.dbt(self._progress, command, "--no-write-json", "--select", *chosen, parsed=self._parsed)

    def _maintain(self) -> None:
        if time.monotonic() > self._maintain_at:
            self._progress.phase("dbt run-operation maintain_tables")
            build.dbt(self._progress, "run-operation", "maintain_tables", parsed=self._parsed)
            self._maintain_at = time.monotonic() + _MAINTAIN_EVERY
