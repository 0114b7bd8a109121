"""A Prometheus that scrapes, with the rules of `monitoring/`."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from local.checks import free_port
from local.paths import ROOT
from local.process import Child
from testbed.prometheus.program import program

RULES = ROOT / "monitoring" / "junction.rules.yml"
_PATIENCE = 60  # seconds


class Prometheus:
    """Where it answers."""

    def __init__(self, port: int, child: Child) -> None:
        self.port, self._child = port, child

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression now, each with `metric` and `value`."""
        found: list[dict[str, Any]] = self._asked("query", query=expression)["result"]
        return found

    def alerts(self) -> dict[str, str]:
        """The rules by name, each `inactive`, `pending` or `firing`."""
        groups = self._asked("rules")["groups"]
        return {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}

    def wait(self, expression: str, count: int = 1) -> list[dict[str, Any]]:
        """The series, once there are so many. Raises AssertionError after a minute."""
        deadline = time.monotonic() + _PATIENCE
        while len(found := self.query(expression)) < count:
            assert time.monotonic() < deadline, f"{expression}: {found}; {self._child.last_lines(3)}"
            time.sleep(0.5)
        return found

    def _asked(self, what: str, **parameters: str) -> Any:
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]


@contextlib.contextmanager
def scraping(folder: Path, targets: Mapping[str, int]) -> Iterator[Prometheus]:
    """A Prometheus that scrapes each job's port on loopback each second, while the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [{"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for job, port in targets.items()]
    every = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    settings = {"global": every, "rule_files": [str(RULES)], "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    port = free_port()
    command = [program("prometheus"), f"--config.file={folder / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    with Child("Prometheus", command, folder / "prometheus.log") as child:
        running = Prometheus(port, child)
        deadline = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(OSError):
                running.query("vector(1)")
                break
            assert child.running(), child.last_lines()
            assert time.monotonic() < deadline, child.last_lines()
            time.sleep(0.2)
        yield running
