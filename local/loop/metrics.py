"""What the loop counts, for Prometheus, and whether it is well. docs/metrics.md has each metric."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from contract.answers import Answer, answered, verdict
from local.checks import LocalError
from local.loop.figures import Figures, Watch
from local.loop.runs import Run, Runs
from local.progress import Progress

CHANGE_ADDRESS = "JUNCTION_METRICS_ADDRESS"
_LONGEST_SILENCE = 60.0  # seconds without a look at the ledger
_MOST_FAILURES = 3  # in a row
_SECONDS = (1, 2.5, 5, 7.5, 10, 15, 30, 60, 120, 300, 600)


class Metrics:
    """One registry for the loop of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._looked_at, self._failures = clock, clock(), 0
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        gauge, counter = partial(Gauge, registry=registry), partial(Counter, registry=registry)
        self._runs = counter("junction_loop_runs", "Runs of dbt.", ["kind", "outcome"])
        self._seconds = Histogram(
            "junction_loop_run_seconds", "A run of dbt.", ["kind"], registry=registry, buckets=_SECONDS
        )
        self._in_a_row = gauge("junction_loop_failures_in_a_row", "Runs that failed since one did not.")
        self._red = gauge("junction_loop_tests_failed", "1 while data tests have failed and not passed since.")
        self._through = gauge(
            "junction_loop_landed_through_timestamp_seconds", "The marts have what was landed until then."
        )
        self._unreadable = gauge("junction_loop_ledger_unreadable", "1 while the bucket did not answer the last look.")
        self._node = gauge("junction_dbt_node_seconds", "The last time that dbt ran it.", ["node", "kind"])
        self._failed = counter("junction_dbt_node_failures", "Times that it failed.", ["node", "kind"])
        self._rows = gauge("junction_mart_rows", "Rows of the mart.", ["mart"])
        self._written = gauge(
            "junction_mart_written_timestamp_seconds", "When the run began that last wrote a row.", ["mart"]
        )
        for kind in ("run", "tests"):
            self._seconds.labels(kind)
            for outcome in ("done", "failed"):
                self._runs.labels(kind, outcome)

    def follow(self, progress: Progress, runs: Runs, watch: Watch) -> None:
        """Count what these three find."""
        progress.on_node = self.node
        runs.on_end = lambda run: self.ended(run, runs.failures, bool(runs.red), runs.through)
        watch.on_look = self.looked

    def ended(self, run: Run, failures: int, red: bool, through: datetime | None) -> None:
        """A run has ended: failures in a row, whether tests are red, and until when the marts have what was landed."""
        kind = "tests" if run.tests else "run"
        self._runs.labels(kind, "failed" if run.failure else "done").inc()
        self._seconds.labels(kind).observe(run.seconds)
        self._failures = failures
        self._in_a_row.set(failures)
        self._red.set(red)
        self._through.set(through.timestamp() if through else 0)

    def node(self, name: str, kind: str, status: str, seconds: float) -> None:
        """dbt has run a node (model, seed, test, …)."""
        self._node.labels(name, kind).set(seconds)
        if status in ("error", "fail", "runtime error"):
            self._failed.labels(name, kind).inc()

    def looked(self, figures: Figures) -> None:
        """The loop has looked at the ledger and the marts; a bucket that does not answer is no look."""
        self._unreadable.set(bool(figures.trouble))
        if not figures.trouble:
            self._looked_at = self._clock()
        for mart in figures.marts:
            self._rows.labels(mart.name).set(mart.rows)
            if mart.built:
                self._written.labels(mart.name).set(mart.built.timestamp())

    def health(self) -> tuple[bool, str]:
        """Whether the loop looks at the ledger and its runs succeed, and a JSON object that says so."""
        age = self._clock() - self._looked_at
        well = age <= _LONGEST_SILENCE and self._failures < _MOST_FAILURES
        return well, json.dumps({"is_well": well, "looked_s_ago": round(age, 1), "failures_in_a_row": self._failures})


@contextmanager
def served(metrics: Metrics, address: tuple[str, int] | None) -> Iterator[None]:
    """Serve `/metrics` and `/healthz` at (host, port) while the context lasts; nothing without an address.

    Raises LocalError if the address cannot be had.
    """
    if address is None:
        yield
        return
    paths: dict[str, Callable[[], Answer]] = {
        "/metrics": lambda: (200, CONTENT_TYPE_LATEST, generate_latest(metrics.registry)),
        "/healthz": lambda: verdict(*metrics.health()),
    }
    with ExitStack() as stack:
        try:
            stack.enter_context(answered(address, paths))
        except OSError as error:
            raise LocalError(
                f"The loop's metrics cannot be served on {address[0]}:{address[1]} ({error.strerror}): "
                f"choose another address ({CHANGE_ADDRESS})."
            ) from error
        yield
