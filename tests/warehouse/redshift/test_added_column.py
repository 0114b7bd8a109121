"""A column added to a topic's contract, on the Redshift stand-in: CONTRIBUTING's recipe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.reading import load_contract
from testbed.city.pieces import land_batch
from testbed.standin import standin
from testbed.warehouse.compare import assert_same, plain
from testbed.warehouse.contract_change import ADDED, TOPIC, add_columns, copy_of_project, expected, new_columns, records
from testbed.warehouse.outcome import failures

pytestmark = [pytest.mark.standin, pytest.mark.long]

MODELS = ("run", "--select", "+int_sensors_sample_clean")
CLEAN = "int_sensors_sample_clean"


def land(project: Path, landing: Path, prefix: str, number: int) -> None:
    """Land ROWS records as a batch of the contract as it stands in the project, an hour after the batch before."""
    contract, at = load_contract(project), datetime.now(UTC) - timedelta(hours=5 - number)
    sent = list(records(prefix, at))
    rows = [
        {"partition": 0, "offset": number * len(sent) + nth, "timestamp": at, "key": b"car-1", "value": record["value"]}
        for nth, record in enumerate(sent)
    ]
    land_batch(contract, contract.topic(TOPIC), landing, rows, number, at)


def test_rows_that_landed_before_have_what_was_rescued(tmp_path: Path) -> None:
    project, landing = copy_of_project(tmp_path), tmp_path / "landing"
    with standin(tmp_path, project) as running:
        land(project, landing, "old", 0)
        running.load(landing)
        running.build(*MODELS)
        assert not set(ADDED) & set(running.table(CLEAN).column_names)

        add_columns(project)
        running.adopt_contract()
        land(project, landing, "new", 1)
        running.load(landing)
        refused = running.dbt(*MODELS)
        assert "out of sync" in failures(refused), "received was to ask for a full refresh"
        running.build(*MODELS, "--full-refresh")
        assert new_columns(running.table(CLEAN), "old") == expected(project, "old")
        assert new_columns(running.table(CLEAN), "new") == expected(project, "new", fitting=True)

        land(project, landing, "more", 2)
        running.load(landing)
        running.build(*MODELS)
        assert new_columns(running.table(CLEAN), "more") == expected(project, "more", fitting=True)
        incremental = plain(running.table(CLEAN))
        running.build(*MODELS, "--full-refresh")
        assert_same(CLEAN, incremental, plain(running.table(CLEAN)))
