"""A column added to a topic's contract, landed and built on Spark: CONTRIBUTING's recipe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import LandingError
from local.broker import Broker
from testbed.city import through_kafka as city
from testbed.warehouse.compare import assert_same, plain
from testbed.warehouse.contract_change import ADDED, TOPIC, add_columns, copy_of_project, expected, new_columns, records
from testbed.warehouse.outcome import failures
from testbed.warehouse.spark import Warehouse, warehouse

pytestmark = [pytest.mark.jvm, pytest.mark.long]

MODELS = ("run", "--select", "+int_sensors_sample_clean")
CLEAN = "int_sensors_sample_clean"
START = datetime.now(UTC) - timedelta(hours=5)


def land(built: Warehouse, broker: Broker, prefix: str, hour: int) -> None:
    """Send and land ROWS records, by the contract as it stands in the project."""
    at = START + timedelta(hours=hour)
    city.send(broker, {TOPIC: list(records(prefix, at))})
    city.land(built.session, broker, built.folder, at, built.project, [TOPIC])


def test_rows_that_landed_before_have_what_was_rescued(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka") as broker, warehouse(tmp_path, copy_of_project(tmp_path)) as built:
        land(built, broker, "old", 0)
        built.build(*MODELS)
        assert not set(ADDED) & set(built.session.table("raw.sensors_sample").columns)

        add_columns(built.project)
        land(built, broker, "new", 1)
        refused = built.dbt(*MODELS)
        assert "out of sync" in failures(refused), "received was to ask for a full refresh"
        assert set(ADDED) <= set(built.session.table("raw.sensors_sample").columns)
        built.build(*MODELS, "--full-refresh")
        assert new_columns(built.table(CLEAN), "old") == expected(built.project, "old")
        assert new_columns(built.table(CLEAN), "new") == expected(built.project, "new", fitting=True)

        land(built, broker, "more", 2)
        built.build(*MODELS)
        assert new_columns(built.table(CLEAN), "more") == expected(built.project, "more", fitting=True)
        incremental = plain(built.table(CLEAN))
        built.build(*MODELS, "--full-refresh")
        assert_same(CLEAN, incremental, plain(built.table(CLEAN)))

        contract = built.project / "models" / "staging" / "cars" / "_cars__sources.yml"
        contract.write_text(
            contract.read_text().replace(
                "- name: oil_c\n            data_type: double", "- name: oil_c\n            data_type: integer"
            )
        )
        with pytest.raises(LandingError, match=r"oil_c: its type changed from double to integer, but .* oil_c_2"):
            land(built, broker, "late", 3)
