"""A refresh builds what has something new, what failed or was skipped, and nothing else (`local/refresh.py`)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.refresh import keep, selection
from testbed.city.pieces import City, city
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

QUIET = "vehicle-gps"  # nothing of it has landed for three days


@dataclass
class Refreshed:
    """A warehouse that was built once, and what was not landed yet: a second piece of each topic."""

    running: Embedded
    state: Path
    landing: Path
    sent: City

    def refresh(self, *flags: str) -> dict[str, str]:
        """What `make refresh` does, on this engine: node → status of what dbt chose."""
        self.running.dbt("source", "freshness")  # a stale source is no failure
        chosen = selection(self.state)
        began = time.time()
        outcome: Any = self.running.dbt("build", *chosen, *flags)
        assert outcome.exception is None, failures(outcome)
        keep(self.running.folder / "target", self.state, began)
        return {result.node.name: str(result.status) for result in outcome.result.results}

    def land(self, topic: str, piece: int, ago: timedelta = timedelta(minutes=30)) -> None:
        City({topic: self.sent.records[topic]}).land(self.landing, piece, 3, datetime.now(UTC) - ago)


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refreshed]:
    folder = tmp_path_factory.mktemp("refresh")
    sent = city(folder / "events", "--seed", "41", "--hours", "0.5", "--vehicles", "1")
    City({QUIET: sent.records[QUIET]}).land(folder / "landing", 0, 3, datetime.now(UTC) - timedelta(days=3))
    City({**sent.records, QUIET: []}).land(folder / "landing", 0, 3, datetime.now(UTC) - timedelta(hours=1))
    with embedded(folder) as running:
        first = Refreshed(running, folder / "refreshed", folder / "landing", sent)
        assert selection(first.state) == []
        statuses = first.refresh("--exclude-resource-type", "unit_test")  # test_parity has them
        assert statuses["fct_vehicle_readings"] == "success"
        assert statuses["stg_raw__weather"] == "success"
        yield first


def test_nothing_new_builds_nothing(refreshed: Refreshed) -> None:
    assert refreshed.refresh() == {}


def test_what_was_landed_is_built_with_what_reads_it_and_no_view_is_made_again(refreshed: Refreshed) -> None:
    refreshed.land("sensors-sample", 1)
    statuses = refreshed.refresh()
    assert statuses["fct_car_samples"] == statuses["agg_car_alerts_15min"] == "success"
    assert "int_sensors_sample_received" in statuses
    assert statuses["each_alert_is_in_the_window_of_its_minute"] == "pass"
    assert not statuses.keys() & {"fct_car_alerts", "stg_raw__sensors_sample", "fct_vehicle_readings", "cars"}
    assert refreshed.refresh() == {}


def test_a_batch_whose_files_are_there_before_its_line_in_the_ledger_is_built_after_it(refreshed: Refreshed) -> None:
    """The landing job was killed in between, and published the line when it was started again."""
    ledger = refreshed.landing / "raw" / "landed_batches"
    before = {*ledger.rglob("*.parquet")}
    refreshed.land("weather", 1)
    (line,) = {*ledger.rglob("*.parquet")} - before
    line.rename(refreshed.landing / line.name)
    refreshed.refresh()
    (refreshed.landing / line.name).rename(line)
    assert refreshed.refresh()["int_weather_received"] == "success"
    (missing,) = refreshed.running.query(
        "select count(*) - (select count(*) from junction.int_weather_received) from raw.weather"
    )
    assert missing == (0,)
    assert refreshed.refresh() == {}


def test_a_batch_whose_files_come_after_its_line_in_the_ledger_is_built_when_they_are_there(
    refreshed: Refreshed, tmp_path: Path
) -> None:
    """A network file system or a synced bucket; nothing more lands in the topic."""
    topic, table = "traffic-cameras", "traffic_cameras"
    raw = refreshed.landing / "raw" / table
    before = {*raw.rglob("*.parquet")}
    refreshed.land(topic, 1, timedelta(minutes=1))
    hidden = max({*raw.rglob("*.parquet")} - before, key=lambda file: file.stat().st_size)
    hidden.rename(tmp_path / hidden.name)
    refreshed.refresh()
    assert refreshed.refresh() == {}
    (tmp_path / hidden.name).rename(hidden)
    assert refreshed.refresh()[f"int_{table}_received"] == "success"
    (missing,) = refreshed.running.query(
        f"select count(*) - (select count(*) from junction.int_{table}_received) from raw.{table}"
    )
    assert missing == (0,)
    assert refreshed.refresh() == {}


def test_what_was_landed_days_ago_of_a_quiet_topic_and_published_now_is_built(refreshed: Refreshed) -> None:
    refreshed.land(QUIET, 1, ago=timedelta(days=2.5))
    assert refreshed.refresh()["int_vehicle_gps_received"] == "success"
    assert refreshed.refresh() == {}


def test_what_failed_and_what_it_held_back_is_built_next_time(refreshed: Refreshed) -> None:
    refreshed.land("traffic-sensors", 1)
    statuses = refreshed.refresh("--vars", "{speed_drop_z: no_such_column}")
    assert statuses["int_sensor_minutes_scored"] == "error"
    assert statuses["fct_traffic_anomalies"] == "skipped"
    statuses = refreshed.refresh()
    assert statuses["int_sensor_minutes_scored"] == statuses["fct_traffic_anomalies"] == "success"
    assert "int_traffic_sensors_received" not in statuses
    assert refreshed.refresh() == {}


def test_an_edited_file_brings_the_comparison_with_the_last_manifest(refreshed: Refreshed) -> None:
    assert "state:modified+" not in selection(refreshed.state)
    past = time.time() - 1e9  # the manifest is older than every file: as if all had been saved since
    os.utime(refreshed.state / "manifest.json", (past, past))
    assert "state:modified+" in selection(refreshed.state)
    assert refreshed.refresh() == {}  # they say what they said
