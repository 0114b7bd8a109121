"""Does the cost of a run follow the new data? `python -m benchmarks.incremental`

For each engine and each size of the history, in one process (on Spark one warm session): a full rebuild, then the same
new minutes one by one, each followed by what `make refresh` does (`dbt source freshness` and `dbt build`, data tests
with it), then that with nothing new. Writes incremental.json, .png and .md here; an engine that is not measured keeps
its figures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from benchmarks import incremental_report
from benchmarks.history import History, history
from benchmarks.spark_reads import Read, Reads, all_stages_kept, by_node, nodes_named
from benchmarks.spark_statements import Statements, statements_timed
from contract.options import Parser
from local import build, paths, refresh
from local.progress import Progress
from testbed.warehouse.embedded import embedded
from testbed.warehouse.spark import warehouse

FULL = ("build", "--full-refresh", "--exclude-resource-type", "unit_test")


@dataclass
class OnSpark:
    """A session, and what was sent to it."""

    session: SparkSession
    statements: Statements


@dataclass
class Bench:
    """A warehouse and a landing folder for each size of the history; on Spark in one session."""

    spark: OnSpark | None
    folder: Path
    history: History
    progress: Progress

    def measure(self, repeats: int, minutes: int, warm: bool) -> dict[str, Any]:
        """All figures of one size. The first new minute is not counted, nor the first full build if not `warm`."""
        self.progress.phase(f"  history of {repeats} times {self.history.hours} h")
        until = self.begin(repeats)
        size: dict[str, Any] = {"repeats": repeats, "rows": repeats * self.history.rows}
        for _ in range(1 if warm else 2):
            size["full_s"] = self.full_build()
        self.progress.phase(f"  full rebuild: {size['full_s']} s")
        reads = Reads(self.spark.session) if self.spark else None
        size["minutes"] = []
        for minute in range(minutes + 1):
            landed = self.history.land_minute(self.landing(repeats), repeats, until, minute)
            run = {"landed": landed, **self.refresh(reads)}
            self.progress.phase(f"  minute {minute}: {run['seconds']} s")
            size["minutes"] += [run] if minute else []
        size["idle"] = [self.refresh(reads)["seconds"] for _ in range(3)]
        # Of the last 15 minutes: more than the cores, and others worked too.
        size["load"] = round(os.getloadavg()[2], 1)
        self.progress.phase(f"  nothing new: {size['idle']} s, load {size['load']}")
        self.end(repeats)
        return size

    def begin(self, repeats: int) -> datetime:
        """Land the history, up to the last half hour that is past, and make a warehouse of it the one that dbt sees."""
        shutil.rmtree(refresh.state_folder(), ignore_errors=True)
        os.environ |= {"JUNCTION_LANDING": str(self.landing(repeats)), "JUNCTION_SCHEMA": f"junction_{repeats}"}
        past = datetime.now(UTC) - timedelta(minutes=45)  # the new minutes must not lie ahead of the clock
        until = past.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30)
        self.history.land(self.landing(repeats), repeats, until)
        return until

    def end(self, repeats: int) -> None:
        """Forget the warehouse and the landing folder of a size."""
        if self.spark:
            self.spark.session.sql(f"drop schema junction_{repeats} cascade")
            self.spark.session.sql("drop schema raw cascade")
        else:
            (self.folder / "warehouse.duckdb").unlink()
        shutil.rmtree(self.landing(repeats))

    def landing(self, repeats: int) -> Path:
        """The landing folder of a size."""
        return self.folder / f"landing_{repeats}"

    def full_build(self) -> float:
        """Seconds of a full rebuild, after which the warehouse can be refreshed."""
        build.freshness(self.progress)
        began = time.time()
        found = seconds(lambda: build.dbt(self.progress, *FULL))
        refresh.keep(paths.target(), refresh.state_folder(), began)
        return found

    def refresh(self, reads: Reads | None) -> dict[str, Any]:
        """One refresh: seconds of it and of each node, and on Spark what it read."""
        if reads and self.spark:
            reads.new()
            self.spark.statements.new()
        found = seconds(lambda: refresh.refresh(Quiet()))
        results = json.loads((paths.target() / "run_results.json").read_text(encoding="utf-8"))["results"]
        run: dict[str, Any] = {
            "seconds": found,
            "node_seconds": {row["unique_id"].split(".")[2]: round(row["execution_time"], 2) for row in results},
        }
        if not reads or not self.spark:
            return run
        nodes = by_node(reads.new())
        total: list[Read] = list(nodes.values())
        return run | {
            "bytes": sum(read.size for read in total),
            "rows": sum(read.rows for read in total),
            "node_bytes": {node: read.size for node, read in nodes.items()},
            "statements": self.spark.statements.new(),
        }


class Quiet(Progress):
    """Says nothing."""

    def phase(self, text: str) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


def seconds(action: Callable[[], object]) -> float:
    """How long an action took."""
    began = time.perf_counter()
    action()
    return round(time.perf_counter() - began, 2)


@contextlib.contextmanager
def opened(engine: str, folder: Path) -> Iterator[OnSpark | None]:
    """State of its own for an engine, and Spark's session."""
    os.environ |= {"JUNCTION_TARGET": engine, "DBT_TARGET_PATH": str(folder / "target")}
    if engine == "duckdb":
        with embedded(folder):
            yield None
        return
    with all_stages_kept(), nodes_named(), statements_timed() as sent, warehouse(folder, few_rows=False) as built:
        yield OnSpark(built.session, sent)


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes",
        default=",".join(map(str, incremental_report.SIZES)),
        help="histories, in repeats of --hours (default %(default)s)",
    )
    parser.add_argument("--engines", default=",".join(paths.ENGINES), help="one after another (default %(default)s)")
    parser.add_argument("--hours", type=int, default=3, help="simulated hours of one (default %(default)s)")
    parser.add_argument("--vehicles", type=int, default=2, help="vehicles of the city (default %(default)s)")
    parser.add_argument("--minutes", type=int, default=5, help="new minutes, after one more (default %(default)s)")
    flags = parser.parse_args()
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="junction-incremental-") as name:
        past = history(Path(name) / "city", flags.hours, flags.vehicles)
        for engine in flags.engines.split(","):
            progress.phase(engine)
            sizes: list[dict[str, Any]] = []
            with opened(engine, Path(name) / engine) as spark:
                bench = Bench(spark, Path(name) / engine, past, progress)
                for repeats in map(int, flags.sizes.split(",")):
                    sizes.append(bench.measure(repeats, flags.minutes, bool(sizes)))
            measured = {"hours": flags.hours, "vehicles": flags.vehicles, "day": f"{datetime.now(UTC):%d %B %Y}"}
            incremental_report.report(engine, measured | {"sizes": sizes})


if __name__ == "__main__":
    main()
