"""`make demo`: some hours of a simulated city, from Kafka to tested marts and a docs site."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contract.reading import load_contract
from local import build, checks, paths, report, spark, warehouse
from local.broker import Broker
from local.checks import LocalError
from local.process import Child, module
from local.progress import Progress
from local.refresh import refresh

_MARK = "made-by-make-demo"
_DUCKDB = (warehouse.FILE, f"{warehouse.FILE}.wal", f"{warehouse.FILE}.no_rows.parquet")
_STATE = ("kafka", "landing", "checkpoints", "metastore", "warehouse", "logs", "refreshed", *_DUCKDB)
_NEEDS_GIB = 3.0
_OWN_LINE = re.compile(r"simulated|\d\d:\d\d:\d\d ")  # the simulator's and the landing job's, between Spark's


def run(seed: int, hours: float, vehicles: int, port: int) -> None:
    """Do all of it in a fresh `paths.var()`; raises LocalError with one sentence if a phase fails."""
    progress = Progress()
    folder = paths.var()
    progress.phase("Checking Java, disk space and the broker's port")
    checks.java()
    checks.disk_space(folder, _NEEDS_GIB)
    checks.port_is_free(port, "Kafka", "JUNCTION_KAFKA_PORT")
    start_afresh(folder)
    progress.phase(f"Starting Kafka on port {port}; dbt parses the project meanwhile")
    # Python's thread beside processes that mostly wait for a JVM to start.
    with ThreadPoolExecutor(1) as beside, Broker(folder / "kafka", port) as broker:
        parsing = beside.submit(build.parse)
        broker.create_topics(topic.topic for topic in load_contract().topics)
        progress.phase(f"Simulating {hours:g} h of the city with {vehicles} vehicles, seed {seed}")
        city = ["--seed", seed, "--hours", hours, "--vehicles", vehicles, "--truth", folder / "truth.jsonl"]
        _finish(progress, module("simulator", broker.bootstrap_servers, *city))
        progress.phase("Landing the topics as raw Parquet")
        _finish(progress, module("ingest", broker.bootstrap_servers, "--once"))
    with warehouse.opened(progress) as query:
        parsed = parsing.result()
        refresh(progress, parsed, unit_tests=False)  # they are of the SQL, not of this city: `make test` runs them
        progress.phase("Writing the docs site")
        build.dbt(progress, "docs", "generate", "--static", parsed=parsed)
        progress.phase("Reading the marts")
        report.show(query)
    report.where_next()


def start_afresh(folder: Path) -> None:
    """Empty the demo's folder of what an earlier demo made. Raises LocalError if something else made it."""
    spark.metastore_is_free(folder / "metastore")
    warehouse.file_is_free(folder / warehouse.FILE)
    there = [folder / name for name in _STATE if (folder / name).exists()]
    if there and not (folder / _MARK).exists():
        raise LocalError(
            f"{_names(there)} in {folder} did not come from make demo, which begins afresh: move or delete it, "
            "or set JUNCTION_VAR to another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    for path in there:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _names(found: Iterable[Path]) -> str:
    return ", ".join(path.name for path in found)


def _finish(progress: Progress, child: Child) -> None:
    with child:
        while child.running():
            time.sleep(0.2)
            own = [line for line in child.last_lines().splitlines() if _OWN_LINE.match(line)]
            if own:
                progress.note(own[-1])
    if child.process.returncode:
        raise LocalError(f"{child.name} failed: {child.last_lines(1)} (all of it: {child.log})")
