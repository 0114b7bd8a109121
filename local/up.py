"""`make up`: the city live, from Kafka to the marts and a server for readers, until Ctrl-C."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

from contract.options import Bucket
from contract.reading import load_contract
from local import build, checks, paths, spark, thrift, warehouse
from local.broker import Broker
from local.checks import LocalError
from local.door import owner
from local.loop import live
from local.process import Child, all_alive, module
from local.progress import Progress
from local.refresh import refresh

_NEEDS_GIB = 5.0
_MAINTAIN_EVERY = 6 * 3600  # seconds


@dataclass(frozen=True)
class Ports:
    """Where the broker listens, and the server of the engine: the door on DuckDB, the Thrift server on Spark."""

    broker: int
    door: int
    thrift: int


def run(seed: int, vehicles: int, ports: Ports, every: int, metrics_address: tuple[str, int] | None = None) -> None:
    """Keep it all up; on Spark with a refresh every `every` seconds. Raises LocalError if a part ends by itself.

    The loop on DuckDB serves its metrics at `metrics_address`.
    """
    embedded = paths.engine() == "duckdb"
    progress = live.progress() if embedded else Progress()
    progress.phase("Checking Java, disk space and ports")
    checks.java()
    checks.disk_space(paths.var(), _NEEDS_GIB)
    checks.port_is_free(ports.broker, "Kafka", "JUNCTION_KAFKA_PORT")
    if embedded:
        checks.port_is_free(ports.door, "the door of the warehouse", owner.CHANGE_PORT)
        warehouse.file_is_free(paths.var() / warehouse.FILE)
    else:
        checks.port_is_free(ports.thrift, "the Thrift server", thrift.CHANGE_PORT)
    with contextlib.ExitStack() as stack:
        progress.phase(f"Starting Kafka on port {ports.broker}")
        broker = stack.enter_context(Broker(paths.var() / "kafka", ports.broker))
        broker.create_topics(topic.topic for topic in load_contract().topics)
        progress.phase("Starting the landing job and the simulator")
        in_bucket = isinstance(paths.landing(), Bucket)  # where each batch costs requests: the job's own trigger
        trigger = ["--trigger-seconds", live.TRIGGER_SECONDS] if embedded and not in_bucket else []
        city = ["--real-time", "--seed", seed, "--vehicles", vehicles]
        parts = [
            stack.enter_context(module("ingest", broker.bootstrap_servers, *trigger)),
            stack.enter_context(module("simulator", broker.bootstrap_servers, *city)),
        ]
        for part in parts:
            stack.callback(part.ask_to_end)  # all of them, before one is waited for
        if embedded:
            live.go_on(
                progress,
                [*broker.children(), *parts],
                broker.bootstrap_servers,
                ("127.0.0.1", ports.door),
                metrics_address,
            )
        else:
            _on_spark(progress, stack, parts, ports.thrift, every)


def _on_spark(progress: Progress, stack: contextlib.ExitStack, parts: list[Child], port: int, every: int) -> None:
    progress.phase("Starting Spark and the Thrift server")
    session = stack.enter_context(spark.session())
    thrift.serve(session, port)
    where = f"jdbc:hive2://127.0.0.1:{port}/junction (password in {thrift.password_file()})"
    progress.phase(f"Serving {where}; state in {paths.var()}; Ctrl-C ends it")
    _loop(progress, parts, every)


def _loop(progress: Progress, parts: list[Child], every: int) -> None:
    maintained = time.monotonic()
    while True:
        began = time.monotonic()
        try:
            refresh(progress)
            if began > maintained + _MAINTAIN_EVERY:
                progress.phase("dbt run-operation maintain_tables")
                build.dbt(progress, "run-operation", "maintain_tables")
                maintained = began
        except LocalError as error:  # the next refresh takes up what this one left
            progress.phase(str(error))
        progress.phase(f"dbt took {time.monotonic() - began:.0f} s")
        while time.monotonic() < began + every:
            all_alive(parts)
            time.sleep(0.5)
        all_alive(parts)
