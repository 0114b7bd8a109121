"""How old is what a reader sees, while `make up` goes on? `python -m benchmarks.freshness`

For each rate and each history: `make up` in a process of its own, with a real-time city of up to 200 cars; on DuckDB a
reader that asks the door twice a second how far each vehicle's readings are in their mart. What the rate needs beyond
that city are car samples of other cities: the seeds have no more cars, and a car in two places is not a track. An event
has its own time; it is landed when its batch's file of the ledger is there, and in the mart when the reader first gets
it, on Spark when the commit of its Delta table is there. Writes freshness.json, .png and .md here; what is not measured
again keeps its figures.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks import freshness_report
from benchmarks.freshness_seen import Seen, ask_door, commits
from benchmarks.history import History, history
from contract.options import Parser
from contract.reading import load_contract
from ingest.folder.names import hour_folder, ledger_name
from local import paths
from local.progress import Progress
from testbed.warehouse.live import Live

CARS = 200  # of the seeds: one city has no more
PER_CAR, PER_CITY = 2.2, 2.8  # events a second; of a car's, 1 is a sample
TOPIC = "vehicle-telemetry"
_WARM = {"duckdb": 3, "spark": 2}  # runs before it is measured


@dataclass(frozen=True)
class Case:
    """An engine, a rate of events a second over all topics, and hours of history that are there before."""

    engine: str
    rate: int
    hours: int


def measure(case: Case, minutes: float, folder: Path, past: History, progress: Progress) -> dict[str, Any]:
    """The ages of the events of some minutes, after the loop has caught up with the history."""
    until = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    past.land(folder / "landing", case.hours // past.hours, until)
    counts = _cities(case.rate)
    up = Live(folder, vehicles=counts[0], short_lived=False, engine=case.engine)
    up.start()
    try:
        with _more_cities(up, counts[1:]):
            up.wait("its first runs", lambda: up.runs() >= _WARM[case.engine], 2400)
            progress.phase("  the loop has caught up")
            time.sleep(20)
            began, before = time.time(), up.runs()
            if case.engine == "duckdb":
                seen = ask_door(up, began, minutes * 60)
            else:
                time.sleep(minutes * 60)
            ended, load, until_end = time.time(), round(os.getloadavg()[1], 1), up.runs()
            time.sleep(60)  # what was sent last is landed by then
            took = up.took()[before:]
            if case.engine == "spark":
                up.wait("the runs after it", lambda: up.runs() > until_end + 1, 1200)
                seen = commits(folder / "warehouse")
        up.stop()
    finally:
        up.stop(signal.SIGKILL)
    landed, marts, rows = _ages(folder / "landing", seen, began, ended - 60)
    assert landed, up.said()[-2000:]
    return {
        "engine": case.engine, "day": f"{datetime.now(UTC):%d %B %Y}", "minutes": minutes,
        "rate": case.rate, "hours": case.hours, "rows": rows, "seconds": round(ended - began),
        "landed": _spread(landed), "mart": _spread(marts), "questions": seen.asked,
        "runs": len(took), "run_seconds": round(sorted(took)[len(took) // 2], 1), "load": load,
        "began": datetime.fromtimestamp(began, UTC).minute, "rows_an_hour": past.rows // past.hours,
    }  # fmt: skip


def _cities(rate: int) -> list[int]:
    """The cars of the city, and of those of which only samples are sent: together about `rate` events a second."""
    cars = min(CARS, round((rate - PER_CITY) / PER_CAR))
    samples = max(0, round(rate - PER_CITY - cars * PER_CAR))
    return [cars, *[CARS] * (samples // CARS), *([samples % CARS] if samples % CARS else [])]


@contextlib.contextmanager
def _more_cities(up: Live, cars: Sequence[int]) -> Iterator[None]:
    command = [sys.executable, "-m", "simulator", "--bootstrap-servers", f"127.0.0.1:{up.broker_port}", "--real-time"]
    started = [
        subprocess.Popen(
            [*command, "--seed", str(100 + number), "--vehicles", str(count), "--topics", "sensors-sample"],
            cwd=paths.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for number, count in enumerate(cars)
    ]  # fmt: skip
    try:
        yield
    finally:
        for process in started:
            process.terminate()
            process.wait()


def _ages(landing: Path, seen: Seen, began: float, until: float) -> tuple[list[float], list[float], int]:
    """Seconds to the ledger and to the mart of the readings of that time, and how many rows all topics landed in it."""
    contract, landed, marts, count = load_contract(), [], [], 0
    published: dict[Any, float] = {}
    columns = ["event_time", "vehicle_id", "_landed_at", "_kafka_generation"]
    for topic in contract.topics:
        for file in sorted((landing / "raw" / topic.table).rglob("*.parquet")):
            if file.stat().st_mtime < began:
                continue
            rows = pq.read_table(file, columns=columns if topic.topic == TOPIC else ["event_time"], partitioning=None)
            for row in rows.to_pylist():
                event = row["event_time"].replace(tzinfo=UTC).timestamp()
                if not began < event < until:
                    continue
                count += 1
                if topic.topic != TOPIC:
                    continue
                key = (row["_kafka_generation"], row["_landed_at"])
                if key not in published:
                    published[key] = _published(landing, *key)
                landed.append(published[key] - event)
                age = seen.age(row["vehicle_id"], round(event * 1000))
                assert age is not None, f"{row} is not in the mart after a minute"
                marts.append(age)
    return landed, marts, count


def _published(landing: Path, generation: str, at: datetime) -> float:
    at = at.replace(tzinfo=UTC)
    file = landing / "raw" / "landed_batches" / hour_folder(at) / ledger_name(TOPIC, generation, at)
    return file.stat().st_mtime


def _spread(ages: list[float]) -> dict[str, float]:
    ages = sorted(ages)
    return {
        "p50": round(ages[len(ages) // 2], 1), "p95": round(ages[int(len(ages) * 0.95)], 1), "max": round(ages[-1], 1)
    }  # fmt: skip


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="duckdb", choices=paths.ENGINES, help="(default %(default)s)")
    parser.add_argument("--rates", default="200,1000,5000", help="events a second (default %(default)s)")
    parser.add_argument("--histories", default="1,24", help="hours of history (default %(default)s)")
    parser.add_argument("--history-cars", type=int, default=20, help="cars of the history's city (default %(default)s)")
    parser.add_argument("--minutes", type=float, default=10, help="of each measurement (default %(default)s)")
    flags = parser.parse_args()
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="junction-freshness-") as name:
        past = history(Path(name) / "city", 1, flags.history_cars)
        for rate in map(int, flags.rates.split(",")):
            for hours in map(int, flags.histories.split(",")):
                progress.phase(f"{rate} events a second after {hours} h")
                case = Case(flags.engine, rate, hours)
                found = measure(case, flags.minutes, Path(name) / f"{rate}_{hours}", past, progress)
                progress.phase(f"  {found}")
                freshness_report.report(found)


if __name__ == "__main__":
    main()
