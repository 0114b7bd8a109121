"""Spectrum's partitions follow compaction: a run repoints them, reads nothing again, and expiry changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.city.pieces import city
from testbed.standin import standin
from testbed.standin.half import logged

pytestmark = [pytest.mark.standin, pytest.mark.long]

RAW = 'select count(*), count(distinct (_kafka_partition, _kafka_offset)), max(_landed_at) from "raw".vehicle_telemetry'
MOVED = "select table_name, count(*) from standin.partitions where location like '%/compacted/%' group by 1 order by 1"


def test_a_run_repoints_compacted_hours_and_reads_nothing_again(tmp_path: Path) -> None:
    contract, folder = load_contract(), tmp_path / "landing"
    sent = city(tmp_path / "events", "--seed", "43", "--hours", "0.5", "--vehicles", "1", "--malformed", "0.02")
    start = datetime.now(UTC).replace(minute=10) - timedelta(hours=5)
    for piece in range(3):
        sent.land(folder, piece, 3, start + timedelta(hours=piece))
    with standin(tmp_path) as running:
        running.load(folder)
        running.build("seed")
        models = ("run", "--select", "+fct_vehicle_readings")
        running.build(*models)
        before, received = (
            running.query(RAW),
            "select count(*), max(_built_ms) from junction.int_vehicle_telemetry_received",
        )
        held = running.query(received)
        assert before[0][0] == before[0][1] == held[0][0] > 0

        assert {hour.hour[-2:] for hour in compact(LandingFolder.at(folder), contract)} == {
            f"{start + timedelta(hours=n):%H}" for n in (0, 1)
        }
        running.load(folder)
        assert running.query(RAW) == before
        assert "set location" in logged(running, *models)
        assert dict(running.query(MOVED))["vehicle_telemetry"] == 2
        assert dict(running.query(MOVED)).keys() > {"weather", "dead_letters", "landed_batches"}
        assert running.query(RAW) == before
        assert running.query(received) == held

        assert "set location" not in logged(running, *models)

        assert expire(LandingFolder.at(folder), contract, timedelta(days=1), datetime.now(UTC) + timedelta(days=2)) > 0
        assert running.forget(folder) > 0
        assert running.query(RAW) == before
        running.build("run", "--full-refresh", "--select", "+fct_vehicle_readings")
        assert running.query(received)[0][0] == held[0][0]

        running.build("run-operation", "external_tables")  # made again: no partition is at the expired files
        assert running.query(RAW) == before
