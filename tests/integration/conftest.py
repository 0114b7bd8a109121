"""Real parts for the integration tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from ingest.__main__ import session as ingest_session
from local.broker import Broker
from local.paths import ROOT
from tests import jvm
from tests.integration.landing import Bench


@pytest.fixture(scope="package", autouse=True)
def first_compiler_only() -> Iterator[None]:
    """A JVM that lives for some minutes gains nothing from its second compiler."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JAVA_TOOL_OPTIONS", jvm.SHORT_LIVED)
        yield


@pytest.fixture(scope="package", autouse=True)
def archive_of_classes() -> Iterator[None]:
    """One worker makes it beside the first tests; what starts later is the faster for it."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0" or jvm.archive().exists():
        yield
        return
    with subprocess.Popen([sys.executable, "-m", "tests.jvm"], cwd=ROOT, stderr=subprocess.DEVNULL) as made:
        yield
        made.terminate()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker on a free port for all tests; each test uses topics of its own name."""
    with Broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """The session that `python -m ingest` makes."""
    with jvm.session(ingest_session) as session:
        yield session


@pytest.fixture
def bench(broker: Broker, spark: SparkSession, tmp_path: Path) -> Bench:
    """A topic of its own on the broker, and a landing folder."""
    return Bench(broker, spark, tmp_path)
