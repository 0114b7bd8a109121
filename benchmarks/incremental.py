"""Does the cost of a run follow the new data? `python -m benchmarks.incremental`

For each size of the history, in one warm Spark session: full rebuilds by dbt-spark and dbt-duckdb, then the same new
minutes one by one, each followed by what `make refresh` does (`dbt source freshness` and `dbt build`, data tests with
it), then that with nothing new. Writes incremental.json, .png and .md here.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from benchmarks import incremental_report
from benchmarks.history import History, history
from benchmarks.spark_reads import Read, Reads, all_stages_kept, by_node, nodes_named
from benchmarks.table_project import DUCKDB, table_project
from contract.options import Parser
from local import build, paths, refresh
from local.progress import Progress
from testbed.warehouse.outcome import failures
from testbed.warehouse.spark import warehouse

FULL = ("build", "--full-refresh", "--exclude-resource-type", "unit_test")


@dataclass
class Bench:
    """One session; a warehouse and a landing folder for each size of the history."""

    spark: SparkSession
    folder: Path
    history: History
    progress: Progress

    def measure(self, repeats: int, minutes: int, duckdb: bool, warm: bool) -> dict[str, Any]:
        """All figures of one size. The first new minute is not counted, nor the first full build if not `warm`."""
        self.progress.phase(f"History of {repeats} times {self.history.hours} h")
        until = self.begin(repeats)
        size: dict[str, Any] = {"repeats": repeats, "rows": repeats * self.history.rows}
        for _ in range(1 if warm else 2):
            size["spark_full_s"] = self.full_build()
        self.progress.phase(f"  full rebuild by dbt-spark: {size['spark_full_s']} s")
        if duckdb:
            size["duckdb_full_s"] = self.duckdb()
            self.progress.phase(f"  full rebuild by dbt-duckdb: {size['duckdb_full_s']} s")
        reads = Reads(self.spark)
        size["minutes"] = []
        for minute in range(minutes + 1):
            landed = self.history.land_minute(self.landing(repeats), repeats, until, minute)
            run = {"landed": landed, **self.refresh(reads)}
            self.progress.phase(f"  minute {minute}: {run['seconds']} s, {run['bytes']:,} bytes, {run['rows']:,} rows")
            size["minutes"] += [run] if minute else []
        size["idle"] = [self.refresh(reads)["seconds"] for _ in range(3)]
        # Of the last 15 minutes: more than the cores, and others worked too.
        size["load"] = round(os.getloadavg()[2], 1)
        self.progress.phase(f"  nothing new: {size['idle']} s, load {size['load']}")
        self.spark.sql(f"drop schema junction_{repeats} cascade")
        shutil.rmtree(self.landing(repeats))
        return size

    def begin(self, repeats: int) -> datetime:
        """Land the history, up to the last half hour that is past, and make a warehouse of it the one that dbt sees."""
        self.spark.sql("drop schema if exists raw cascade")
        shutil.rmtree(refresh.state_folder(), ignore_errors=True)
        os.environ |= {
            "JUNCTION_LANDING": str(self.landing(repeats)),
            "JUNCTION_SCHEMA": f"junction_{repeats}",
            "JUNCTION_TARGET": "spark",
        }
        past = datetime.now(UTC) - timedelta(minutes=45)  # the new minutes must not lie ahead of the clock
        until = past.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30)
        self.history.land(self.landing(repeats), repeats, until)
        return until

    def landing(self, repeats: int) -> Path:
        """The landing folder of a size."""
        return self.folder / f"landing_{repeats}"

    def full_build(self) -> float:
        """Seconds of a full rebuild, after which the warehouse can be refreshed."""
        build.freshness(self.progress)
        began = time.time()
        found = seconds(lambda: build.dbt(self.progress, *FULL))
        refresh.keep(paths.PROJECT_DIR / "target", refresh.state_folder(), began)
        return found

    def duckdb(self) -> float:
        """Seconds of a full rebuild of the same history in DuckDB, in a file that is then removed."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            os.environ["JUNCTION_DUCKDB"] = str(Path(name) / "city.duckdb")
            folders = ["--project-dir", str(table_project(Path(name))), "--profiles-dir", str(DUCKDB)]
            quiet = ["--log-level", "none", "--log-path", name]
            assert dbtRunner().invoke(["parse", *folders, *quiet]).success

            def rebuild() -> None:
                outcome = dbtRunner().invoke([*FULL, *folders, *quiet])
                assert outcome.success, failures(outcome)

            return seconds(rebuild)

    def refresh(self, reads: Reads) -> dict[str, Any]:
        """One refresh: seconds, what Spark read, and both of each node."""
        reads.new()
        found = seconds(lambda: refresh.refresh(Quiet()))
        results = json.loads((paths.PROJECT_DIR / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        nodes = by_node(reads.new())
        total: list[Read] = list(nodes.values())
        return {
            "seconds": found,
            "bytes": sum(read.size for read in total),
            "rows": sum(read.rows for read in total),
            "node_seconds": {row["unique_id"].split(".")[2]: round(row["execution_time"], 2) for row in results},
            "node_bytes": {node: read.size for node, read in nodes.items()},
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


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes",
        default=",".join(map(str, incremental_report.SIZES)),
        help="histories, in repeats of --hours (default %(default)s)",
    )
    parser.add_argument("--hours", type=int, default=3, help="simulated hours of one (default %(default)s)")
    parser.add_argument("--vehicles", type=int, default=2, help="vehicles of the city (default %(default)s)")
    parser.add_argument("--minutes", type=int, default=5, help="new minutes, after one more (default %(default)s)")
    parser.add_argument("--cold", action="store_true", help="count also the first full rebuild, in a cold session")
    parser.add_argument("--no-duckdb", action="store_true", help="without the full rebuild by dbt-duckdb")
    flags = parser.parse_args()
    sizes: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="junction-incremental-") as name, all_stages_kept(), nodes_named():
        past = history(Path(name) / "city", flags.hours, flags.vehicles)
        with warehouse(Path(name), few_rows=False) as built:
            bench = Bench(built.session, Path(name), past, Progress())
            for repeats in map(int, flags.sizes.split(",")):
                sizes.append(bench.measure(repeats, flags.minutes, not flags.no_duckdb, flags.cold or bool(sizes)))
                incremental_report.report({"hours": flags.hours, "vehicles": flags.vehicles, "sizes": sizes})


if __name__ == "__main__":
    main()
