"""A standalone Spark cluster on loopback: a master and workers, each a process, from the wheel of pyspark."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from local import checks, jars
from local.process import Child

_PATIENCE = 60  # seconds until all workers are registered
_DEPLOY = "org.apache.spark.deploy"
_CONNECTOR = ("spark-sql-kafka", "spark-token-provider-kafka", "kafka-clients", "commons-pool2", "lz4-java")


class Cluster:
    """A master at `url`, and its workers of one core each."""

    def __init__(self, folder: Path, environment: Mapping[str, str], workers: int) -> None:
        self._folder, self._port, self._page = folder, checks.free_port(), checks.free_port()
        self._environment = {
            **environment, "SPARK_HOME": str(home()), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
            "SPARK_DAEMON_MEMORY": "256m", "SPARK_WORKER_DIR": str(folder / "work"),
        }  # fmt: skip
        self.url = f"spark://127.0.0.1:{self._port}"
        self._workers = workers
        self.children: list[Child] = []

    def __enter__(self) -> Cluster:
        page = str(self._page)
        self._start("Master", "--port", str(self._port), "--webui-port", page)
        deadline = time.monotonic() + _PATIENCE
        self._wait(deadline, workers=0)
        for _ in range(self._workers):
            self._start("Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0", self.url)
        self._wait(deadline, self._workers)
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.children):
            child.stop()

    def submit(self, script: Path, python: Path, arguments: Sequence[str], **conf: str) -> Child:
        """spark-submit of the landing job's `script` with `arguments`; executors run `python`."""
        options = {
            "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
            "spark.driver.memory": "700m", "spark.executor.memory": "700m", "spark.scheduler.mode": "FAIR",
            "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.pyspark.driver.python": sys.executable, "spark.pyspark.python": str(python),
        } | conf  # fmt: skip
        settings = [part for name, value in options.items() for part in ("--conf", f"{name}={value}")]
        command = [str(home() / "bin" / "spark-submit"), "--master", self.url, "--jars", connector(), *settings]
        environment = {**self._environment, "PYTHONPATH": str(script.parent.parent)}
        started = Child("landing", [*command, str(script), *arguments], self._folder / "landing.log", environment)
        self.children.append(started)
        return started

    def executors(self) -> list[int]:
        """The process ids of the executors that run: what the workers have started."""
        workers = [child.pid for child in self.children if child.name == "Worker"]
        files = [file for worker in workers for file in Path(f"/proc/{worker}/task").glob("*/children")]
        return [int(process) for file in files for process in file.read_text().split()]

    def kill_executor(self) -> int:
        """SIGKILL to one executor; its process id."""
        process = self.executors()[0]
        os.kill(process, signal.SIGKILL)
        return process

    def _start(self, kind: str, *arguments: str) -> None:
        command = [str(home() / "bin" / "spark-class"), f"{_DEPLOY}.{kind.lower()}.{kind}", "--host", "127.0.0.1"]
        log = self._folder / f"{kind.lower()}-{len(self.children)}.log"
        self.children.append(Child(kind, [*command, *arguments], log, self._environment))

    def _wait(self, deadline: float, workers: int) -> None:
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self._page}/json/") as page:
                if page.read().decode().count('"ALIVE"') >= workers + 1:  # the master is one too
                    return
            time.sleep(0.3)
        raise RuntimeError(f"the cluster is not up: {self.children[-1].last_lines()}")


@contextlib.contextmanager
def cluster(folder: Path, environment: Mapping[str, str], workers: int = 2) -> Iterator[Cluster]:
    """A cluster while the context lasts; `environment` is also that of its executors."""
    with Cluster(folder, environment, workers) as running:
        yield running


def home() -> Path:
    """SPARK_HOME: the folder of pyspark."""
    found = importlib.util.find_spec("pyspark")
    assert found
    assert found.origin
    return Path(found.origin).parent


def connector() -> str:
    """The jars of Spark's Kafka source, for --jars: extraClassPath alone does not reach executors."""
    found = [str(jar) for jar in sorted(jars.fetch("spark").glob("*.jar")) if jar.name.startswith(_CONNECTOR)]
    return ",".join(found)
