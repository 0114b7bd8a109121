"""What Spark has read, by dbt node: the input metrics of its stages, from the status store that the UI would show."""

from __future__ import annotations

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

HOOKS = "hooks"  # a statement of no node: run lock, partitions, freshness, what a selection asks
_NODE = re.compile(r'"node_id": "[a-z_]+\.[a-z_]+\.([^".]+)')


@dataclass(frozen=True)
class Read:
    """What the stages of one dbt node read: bytes of files (Delta's log too) and rows."""

    node: str
    size: int
    rows: int


def node_of(query: str) -> str:
    """The dbt node that a statement is of, from dbt's comment in it: its name, or HOOKS."""
    found = _NODE.search(query)
    return found[1] if found else HOOKS


def by_node(reads: Iterable[Read]) -> dict[str, Read]:
    """The sums of each node."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for read in reads:
        sums[read.node][0] += read.size
        sums[read.node][1] += read.rows
    return {node: Read(node, size, rows) for node, (size, rows) in sums.items()}


@contextlib.contextmanager
def all_stages_kept() -> Iterator[None]:
    """Let a session that starts in this block remember its stages, of which it forgets the oldest beyond 1,000."""
    os.environ["PYSPARK_SUBMIT_ARGS"] = "--conf spark.ui.retainedStages=100000 pyspark-shell"
    try:
        yield
    finally:
        del os.environ["PYSPARK_SUBMIT_ARGS"]


@contextlib.contextmanager
def nodes_named() -> Iterator[None]:
    """Let each statement that is sent in this block name its dbt node to Spark."""
    plain = SparkSession.sql

    def named(self: SparkSession, query: str, *arguments: Any, **options: Any) -> Any:
        self.sparkContext.setLocalProperty("spark.job.description", node_of(query))
        return plain(self, query, *arguments, **options)

    SparkSession.sql = named  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        SparkSession.sql = plain  # type: ignore[method-assign]


class Reads:
    """The stages of a session; `new()` gives those since the last time it was asked."""

    def __init__(self, spark: SparkSession) -> None:
        self._context: Any = spark.sparkContext
        self._last = -1
        self.new()

    def new(self) -> list[Read]:
        """What each stage since the last question read."""
        self._context._jsc.sc().listenerBus().waitUntilEmpty()
        gateway, jvm = self._context._gateway, self._context._jvm
        store = self._context._jsc.sc().statusStore()
        quantiles = gateway.new_array(jvm.double, 0)
        stages = store.stageList(None, False, False, quantiles, jvm.java.util.ArrayList())
        found, newest = [], self._last
        for number in range(stages.size()):
            stage = stages.apply(number)
            if stage.stageId() > self._last:
                newest = max(newest, stage.stageId())
                node = stage.description().get() if stage.description().isDefined() else HOOKS
                found.append(Read(node, stage.inputBytes(), stage.inputRecords()))
        self._last = newest
        return found
