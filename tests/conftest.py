"""The order of the tests, what all workers share, and the real parts."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from contract.place import ROOT
from ingest.landing.session import session as ingest_session
from local.broker import Broker
from testbed import jvm, workers
from testbed.bucket.server import served
from testbed.landing.bench import Bench

_LONGEST = (  # the longest first
    "warehouse/spark/test_warehouse.py", "warehouse/redshift/test_parity.py",
    "ingest/landing/test_poison_landing.py", "local/test_loop_kills.py", "local/test_loop.py",
    "warehouse/duckdb/test_exactness.py", "ingest/landing/test_landing_crash.py",
    "warehouse/redshift/test_operations.py", "warehouse/duckdb/test_loss.py",
    "local/test_loop_runs.py",
    "warehouse/duckdb/test_parity.py", "local/test_ci_slim.py", "warehouse/duckdb/test_raw_files.py",
    "local/test_door_dbt.py", "ingest/landing/test_landing_faults.py", "warehouse/duckdb/test_eighth_topic.py",
    "local/test_refresh.py", "warehouse/redshift/test_copy.py", "warehouse/redshift/test_exactness.py",
    "warehouse/spark/test_exactness.py", "warehouse/spark/test_added_column.py", "warehouse/spark/test_run_lock.py",
    "warehouse/redshift/test_run_lock.py",
)  # fmt: skip


def pytest_configure() -> None:
    """The tests see the same environment under make, under make within make and as typed: no `JUNCTION_*` of the
    shell's but the two that are meant for them, and nothing of make's own.

    What dbt knows of the project is a million objects, which the collector by its own numbers visits all the time:
    a quarter of what a run costs Python."""
    for name in list(os.environ):
        ours = name.startswith("JUNCTION_") and name not in ("JUNCTION_JARS", "JUNCTION_PARITY")
        if ours or name in ("ENGINE", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"):
            del os.environ[name]
    gc.set_threshold(100_000, 50, 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, or one of them would go on by itself when the other workers are done. Landing's
    tests wait more than they compute: spread among the rest they keep the cores busy."""
    files = dict.fromkeys(item.path for item in items)
    first = [path for name in _LONGEST if (path := ROOT / "tests" / name) in files]
    landing = [path for path in files if path not in first and ROOT / "tests" / "ingest" in path.parents]
    others = [path for path in files if path not in first and path not in landing]
    places = {path: -1.0 + number / len(first) for number, path in enumerate(first)}
    for some in (landing, others):
        places |= {path: (number + 0.5) / len(some) for number, path in enumerate(some)}
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session", autouse=True)
def what_workers_share(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder that pytest makes for all of them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        workers.folder = tmp_path_factory.getbasetemp().parent


@pytest.fixture(scope="session", autouse=True)
def first_compiler_only() -> Iterator[None]:
    """A JVM that lives for some minutes gains nothing from its second compiler."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JAVA_TOOL_OPTIONS", jvm.SHORT_LIVED)
        yield


@pytest.fixture(scope="session", autouse=True)
def archive_of_classes(request: pytest.FixtureRequest) -> Iterator[None]:
    """One worker makes it beside the first tests, if any needs a JVM; what starts later is the faster for it."""
    needed = any(item.get_closest_marker("jvm") for item in request.session.items)
    if not needed or os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0" or jvm.archive().exists():
        yield
        return
    with subprocess.Popen([sys.executable, "-m", "testbed.jvm"], cwd=ROOT, stderr=subprocess.DEVNULL) as made:
        yield
        made.terminate()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker on a free port for all tests; each test uses topics of its own name."""
    with Broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture(scope="session")
def s3_environment() -> Iterator[dict[str, str]]:
    """An S3 server for all tests, as the environment of who uses it; each test uses buckets of its own."""
    with served() as environment:
        yield environment


@pytest.fixture
def s3_server(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """That server is the one of this test."""
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """The session that `python -m ingest` makes."""
    with jvm.session(ingest_session) as session:
        yield session


@pytest.fixture
def bench(broker: Broker, spark: SparkSession, tmp_path: Path) -> Bench:
    """A topic of its own on the broker, and a landing folder."""
    return Bench(broker, spark, tmp_path)
