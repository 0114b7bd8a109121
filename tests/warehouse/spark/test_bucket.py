"""A landing folder in a bucket, read by Spark: the same rows as DuckDB's, also of compacted hours, and after expiry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.bucket.server import new_bucket
from testbed.city.pieces import city
from testbed.warehouse.spark import Warehouse, warehouse

pytestmark = [pytest.mark.jvm, pytest.mark.long]

MODELS = ("run", "--select", "+int_vehicle_telemetry_received")


def rows(built: Warehouse, of: str) -> list[tuple]:
    return [tuple(row) for row in built.session.sql(f"select count(*), max(_landed_at) from {of}").collect()]


def test_spark_reads_a_bucket_also_compacted_and_expired(tmp_path: Path, s3_server: None) -> None:
    contract, place = load_contract(), new_bucket()
    sent = city(tmp_path / "events", "--seed", "43", "--hours", "0.5", "--vehicles", "1", "--malformed", "0.02")
    start = datetime.now(UTC).replace(minute=10) - timedelta(hours=30)
    for piece in range(3):
        sent.land(place, piece, 4, start + timedelta(hours=piece))
    with warehouse(tmp_path / "var", landing=place) as built:
        built.build("seed", "--select", "zones")
        built.build(*MODELS)
        before, held = rows(built, "raw.vehicle_telemetry"), rows(built, "junction.int_vehicle_telemetry_received")
        assert before == held
        assert before[0][0] == 3 * len(sent.records["vehicle-telemetry"]) // 4 - dead(built)

        assert compact(LandingFolder.at(place), contract)
        built.build(*MODELS)
        assert expire(LandingFolder.at(place), contract, timedelta(days=1), datetime.now(UTC) + timedelta(days=2)) > 0
        assert rows(built, "raw.vehicle_telemetry") == before
        sent.land(place, 3, 4, datetime.now(UTC) - timedelta(minutes=5))
        built.build(*MODELS)
        after = rows(built, "raw.vehicle_telemetry")
        assert after == rows(built, "junction.int_vehicle_telemetry_received")
        assert after[0][0] == len(sent.records["vehicle-telemetry"]) - dead(built)


def dead(built: Warehouse) -> int:
    ((count,),) = built.session.sql(
        "select count(*) from raw.dead_letters where _kafka_topic = 'vehicle-telemetry'"
    ).collect()
    return int(count)
