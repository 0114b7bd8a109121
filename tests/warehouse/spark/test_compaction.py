"""Compaction under dbt on Spark: on-run-start repoints the partitions, a run sees the same rows, and none again.

And the Delta tables' own: `maintain_tables` joins their small files.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.city.pieces import city
from testbed.warehouse.spark import Warehouse, warehouse

pytestmark = [pytest.mark.jvm, pytest.mark.long]

MODELS = ("run", "--select", "+int_vehicle_telemetry_received")


def raw(built: Warehouse) -> list:
    columns = "count(*), count(distinct _kafka_partition, _kafka_offset), max(_landed_at)"
    return built.session.sql(f"select {columns} from raw.vehicle_telemetry").collect()


def files(built: Warehouse, table: str) -> list[str]:
    return sorted(path.split("landing/", 1)[1] for path in built.session.table(f"raw.{table}").inputFiles())


def received(built: Warehouse) -> list:
    return built.session.sql("select count(*), max(_built_ms) from junction.int_vehicle_telemetry_received").collect()


def statements(built: Warehouse, since: int = 0) -> str:
    return (built.folder / "logs" / "dbt.log").read_text()[since:]


def test_repointed_partitions_hold_the_same_rows_and_expiry_changes_nothing(tmp_path: Path) -> None:
    contract, landing = load_contract(), tmp_path / "landing"
    sent = city(tmp_path / "events", "--seed", "43", "--hours", "0.5", "--vehicles", "1", "--malformed", "0.02")
    start = datetime.now(UTC).replace(minute=10) - timedelta(hours=30)  # so that the clock has closed each hour
    for piece in range(3):
        sent.land(landing, piece, 4, start + timedelta(hours=piece))
    with warehouse(tmp_path) as built:
        built.log = True
        built.build("seed", "--select", "zones")
        built.build(*MODELS)
        before, held, small = raw(built), received(built), files(built, "vehicle_telemetry")
        assert before[0][0] == before[0][1] == held[0][0] > 0

        compact(LandingFolder.at(landing), contract)
        assert (raw(built), files(built, "vehicle_telemetry")) == (before, small)
        built.build(*MODELS)
        repointed = files(built, "vehicle_telemetry")
        assert [name.split("/")[0] for name in repointed] == ["compacted"] * 3
        assert {name.split("/")[0] for name in files(built, "landed_batches")} == {"compacted"}
        assert (raw(built), received(built)) == (before, held)

        assert "set location" in statements(built)
        log = len(statements(built))
        built.build(*MODELS)
        assert "set location" not in statements(built, log)
        for table in ("landed_batches", "vehicle_telemetry"):
            assert f"show partitions raw.{table}" not in statements(built, log)  # which would list all of history

        assert expire(LandingFolder.at(landing), contract, timedelta(days=1), datetime.now(UTC) + timedelta(days=2)) > 0
        assert (raw(built), files(built, "vehicle_telemetry")) == (before, repointed)

        sent.land(landing, 3, 4, start + timedelta(hours=3))
        compact(LandingFolder.at(landing), contract)  # before a run has seen the hour
        built.build(*MODELS)
        assert [name.split("/")[0] for name in files(built, "vehicle_telemetry")] == ["compacted"] * 4
        assert len(sent.records["emergency-incidents"]) == 1  # a topic whose first batch it is
        assert [name.split("/")[0] for name in files(built, "emergency_incidents")] == ["compacted"]
        assert raw(built)[0][0] == received(built)[0][0] > held[0][0]

        hours = "select event_hour, count(distinct _metadata.file_path) as files, count(*) as row_count "
        hours += "from junction.int_vehicle_telemetry_received group by event_hour order by event_hour"
        scattered = built.session.sql(hours).collect()
        assert max(row.files for row in scattered) > 1
        built.build("run-operation", "maintain_tables")
        joined = built.session.sql(hours).collect()
        assert [row.files for row in joined] == [1] * len(scattered)
        assert [row.row_count for row in joined] == [row.row_count for row in scattered]
        history = built.session.sql("describe history junction.int_vehicle_telemetry_received").collect()
        assert {"OPTIMIZE", "VACUUM END"} <= {row.operation for row in history}
        built.build(*MODELS, "--full-refresh")  # the lock is free again
        assert raw(built)[0][0] == received(built)[0][0]
