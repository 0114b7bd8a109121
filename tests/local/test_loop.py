"""`make up` on DuckDB with all of its real parts: readers, a second dbt, a run that fails, its end and its kills."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from testbed.warehouse.live import Live, live, readers

pytestmark = [pytest.mark.jvm, pytest.mark.embedded]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """It goes on while the tests below do what they do; the last one ends it."""
    with live(tmp_path_factory.mktemp("live")) as running:
        running.wait("its first marts", lambda: running.runs() > 1)
        yield running


def more_runs(up: Live, count: int) -> None:
    """Wait for so many runs that succeed."""
    before = up.runs()
    up.wait(f"{count} more runs", lambda: up.runs() >= before + count)


def test_what_is_landed_is_built(up: Live) -> None:
    before = up.rows("select count(*) from fct_vehicle_readings")
    up.wait("more readings", lambda: up.rows("select count(*) from fct_vehicle_readings") > before)
    more_runs(up, 1)
    assert "The history of" not in up.said()  # each run's code is that of the run before
    assert up.rows("select sum(row_count) > 0 from raw.landed_batches") == [(True,)]


def test_its_metrics_have_each_mart_and_each_node_that_ran(up: Live) -> None:
    def scraped() -> dict[str, Metric]:
        with urllib.request.urlopen(f"http://127.0.0.1:{up.loop_metrics}/metrics", timeout=10) as answer:
            return {family.name: family for family in text_string_to_metric_families(answer.read().decode())}

    def counted() -> dict[str, float]:
        return {sample.labels["mart"]: sample.value for sample in scraped()["junction_mart_rows"].samples}

    up.wait("the marts are counted", lambda: len(counted()) > 15)
    families = scraped()
    runs = {tuple(sample.labels.values()): sample.value for sample in families["junction_loop_runs"].samples}
    assert runs["run", "done"] >= 1
    assert counted()["dim_zones"] == up.rows("select count(*) from dim_zones")[0][0]
    nodes = {sample.labels["node"]: sample.value for sample in families["junction_dbt_node_seconds"].samples}
    assert nodes["fct_vehicle_readings"] > 0
    (through,) = families["junction_loop_landed_through_timestamp_seconds"].samples
    assert time.time() - 600 < through.value < time.time()
    with urllib.request.urlopen(f"http://127.0.0.1:{up.loop_metrics}/healthz", timeout=10) as answer:
        assert json.load(answer)["is_well"]


@pytest.mark.parametrize("seconds", [10, pytest.param(120, marks=pytest.mark.long)])
def test_four_processes_read_without_pause_while_it_writes(up: Live, seconds: int) -> None:
    with readers(up) as found:
        began = time.monotonic()
        more_runs(up, 2)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        assert one["reads"] > 20
        print(f"{one['by']}: {one['reads']} reads, {len(one['seen']['fct_vehicle_readings'])} versions")
        for mart, seen in one["seen"].items():
            for built, rows in seen.items():
                assert counts.setdefault((mart, built), rows) == rows, (mart, built)
    assert max(len(one["seen"]["fct_vehicle_readings"]) for one in found) > 1


@pytest.mark.long
@pytest.mark.parametrize("command", ["test", "run", "docs generate --no-compile"])
def test_dbt_in_another_terminal_goes_through_the_door(up: Live, command: str) -> None:
    """All models, tests and docs go through it in test_door_dbt, and take turns with a run in test_loop_parts."""
    done = up.dbt(*command.split(), "--select", "agg_traffic_road_hours")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (up.folder / "guest" / "catalog.json").exists() == command.startswith("docs")
    more_runs(up, 1)


@pytest.mark.long
def test_a_run_that_fails_is_told_and_tried_again_and_landing_goes_on(up: Live) -> None:
    up.rows("alter view junction.stg_raw__weather rename to hidden", "owner")
    up.wait("a failure", lambda: "stg_raw__weather" in up.said() and "is tried again" in up.said())
    landed = "select count(*) from glob('" + str(up.folder / "landing/raw/landed_batches/*/*/*.parquet") + "')"
    before, failures = up.rows(landed, "owner"), up.said().count("is tried again")
    up.wait("another try", lambda: up.said().count("is tried again") > failures)
    assert up.rows(landed, "owner") > before
    up.rows("alter view junction.hidden rename to stg_raw__weather", "owner")
    more_runs(up, 1)
    newest = "select max(_landed_at) > (select max(_landed_at) from raw.landed_batches) - interval 5 minutes from {}"
    assert up.rows(newest.format("int_weather_received")) == [(True,)]


def test_the_end_of_landing_ends_it_with_the_reason(up: Live) -> None:
    os.kill(up.children()["ingest"], signal.SIGKILL)
    assert up.process.wait(200) == 1
    assert "ingest was ended by signal 9" in up.said()
    assert up.stop() == 1


def test_ctrl_c_ends_its_parts_and_leaves_the_file_and_the_lock_free(up: Live) -> None:
    assert up.process.poll() is not None  # the last test ended it
    up.start(terminal=True)  # on what it left
    up.wait("the marts on its screen", lambda: "fct_vehicle_readings" in up.said())
    for part in (
        "not landed",
        "vehicle-telemetry",
        "Last anomalies",
        "Last alerts",
        str(up.port),
        "door.reader.password",
    ):
        assert part in up.said()
    up.wait("a run", lambda: "a run for" in up.said().rpartition("fct_vehicle_readings")[0][-40000:])
    assert up.children().keys() == {"Kafka", "ingest", "simulator"}
    assert up.stop(signal.SIGINT) == 1
    assert up.said().rstrip().endswith("Stopped.")
    assert "\x1b[?1049l" in up.said()  # the terminal is as it was
    with up.file() as connected:
        assert connected.execute("select invocation_id from junction.run_lock").fetchall() == [("",)]
