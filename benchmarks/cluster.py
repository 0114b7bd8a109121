"""Does memory stay bounded on a cluster, whatever the topic holds? `python -m benchmarks.cluster`

Ten million events in 32 partitions, two workers, the wheel, a bucket of versitygw. Writes cluster.json, .png and .md.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
from confluent_kafka import Producer

from benchmarks import reporting
from contract.options import Parser
from local.broker import Broker
from local.progress import Progress
from testbed.bucket.faults import faulty
from testbed.bucket.versitygw import gateway
from testbed.cluster.standalone import Cluster, cluster
from testbed.cluster.wheel import bare_python, built, unpacked

TOPIC, TABLE = "sensors-sample", "sensors_sample"
# MiB, by process: what the run may take at most.
BOUNDS = {"driver, Python": 400, "driver, JVM": 1300, "executor, JVM": 1300, "executor, Python worker": 450}
_WRITES = ("PUT", "POST", "LIST")
_KEPT_HEAP = {"spark.driver.memory": "700m", "spark.executor.memory": "700m"}


class Memory(threading.Thread):
    """Looks each second at the processes below a landing: MiB at the moment, and the highest of each kind."""

    def __init__(self, running: Cluster, driver: int) -> None:
        super().__init__(daemon=True)
        self._cluster, self._driver = running, driver
        self._end = threading.Event()
        self.peaks: dict[str, int] = defaultdict(int)
        self.over_time: list[dict[str, float]] = []

    def run(self) -> None:
        began = time.monotonic()
        while not self._end.wait(1.0):
            now: dict[str, float] = defaultdict(float)
            for kind, process in self._processes():
                resident, peak = _resident(process)
                now[kind] = max(now[kind], resident)
                self.peaks[kind] = max(self.peaks[kind], peak)
            self.over_time.append({"seconds": round(time.monotonic() - began, 1), **now})

    def end(self) -> None:
        """Look no more."""
        self._end.set()
        self.join()

    def _processes(self) -> list[tuple[str, int]]:
        """spark-submit is the driver's JVM, its child the driver's Python; executors have Python workers below them."""
        found = [("driver, JVM", self._driver)] + [("driver, Python", child) for child in _below(self._driver)]
        for executor in self._cluster.executors():
            found.append(("executor, JVM", executor))
            found += [("executor, Python worker", worker) for worker in _below(executor)]
        return found


def _below(process: int) -> list[int]:
    """The processes below one."""
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in file.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_below(child)]
    return found


def _resident(process: int) -> tuple[int, int]:
    """MiB that a process has in memory, and the most that it had; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return sizes.get("VmRSS", 0), sizes.get("VmHWM", 0)


def produce(servers: str, events: int, partitions: int) -> int:
    """Send the events to all partitions in turn; the bytes of one."""
    options = {"linger.ms": 50, "batch.size": 500_000, "compression.type": "lz4"}
    producer = Producer({"bootstrap.servers": servers, "queue.buffering.max.messages": 500_000, **options})
    head = json.dumps(
        {"event_time": "2026-03-02T08:00:00.123Z", "car_id": "car-17", "speed": 93, "rpm": 3150, "gear": 4}
    )
    value = ""
    for number in range(events):
        value = f'{{"event_id": "e-{number:012d}", {head[1:]}'
        while True:
            try:
                producer.produce(TOPIC, value, b"car-17", partition=number % partitions)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(120):
        raise RuntimeError("Kafka did not take all events.")
    return len(value)


def measure(folder: Path, events: int, partitions: int, batch: int, progress: Progress) -> dict[str, Any]:
    """Land it all once; the figures."""
    site, python = unpacked(built(folder), folder / "site"), bare_python(folder / "executors")
    with Broker(folder / "kafka") as broker, gateway(folder / "bucket") as (environment, place, objects):
        broker.create_topics([TOPIC], partitions)
        progress.phase(f"Sending {events:,} events to {partitions} partitions")
        size = produce(broker.bootstrap_servers, events, partitions)
        progress.phase("Landing")
        arguments = ["--once", "--topics", TOPIC, "--bootstrap-servers", broker.bootstrap_servers]
        arguments += [
            "--landing",
            str(place),
            "--checkpoints",
            str(folder / "checkpoints"),
            "--max-offsets",
            str(batch),
        ]
        with faulty(environment, 0, shares={}) as (through, counted), cluster(folder, through) as running:
            began = time.monotonic()
            job = running.submit(site / "ingest" / "__main__.py", python, arguments, **_KEPT_HEAP)
            memory = Memory(running, job.pid)
            memory.start()
            code = job.process.wait(3600)
            seconds = time.monotonic() - began
            memory.end()
            if code:
                raise RuntimeError(f"the job ended with {code}: {job.last_lines(30)}")
        return {
            "events": events, "partitions": partitions, "bytes": size, "seconds": round(seconds),
            "peaks": dict(memory.peaks), "over_time": memory.over_time, "requests": dict(counted.asked),
            **_landed(objects),
        }  # fmt: skip


