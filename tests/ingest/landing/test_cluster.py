"""A city through a cluster of two workers into a bucket that fails, and the marts from the bucket, on two engines."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from contract.options import Bucket
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from local.broker import Broker
from simulator.__main__ import main as simulate
from testbed.bucket.faults import faulty
from testbed.bucket.server import new_bucket
from testbed.cluster.standalone import cluster
from testbed.cluster.wheel import EXECUTORS_NEED, bare_python, built, unpacked
from testbed.oracle import KEYS, assert_same_rows, project_oracle
from testbed.warehouse.embedded import embedded
from testbed.warehouse.spark import warehouse
from tests.ingest.folder.test_bucket import downloaded

pytestmark = [pytest.mark.jvm, pytest.mark.cluster]

FAULTS = ["--duplicated", "0.02", "--malformed", "0.01", "--missing-field", "0.005", "--late", "0.05"]
PARTITIONS = 3


@dataclass
class Landed:
    """A bucket with all of a city, the same as files, and what the job printed."""

    place: Bucket
    copy: Path
    printed: str
    killed: int
    faults: dict[str, int]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory, s3_environment: dict[str, str]) -> Iterator[Landed]:
    folder = tmp_path_factory.mktemp("cluster")
    wheel = built(folder)
    site, python = unpacked(wheel, folder / "site"), bare_python(folder / "executors")
    topics = [topic.topic for topic in load_contract().topics]
    with pytest.MonkeyPatch.context() as here, Broker(folder / "kafka") as broker:
        for name, value in s3_environment.items():
            here.setenv(name, value)
        place = new_bucket()
        broker.create_topics(topics, PARTITIONS)
        city = ["--seed", "12", "--hours", "1.5", "--vehicles", "3", *FAULTS]
        assert simulate(["--bootstrap-servers", broker.bootstrap_servers, *city]) == 0
        arguments = ["--once", "--bootstrap-servers", broker.bootstrap_servers, "--landing", str(place)]
        arguments += ["--checkpoints", str(folder / "checkpoints"), "--max-offsets", "4000"]
        speculation = {
            "spark.speculation": "true", "spark.speculation.multiplier": "1.01", "spark.speculation.quantile": "0.1",
            "spark.speculation.interval": "50ms", "spark.task.maxFailures": "10",
        }  # fmt: skip
        with faulty(s3_environment, seed=12) as (through, faults), cluster(folder, through) as running:
            job = running.submit(site / "ingest" / "__main__.py", python, arguments, **speculation)
            store = LandingFolder.at(place).store
            deadline = time.monotonic() + 240
            while not store.list("raw/landed_batches") or len(running.executors()) < 2:
                assert job.running(), job.last_lines()
                assert time.monotonic() < deadline, job.last_lines()
                time.sleep(0.2)
            killed = running.kill_executor()
            assert job.process.wait(400) == 0, job.last_lines(40)
        yield Landed(place, downloaded(place, folder / "landing"), job.log.read_text(), killed, dict(faults.done))


def test_executors_have_neither_dbt_nor_kafkas_client_nor_yaml(tmp_path: Path) -> None:
    python = bare_python(tmp_path / "bare")
    for module in ("yaml", "confluent_kafka", "dbt", "duckdb", "prometheus_client"):
        assert subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 1, module
    assert subprocess.run([python, "-c", f"import {', '.join(EXECUTORS_NEED)}"]).returncode == 0


def test_each_record_is_landed_once(landed: Landed) -> None:
    assert sum(count for fault, count in landed.faults.items() if fault != "requests") > 20, landed.faults
    rows, distinct = 0, 0
    for table in [*(topic.table for topic in load_contract().topics), "dead_letters"]:
        pattern = f"{landed.copy}/raw/{table}/**/*.parquet"
        ((count, keys),) = duckdb.sql(
            f"select count(*), count(distinct (_kafka_topic, _kafka_partition, _kafka_offset)) from '{pattern}'"
        ).fetchall()
        rows, distinct = rows + count, distinct + keys
    ((noted,),) = duckdb.sql(
        f"select sum(end_offset - first_offset) from '{landed.copy}/raw/landed_batches/**/*.parquet'"
    ).fetchall()
    assert rows == distinct == noted > 10_000


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_the_marts_from_the_bucket_equal_the_oracle(
    landed: Landed, engine: str, tmp_path: Path, s3_server: None
) -> None:
    oracle = project_oracle(landed.copy)
    made = embedded if engine == "duckdb" else warehouse
    with made(tmp_path, landing=landed.place) as running:
        running.build("build", "--exclude-resource-type", "unit_test")
        for name, key in KEYS.items():
            assert_same_rows(name, running.table(name), oracle.mart(name), key)
        print(json.dumps({name: running.table(name).num_rows for name in KEYS}))
