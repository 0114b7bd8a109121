"""`make up`: the city live, from Kafka to the marts and the Thrift server, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import time

from contract.reading import load_contract
from local import build, checks, paths, spark, thrift
from local.broker import Broker
from local.checks import LocalError
from local.process import Child, module
from local.progress import Progress
from local.refresh import refresh

_NEEDS_GIB = 5.0
_MAINTAIN_EVERY = 6 * 3600  # seconds


def run(seed: int, vehicles: int, port: int, thrift_port: int, every: int) -> None:
    """Keep it all up, with a refresh every `every` seconds. Raises LocalError if a part ends by itself."""
    progress = Progress()
    os.environ["JUNCTION_TARGET"] = "spark"  # the Thrift server's session builds and serves
    progress.phase("Checking Java, disk space and ports")
    checks.java()
    checks.disk_space(paths.var(), _NEEDS_GIB)
    checks.port_is_free(port, "Kafka", "JUNCTION_KAFKA_PORT")
    checks.port_is_free(thrift_port, "the Thrift server", thrift.CHANGE_PORT)
    with contextlib.ExitStack() as stack:
        progress.phase(f"Starting Kafka on port {port}")
        broker = stack.enter_context(Broker(paths.var() / "kafka", port))
        broker.create_topics(topic.topic for topic in load_contract().topics)
        progress.phase("Starting the landing job and the simulator")
        city = ["--real-time", "--seed", seed, "--vehicles", vehicles]
        parts = [
            stack.enter_context(module("ingest", broker.bootstrap_servers)),
            stack.enter_context(module("simulator", broker.bootstrap_servers, *city)),
        ]
        progress.phase("Starting Spark and the Thrift server")
        session = stack.enter_context(spark.session())
        thrift.serve(session, thrift_port)
        where = f"jdbc:hive2://127.0.0.1:{thrift_port}/junction (password in {thrift.password_file()})"
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
            _all_alive(parts)
            time.sleep(0.5)
        _all_alive(parts)


def _all_alive(parts: list[Child]) -> None:
    for part in parts:
        if not part.running():
            raise LocalError(f"{part.name} ended: {part.last_lines(1)} (all of it: {part.log})")