def _landed(objects: Path) -> dict[str, Any]:
    """What lies in the bucket, by its files: rows, different ones, batches, bytes, and the span of the batches."""
    files = [str(file) for file in (objects / "raw" / TABLE).rglob("*.parquet")]
    ledger = [str(file) for file in (objects / "raw" / "landed_batches").rglob("*.parquet")]
    with duckdb.connect() as connection:
        ((rows, different),) = connection.execute(
            "select count(*), count(distinct (_kafka_partition, _kafka_offset)) from read_parquet(?)", [files]
        ).fetchall()
        ((batches, span, first),) = connection.execute(
            "with batches as (select _landed_at, sum(row_count) as row_count from read_parquet(?) group by 1) "
            "select count(*), epoch(max(_landed_at)) - epoch(min(_landed_at)), arg_min(row_count, _landed_at) "
            "from batches",
            [ledger],
        ).fetchall()
    stored = sum(Path(file).stat().st_size for file in files)
    rate = round((rows - first) / span) if span else 0  # all but the first, from its time to the last one's
    return {"rows": rows, "different": different, "batches": batches, "stored": stored, "rate": rate}


def report(found: dict[str, Any]) -> None:
    """Write the report."""
    reporting.keep("cluster", found)
    millions, requests = found["events"] / 1e6, found["requests"]
    writes = sum(count for method, count in requests.items() if method in _WRITES)
    rows = [(kind, found["peaks"].get(kind, 0), bound) for kind, bound in BOUNDS.items()]
    marks = {
        "partitions": found["partitions"], "events": f"{found['events']:,}", "bytes": found["bytes"],
        "landed": f"{found['different']:,}", "batches": found["batches"], "seconds": found["seconds"],
        "rate": f"{found['rate']:,}", "stored": f"{found['stored'] / found['events']:.1f}",
        "writes": f"{writes / millions:,.0f}", "reads": f"{(sum(requests.values()) - writes) / millions:,.0f}",
        "memory": reporting.table(["process", "peak, MiB", "bound, MiB"], rows),
    }  # fmt: skip
    text = (reporting.HERE / "cluster.in.md").read_text(encoding="utf-8")
    reporting.fill("cluster", {name: value for name, value in marks.items() if f"<!-- {name} -->" in text})
    figure, axes = reporting.plots(figsize=(7, 4))
    for kind in BOUNDS:
        axes.plot(
            [look["seconds"] for look in found["over_time"]],
            [look.get(kind, 0) for look in found["over_time"]],
            label=kind,
        )
    axes.set(xlabel="seconds", ylabel="MiB, the largest process")
    axes.legend()
    reporting.save("cluster", figure)


def main() -> int:
    """Measure and report; 1 if a record is missing or twice, or a process took more than its bound."""
    parser = Parser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--partitions", type=int, default=32)
    parser.add_argument("--batch", type=int, default=800_000, help="offsets of a batch at most")
    flags = parser.parse_args()
    progress = Progress()
    with tempfile.TemporaryDirectory(prefix="junction-cluster-") as folder:
        found = measure(Path(folder), flags.events, flags.partitions, flags.batch, progress)
    report(found)
    wrong = [f"{kind} took {peak} MiB" for kind, peak in found["peaks"].items() if peak > BOUNDS[kind]]
    if not found["rows"] == found["different"] == flags.events:
        wrong.append(f"{found['rows']:,} rows, {found['different']:,} different, {flags.events:,} sent")
    progress.phase("; ".join(wrong) or "all is landed once, and within bounds")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
