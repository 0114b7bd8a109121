"""What dbt's threads wait for on Spark: the seconds of their statements, by kind."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.classic.dataframe import DataFrame

from benchmarks.spark_reads import HOOKS, node_of

OTHER = "question of a model: hours, rows, columns"
_KINDS = {  # the first whose pattern is found
    "insert … replace where: hours or rows of a table": r"insert into \S+ replace where",
    "insert: new rows of a table": r"insert into",
    "temporary view of a model's SQL": r"create\s+(or replace\s+)?temporary view",
    "view": r"create\s+(or replace\s+)?view",
    "table": r"create\s+(or replace\s+)?table",
    "scan for a model's row tests": r"select coalesce\(sum\(case when",
    "data test": r"dbt_internal_test",
}
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def kind_of(query: str) -> str:
    """What a statement is for. One of no node is a hook's, or the question for freshness."""
    if node_of(query) == HOOKS:
        return "hooks and freshness"
    text = _COMMENT.sub("", query).lower()
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, text)), OTHER)


class Statements:
    """Statements, and the seconds that threads waited for them; `new()` gives those since it was last asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waited: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])

    def add(self, kind: str, count: int, seconds: float) -> None:
        """So many statements of a kind took so long."""
        with self._lock:
            self._waited[kind][0] += count
            self._waited[kind][1] += seconds

    def new(self) -> dict[str, tuple[int, float]]:
        """{kind: (statements, seconds)}."""
        with self._lock:
            found = {kind: (int(count), round(seconds, 2)) for kind, (count, seconds) in self._waited.items()}
            self._waited.clear()
        return found


@contextlib.contextmanager
def statements_timed() -> Iterator[Statements]:
    """Time each statement that is sent in this block, and the fetch of its rows, which is when Spark runs a SELECT."""
    found, sent, plain_sql, plain_collect = Statements(), threading.local(), SparkSession.sql, DataFrame.collect

    def timed(count: int, action: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        try:
            return action()
        finally:
            found.add(sent.kind, count, time.perf_counter() - began)

    def sql(self: SparkSession, query: str, *arguments: Any, **options: Any) -> Any:
        sent.kind = kind_of(query)
        return timed(1, lambda: plain_sql(self, query, *arguments, **options))

    def collect(self: DataFrame) -> Any:
        return timed(0, lambda: plain_collect(self)) if hasattr(sent, "kind") else plain_collect(self)

    SparkSession.sql, DataFrame.collect = sql, collect  # type: ignore[assignment,method-assign]
    try:
        yield found
    finally:
        SparkSession.sql, DataFrame.collect = plain_sql, plain_collect  # type: ignore[method-assign]
