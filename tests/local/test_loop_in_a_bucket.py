"""`make up` whose landing folder is in a bucket, watched by a real Prometheus with the rules of monitoring/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Producer

from contract.options import Bucket
from ingest.folder.landing_folder import LandingFolder
from testbed.bucket.server import new_bucket
from testbed.prometheus.scraping import RULES, scraping
from testbed.warehouse.live import Live, live

pytestmark = [pytest.mark.jvm, pytest.mark.embedded, pytest.mark.cluster]


@pytest.fixture(scope="module")
def place(s3_environment: dict[str, str]) -> Iterator[Bucket]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in s3_environment.items():
            environment.setenv(name, value)
        yield new_bucket()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, place: Bucket) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("live"), landing=place) as running:
        running.wait("its first marts", lambda: running.runs() > 2)
        yield running


def test_what_is_landed_in_the_bucket_is_built(up: Live, place: Bucket) -> None:
    assert LandingFolder.at(place).store.list("raw/landed_batches")
    assert not (up.folder / "landing").exists()
    before = up.rows("select count(*) from fct_vehicle_readings")
    up.wait("more readings", lambda: up.rows("select count(*) from fct_vehicle_readings") > before)
    ((held, landed),) = up.rows(
        "select (select count(*) from int_vehicle_telemetry_received), (select sum(row_count) from raw.landed_batches "
        "where _kafka_topic = 'vehicle-telemetry')"
    )
    assert 0 < held <= landed


def test_each_query_of_the_alerts_has_a_series_and_none_fires(up: Live, tmp_path: Path) -> None:
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    targets = {"junction-landing": up.landing_metrics, "junction-loop": up.loop_metrics}
    with scraping(tmp_path, targets) as prometheus:
        producer = Producer({"bootstrap.servers": f"127.0.0.1:{up.broker_port}"})
        for reason in (b"nonsense", b"[]"):
            producer.produce("weather", reason, b"key")
        assert producer.flush(30) == 0
        prometheus.wait("sum(junction_landed_dead_letters_total) > 1")
        for rule in rules:
            query = re.fullmatch(r"(?s)(.+) (?:==|>=|>) [\d.]+", rule["expr"].strip())
            assert query, rule["expr"]
            prometheus.wait(query[1])
        assert {*prometheus.alerts().values()} <= {"inactive", "pending"}
        assert prometheus.alerts().keys() == {rule["alert"] for rule in rules}
        (requests,) = prometheus.query("sum(junction_store_requests_total)")
        assert float(requests["value"][1]) > 50
