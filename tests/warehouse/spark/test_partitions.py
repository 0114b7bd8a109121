"""The catalog's partitions on Spark, when a first run was killed while it added them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from testbed.city.pieces import City, city, numbered
from testbed.warehouse.spark import Warehouse, warehouse

pytestmark = [pytest.mark.jvm, pytest.mark.long]

HOURS = 3


def test_a_first_run_that_was_killed_leaves_no_partition_out(tmp_path: Path) -> None:
    sent = city(tmp_path / "events", "--seed", "33", "--hours", "0.1", "--vehicles", "1")
    good = sent.records["weather"][:HOURS]
    spoilt = [{**row, "value": b"{"} for row in good]
    rows = numbered([row for pair in zip(good, spoilt, strict=True) for row in pair])
    first = datetime.now(UTC).replace(minute=20) - timedelta(hours=HOURS)
    landed = [first + timedelta(hours=number) for number in range(HOURS)]
    hours = [moment.strftime("landed_date=%Y-%m-%d/landed_hour=%H") for moment in landed]
    with warehouse(tmp_path) as built:
        built.build("seed", "--select", "zones")
        for number, moment in enumerate(landed):
            City({"weather": rows}).land(built.landing, number, HOURS, moment)
        # What the run before had come to: the topic's hours, in one statement, and nothing of the dead letters.
        for hour in hours:
            date, name = (part.split("=")[1] for part in hour.split("/"))
            built.session.sql(
                f"alter table raw.weather add partition (landed_date = date '{date}', landed_hour = '{name}')"
                f" location '{built.landing}/raw/weather/{hour}'"
            )
        built.build("run", "--select", "stg_raw__weather")
        assert _partitions(built, "weather") == hours
        assert _partitions(built, "dead_letters") == hours
        assert built.session.table("raw.dead_letters").count() == HOURS


def _partitions(built: Warehouse, table: str) -> list[str]:
    return sorted(row[0] for row in built.session.sql(f"show partitions raw.{table}").collect())
