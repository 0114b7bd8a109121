"""Does a landing cost the same after 10,000 batches as after 100? `python -m benchmarks.flat_landing`

Lands batches with the landing's own code (no Kafka) and measures, at each size of the history: the start (reading the
ledger, checking the names), one batch, and what dbt does before a run on Spark (adding and repointing partitions) for
one more hour. Compaction runs every hour, as an operator would run it. Writes flat_landing.json, .png and .md here.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks import reporting
from contract.model import Contract
from contract.options import Parser
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import read_ledger
from ingest.folder.overlap import check_names
from ingest.landing.batch import Batch, Schemas
from ingest.retention.compact import compact
from testbed.landing.without_spark import land

GENERATION = "benchmarkGeneration001"
SEEN, PARTITIONS = 2, 3  # the third never has a record: the worst case of a start
BATCHES_AN_HOUR, RECORDS = 60, 50
REPEATS = 5


class Bench:
    """One topic's landing that grows a batch a minute, up to the present."""

    def __init__(self, landing: Path, batches: int) -> None:
        self.landing = landing
        self.folder = LandingFolder.at(landing)
        whole = load_contract()
        self.topic = whole.topic("sensors-sample")
        self.contract: Contract = whole
        self.landed = 0
        self.start = datetime.now(UTC) - timedelta(minutes=batches + 24 * 60)

    def land(self) -> None:
        """Land one batch with the code of a landing job: RECORDS records in each of SEEN partitions."""
        first = self.landed * RECORDS
        ranges = dict.fromkeys(range(SEEN), (first, first + RECORDS))
        at = self.start + timedelta(minutes=self.landed)
        before = at - timedelta(minutes=1) if self.landed else None
        staging = self.folder.begin(self.topic.topic, self.landed, before)
        batch = Batch(self.topic, GENERATION, at, ranges, staging, Schemas.of(self.contract, self.topic))
        land(batch, [_records(first, at)])
        self.landed += 1

    def begin(self) -> None:
        """What a start does before it asks Kafka for the first record."""
        ledger = read_ledger(self.folder, self.topic.topic, GENERATION, PARTITIONS)
        check_names(self.folder, self.topic.table, self.topic.topic, GENERATION, ledger)
        assert ledger.ends == dict.fromkeys(range(SEEN), self.landed * RECORDS)

    def grow(self, batches: int) -> None:
        """Land until there are so many batches, starting and compacting once in a while as an operator would."""
        while self.landed < batches:
            self.land()
        self.begin()
        compact(self.folder, self.contract)


def _records(first: int, at: datetime) -> pa.RecordBatch:
    rows = []
    for partition in range(SEEN):
        for offset in range(first, first + RECORDS):
            event = {"event_id": f"{partition}-{offset}", "event_time": at.isoformat(), "car_id": f"c{offset % 9}"}
            value = json.dumps(event | {"speed": 90, "rpm": 3000, "gear": 3}).encode()
            rows.append({"partition": partition, "offset": offset, "timestamp": at, "key": b"c", "value": value})
    kinds = [pa.int32(), pa.int64(), pa.timestamp("us", "UTC"), pa.binary(), pa.binary()]
    names = ["partition", "offset", "timestamp", "key", "value"]
    return pa.RecordBatch.from_pylist(rows, pa.schema(list(zip(names, kinds, strict=True))))


def seconds(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The median duration of an action, in seconds."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def measure(folder: Path, sizes: list[int], with_spark: bool) -> list[dict[str, float]]:
    """One row per size: seconds of a start, of a start without its note, of a batch, of adding partitions."""
    bench = Bench(folder / "landing", max(sizes))
    results = []
    for size in sizes:
        bench.grow(size)
        row: dict[str, float] = {"batches": size, "start_s": seconds(bench.begin)}
        row["batch_s"] = seconds(bench.land, 4 * REPEATS)
        shutil.rmtree(bench.landing / "_ends")
        row["start_without_note_s"] = seconds(bench.begin, 1)
        if with_spark:
            row["add_partitions_s"] = _partitions(bench, folder)
        results.append(row)
        print(json.dumps(row), flush=True)
    return results


def _partitions(bench: Bench, folder: Path) -> float:
    """Seconds of dbt's on-run-start work for one more hour of batches, in a warm session that knows the others."""
    from testbed.warehouse.spark import warehouse

    with warehouse(folder, few_rows=False) as built:
        built.build("seed", "--select", "zones")  # the hook adds all there is

        def add() -> None:
            built.build("run-operation", "add_landed_partitions")

        add()
        times = []
        for _ in range(REPEATS):
            for _ in range(BATCHES_AN_HOUR):
                bench.land()
            compact(bench.folder, bench.contract)
            times.append(seconds(add, 1))
        return statistics.median(times)


def report(results: list[dict[str, float]]) -> None:
    """Keep the results; write their plot and the report."""
    reporting.keep("flat_landing", results)
    measures = [name for name in results[0] if name != "batches"]
    rows = [(f"{row['batches']:,}", *(f"{row[name]:.3f}" for name in measures)) for row in results]
    reporting.fill("flat_landing", {"results": reporting.table(["batches", *measures], rows)})
    figure, axes = reporting.plots(figsize=(7, 4))
    for name in measures:
        axes.plot([row["batches"] for row in results], [row[name] for row in results], marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="batches landed before", ylabel="seconds")
    axes.legend()
    reporting.save("flat_landing", figure)


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000", help="batches landed before, separated by commas")
    parser.add_argument("--no-spark", action="store_true", help="without adding partitions")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="junction-flat-") as folder:
        results = measure(Path(folder), [int(size) for size in flags.sizes.split(",")], not flags.no_spark)
    report(results)


if __name__ == "__main__":
    main()
