"""The whole way on real parts: a city with faults, landed and built in two pieces; and an hour that comes after it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest

from local.broker import Broker
from testbed.city import through_kafka as city
from testbed.oracle import KEYS, Oracle, assert_same_rows, project_oracle
from testbed.schedules.engines import built as run
from testbed.schedules.engines import engine
from testbed.schedules.live import differences
from testbed.warehouse import compare as engines
from testbed.warehouse.manifest import Manifest, Node
from testbed.warehouse.outcome import failures
from testbed.warehouse.questions import Question, questions
from testbed.warehouse.spark import OTHER_RUN, Warehouse, warehouse

pytestmark = pytest.mark.jvm

PIECES = 2
FAULTS = ["--duplicated", "0.02", "--malformed", "0.01", "--missing-field", "0.005", "--unknown-field", "0.01"]
FAULTS += ["--late", "0.05", "--late-up-to-minutes", "120", "--out-of-order", "0.02", "--sensor-outage", "0.02"]
FAULTS += ["--impossible", "0.01"]

NEW_DATA = ["--exclude", "config.materialized:view"]  # the views are there, and no file has changed


@dataclass
class Lived:
    """What the pieces left: the warehouse, and what was sent."""

    warehouse: Warehouse
    broker: Broker
    sent: city.Records
    confirmed: int
    first_landing: datetime

    def nodes(self, resource_type: str) -> list[Node]:
        """What dbt knew of the project, by name."""
        content = json.loads((self.warehouse.folder / "target" / "manifest.json").read_text())
        return Manifest(content).nodes(resource_type)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("pieces")
    sent = city.events(folder / "events", "--seed", "11", "--hours", "2", "--vehicles", "2", *FAULTS)
    first_landing = datetime.now(UTC).replace(minute=10, second=0, microsecond=0) - timedelta(hours=PIECES + 2)
    confirmed = 0
    with Broker(folder / "kafka") as broker, warehouse(folder) as built:
        built.build("seed")
        for number in range(PIECES):
            confirmed += city.send(broker, city.piece(sent, number, PIECES))
            city.land(built.session, broker, folder, first_landing + timedelta(hours=number))
            built.build("run", *(NEW_DATA if number else []))
        yield Lived(built, broker, sent, confirmed, first_landing)


@pytest.fixture(scope="module")
def oracle(lived: Lived) -> Oracle:
    return project_oracle(lived.warehouse.landing)


@pytest.fixture(scope="module")
def tables(lived: Lived) -> dict[str, pa.Table]:
    return {name: lived.warehouse.table(name) for name in KEYS}


def test_every_record_is_a_raw_row_or_a_dead_letter(lived: Lived) -> None:
    assert lived.confirmed == sum(map(len, lived.sent.values()))
    dead = city.landed(lived.warehouse.folder, "dead_letters", "_kafka_topic, _kafka_offset")
    assert dead
    for topic, rows in lived.sent.items():
        raw = city.landed(lived.warehouse.folder, topic.replace("-", "_"), "_kafka_offset")
        offsets = sorted([offset for (offset,) in raw] + [offset for name, offset in dead if name == topic])
        assert offsets == list(range(len(rows))), topic


@pytest.mark.parametrize("name", KEYS)
def test_a_table_equals_the_oracle(name: str, tables: dict[str, pa.Table], oracle: Oracle) -> None:
    assert tables[name].num_rows > 0
    assert_same_rows(name, tables[name], oracle.mart(name), KEYS[name])


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_a_question_has_an_answer(question: Question, lived: Lived) -> None:
    session = lived.warehouse.session
    before = session.catalog.currentDatabase()
    session.catalog.setCurrentDatabase("junction")
    try:
        assert session.sql(question.sql).collect() or question.may_be_empty
    finally:
        session.catalog.setCurrentDatabase(before)


@pytest.mark.long
def test_an_hour_of_new_data_reads_and_rewrites_nothing_else(lived: Lived) -> None:
    built, folder = lived.warehouse, lived.warehouse.folder
    later = datetime(2026, 3, 5, 9, tzinfo=UTC)
    new = city.events(
        folder / "later", "--seed", "12", "--hours", "0.3", "--vehicles", "2", "--start", later.isoformat()
    )
    city.send(lived.broker, new)
    landing_hour = lived.first_landing + timedelta(hours=PIECES)
    city.land(built.session, lived.broker, folder, landing_hour)
    before = {table: _versions(folder, table) for table in _hourly(folder)}
    built.build("run", *NEW_DATA)

    # The hour in which the run before ended is read again: it may have grown.
    hours_landed = {f"landed_hour={landing_hour - timedelta(hours=ago):%H}" for ago in (0, 1)}
    received = list((folder / "target/compiled/junction/models/intermediate/received").glob("*.sql"))
    assert len(received) == 7
    for compiled in received:
        files = [unquote(file) for file in built.session.sql(compiled.read_text()).inputFiles()]
        assert {Path(file).parent.name for file in files if "/landing/raw/" in file} <= hours_landed, compiled.name
        held = [file for file in files if "event_hour=" in file]
        assert not [file for file in held if f"event_hour={later:%Y-%m-%d %H}" not in file], compiled.name
    rewritten = {table: _rewritten_hours(folder, table, version) for table, version in before.items()}
    for table in ("int_traffic_sensors_received", "int_sensor_minutes_scored", "fct_vehicle_readings"):
        assert later in rewritten[table], table
    landing_hours = rewritten.pop("int_landing_hours")
    assert landing_hours == {landing_hour.replace(minute=0)}
    # The simulated hour, and what lasts into the next ones; no hour of the days before.
    for table, hours in rewritten.items():
        assert all(later <= hour <= later + timedelta(hours=24) for hour in hours), (table, hours)


@pytest.fixture(scope="module")
def models(lived: Lived) -> dict[str, pa.Table]:
    """Every model as Spark has it after what came last; without `make parity` those that are tables."""
    kinds = ("incremental", "view") if os.environ.get("JUNCTION_PARITY") == "long" else ("incremental",)
    names = [model["name"] for model in lived.nodes("model") if model["config"]["materialized"] in kinds]
    assert len(names) > len(KEYS)
    return {name: engines.plain(lived.warehouse.table(name)) for name in names}


@pytest.mark.parametrize("name", [pytest.param("standin", marks=pytest.mark.long), "duckdb"])
def test_each_other_engine_has_the_same_rows_of_every_model(
    name: str, lived: Lived, models: dict[str, pa.Table]
) -> None:
    built = lived.warehouse
    with engine(name, built.folder / name) as other:
        other.empty(built.landing)
        other.load()
        run(other, "run")
        for model, ours in models.items():
            theirs = engines.plain(other.table(model))
            print(f"{name}, {model}: {ours.num_rows} rows")
            assert ours.schema == theirs.schema, model
            engines.assert_same(model, ours, theirs)


def test_each_kind_of_generic_data_test_passes_over_all_history(lived: Lived) -> None:
    """Of each the first by name."""
    kinds: dict[str, str] = {}
    for test in lived.nodes("test"):
        if generic := test.get("test_metadata", {}).get("name"):
            kinds.setdefault(generic, test["name"])
    assert len(kinds) > 6
    outcome = lived.warehouse.dbt("test", "--vars", "{audit: full}", "--select", *kinds.values())
    assert outcome.success, failures(outcome)
    results: Any = outcome.result
    ran = {found.node.name for found in results.results if found.node.resource_type == "test"}
    assert ran == {*kinds.values()}


@pytest.mark.long
def test_the_projects_own_tests_pass_over_all_history_and_its_unit_tests(lived: Lived) -> None:
    lived.warehouse.build("test", "--vars", "{audit: full}")


@pytest.mark.long  # the other engines' rows above are those of a build from nothing
def test_a_full_refresh_gives_the_same_rows(lived: Lived) -> None:
    incremental = {name: lived.warehouse.table(name) for name in KEYS}
    lived.warehouse.build("run", "--full-refresh", *NEW_DATA)
    for name, key in KEYS.items():
        assert_same_rows(name, incremental[name], lived.warehouse.table(name), key)


def test_a_session_with_other_settings_is_refused(lived: Lived) -> None:
    session = lived.warehouse.session
    session.conf.set("spark.sql.caseSensitive", "true")  # which the profile does not set again
    try:
        assert "spark.sql.caseSensitive is " in failures(lived.warehouse.dbt("seed", "--select", "zones"))
    finally:
        session.conf.unset("spark.sql.caseSensitive")


def test_a_run_without_the_lock_is_refused_and_one_that_loses_it_writes_nothing(lived: Lived) -> None:
    built, table, later = lived.warehouse, "int_weather_received", lived.first_landing + timedelta(hours=PIECES + 1)
    assert city.send(lived.broker, {"weather": lived.sent["weather"][:50]}) == 50  # the tests above lack them
    city.land(built.session, lived.broker, built.folder, later)
    before = built.table(table).num_rows

    def take(event: Any) -> None:
        if event.info.name == "SQLQuery" and "insert into table" in event.data.sql and table in event.data.sql:
            built.hold_lock(5)

    built.hold_lock(5)
    assert OTHER_RUN in failures(built.dbt("run", "--select", table))
    built.build("run-operation", "release_run_lock")
    assert "lost its lock" in failures(built.dbt("run", "--select", table, callbacks=[take]))
    assert built.table(table).num_rows == before
    built.build("run-operation", "release_run_lock")
    built.build("run", "--select", table)
    assert before < built.table(table).num_rows <= before + 50  # some of them are dead letters


@pytest.mark.long  # DuckDB: test_made_anew
def test_what_is_below_a_table_that_is_made_anew_is_built_whole(lived: Lived) -> None:
    built, below = lived.warehouse, "int_zone_weather_hours"
    built.build("run", "--full-refresh", "--select", "int_weather_received")
    assert below not in built.session.table("junction.build_log").toArrow()["model"].to_pylist()
    before = built.table(below)
    built.build("run", "--select", below)
    assert before.num_rows
    assert not differences("anew", {below: before}, {below: built.table(below)})


def _hourly(folder: Path) -> list[str]:
    """The tables that are kept by the hour: those with a partition in Delta's log."""
    logs = (folder / "warehouse" / "junction.db").glob("*/_delta_log/00000000000000000000.json")
    return sorted(log.parent.parent.name for log in logs if '"partitionColumns":["' in log.read_text())


def _versions(folder: Path, table: str) -> int:
    return len(list((folder / "warehouse" / "junction.db" / table / "_delta_log").glob("*.json")))


def _rewritten_hours(folder: Path, table: str, since: int) -> set[datetime]:
    """The hours of the files that Delta added or removed after version `since`."""
    hours = set()
    log = folder / "warehouse" / "junction.db" / table / "_delta_log"
    for commit in sorted(log.glob("*.json"))[since:]:
        for action in map(json.loads, commit.read_text().splitlines()):
            for values in (change["partitionValues"] for kind, change in action.items() if kind in ("add", "remove")):
                (hour,) = values.values()
                hours.add(datetime.fromisoformat(hour).replace(tzinfo=UTC))
    return hours
