"""The services of docker-compose.yml as processes: `python -m testbed.compose.stack FOLDER`, in a network of its own.

Landing is killed once and started again, as `restart: unless-stopped` does. At the end all that the simulator has sent
is landed and built, and every process has ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from local.broker import Broker
from local.paths import ROOT
from local.process import Child
from testbed.bucket.versitygw import program

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
_PATIENCE = 240.0  # seconds for a service to be well, and for the rest to be landed and built


class Stack:
    """What runs; `/state` of the containers is `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: dict[str, Child] = {}

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.running.values()):
            child.stop()

    def up(self, name: str) -> None:
        """Start a service once what it depends on is so far, and wait until it is well, or has ended with 0."""
        for other, how in SERVICES[name].get("depends_on", {}).items():
            if other not in self.running and other != "kafka":
                self.up(other)
            if how["condition"] == "service_completed_successfully":
                assert self.running[other].process.returncode == 0
        self.start(name)
        if SERVICES[name]["restart"] == "no":
            code = self.running[name].process.wait(_PATIENCE)
            assert code == 0, self.running[name].last_lines()
        else:
            self.well(name)

    def start(self, name: str) -> None:
        """Start a service, as it stands in the file."""
        service = SERVICES[name]
        command = self._here([*service.get("entrypoint", []), *service.get("command", [])])
        self.running[name] = Child(name, command, self._folder / "logs" / f"{name}.log", self._environment(name))

    def well(self, name: str) -> None:
        """Wait until the service's health check exits with 0."""
        kind, *check = SERVICES[name]["healthcheck"]["test"]
        assert kind == "CMD"
        deadline = time.monotonic() + _PATIENCE
        while True:
            done = subprocess.run(self._here(check), env=os.environ | self._environment(name), capture_output=True)
            if done.returncode == 0:
                return
            assert self.running[name].running(), f"{name} ended: {self.running[name].last_lines()}"
            assert time.monotonic() < deadline, f"{name}: {done.stderr.decode()[-500:]}"
            time.sleep(1)

    def kill(self, name: str) -> None:
        """SIGKILL to a service's processes."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].process.wait()

    def _here(self, words: list[str]) -> list[str]:
        return [word.replace("/state", str(self._folder)) for word in words]

    def _environment(self, name: str) -> dict[str, str]:
        given = {key: str(value) for key, value in SERVICES[name].get("environment", {}).items()}
        path = f"{Path(sys.executable).parent}:{Path(program()).parent}:{os.environ['PATH']}"
        here = {key: value.replace("/state", str(self._folder)) for key, value in given.items()}
        return here | {"JUNCTION_VAR": str(self._folder), "PATH": path}


def metric(url: str, name: str) -> float:
    """The sum of a metric's samples."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def settled() -> bool:
    """Whether all that Kafka has is landed, and the marts have it."""
    with contextlib.suppress(OSError):
        return (
            metric("http://ingest:8080/metrics", "junction_landing_lag_records") == 0
            and metric("http://loop:9464/metrics", "junction_loop_landed_through_timestamp_seconds") > 0
            and metric("http://loop:9464/metrics", "junction_loop_failures_in_a_row") == 0
        )
    return False


def main(folder: Path) -> None:
    """Live through it."""
    with Broker(folder / "kafka", 9092), Stack(folder) as stack:
        for name in ("simulator", "ingest", "loop"):
            stack.up(name)
        time.sleep(20)
        stack.kill("ingest")
        stack.start("ingest")
        time.sleep(20)
        stack.well("ingest")
        stack.running["simulator"].stop()
        deadline, still = time.monotonic() + _PATIENCE, 0
        while still < 15:  # seconds in which nothing more came
            assert time.monotonic() < deadline, "not all was landed and built"
            still = still + 1 if settled() else 0
            time.sleep(1)
        stack.well("loop")
        stack.running["ingest"].process.terminate()  # as Docker does: the first process alone
        assert stack.running["ingest"].process.wait(40) == 0, stack.running["ingest"].last_lines()
        stack.running["loop"].stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
