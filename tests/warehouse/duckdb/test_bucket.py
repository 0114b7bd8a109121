"""A warehouse whose landing folder is in a bucket: its owner lets readers reach that folder and nothing else of S3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]
import pytest

from contract.options import Bucket
from local.door import owner
from testbed.bucket.server import new_bucket
from testbed.city.pieces import city
from testbed.warehouse.door import Door
from testbed.warehouse.embedded import embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded


def test_the_door_serves_raw_of_the_bucket_and_nothing_else_of_it(tmp_path: Path, s3_server: None) -> None:
    place, other = new_bucket(), new_bucket()
    sent = city(tmp_path / "events", "--seed", "3", "--hours", "0.1", "--vehicles", "1")
    for at in (place, other):
        sent.land(at, 0, 2, datetime.now(UTC) - timedelta(hours=2))
    with embedded(tmp_path / "var", landing=place) as running:
        running.build("run", "--select", "stg_raw__weather")
        with owner.opened() as connection, owner.serving(connection, 0) as port:
            door = Door(port, tmp_path / "var", connection)
            ((held,),) = door.rows("select count(*) from junction.stg_raw__weather")
            assert held == len(sent.records["weather"]) // 2 > 0
            file = "raw/weather/landed_date=*/landed_hour=*/*.parquet"
            assert door.rows(f"select count(*) from read_parquet('{place}/{file}')") == [(held,)]
            for elsewhere in (f"{other}/{file}", f"s3://{place.name}/else/{file}"):
                with pytest.raises(psycopg2.Error, match="disabled by configuration"):
                    door.rows(f"select count(*) from read_parquet('{elsewhere}')")
            # dbt in this process opens the same file, and makes the secret again.
            sent.land(place, 1, 2, datetime.now(UTC) - timedelta(hours=1))
            running.build("seed", "--select", "zones")
            running.build("run", "--select", "+int_weather_received")
            landed = [(len(sent.records["weather"]),)]
            assert door.rows("select count(*) from junction.stg_raw__weather") == landed
            assert door.rows("select count(*) from junction.int_weather_received") == landed
            for path in (
                f"'{place}/x.parquet?s3_endpoint=127.0.0.1:9'",
                f"['{place}/x.parquet?s3_endpoint=127.0.0.1:9']",
                f"'{place}/x.parquet?s3_' || 'endpoint=127.0.0.1:9'",
                f"concat('{place}/x.parquet', chr(63), 's3_endpoint=127.0.0.1:9')",
            ):
                for read in (f"read_parquet({path})", f"glob({path})", f"parquet_schema({path})"):
                    with pytest.raises(psycopg2.Error, match=r"has no parameters|not by expressions"):
                        door.rows(f"select * from {read}")
            with pytest.raises(psycopg2.Error, match="has no parameters"):
                door.rows(f"select * from '{place}/x.parquet?s3_endpoint=127.0.0.1:9'")
            with pytest.raises(psycopg2.Error, match="A reader may not call"):
                door.rows("select secret_string from duckdb_secrets()")


def test_a_bucket_that_is_not_there_is_named(tmp_path: Path, s3_server: None) -> None:
    with embedded(tmp_path, landing=Bucket("no-such-bucket-of-junction", "city")) as running:
        said = failures(running.dbt("run", "--select", "stg_raw__weather"))
        assert "NoSuchBucket" in said
        assert "s3://no-such-bucket-of-junction/city/" in said
