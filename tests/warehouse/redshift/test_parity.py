"""The same landing through dbt-redshift on the stand-in and through the oracle: every table row for row.

`make test` runs the short schedule; `make parity` runs all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlfluff

from testbed.city.pieces import city
from testbed.oracle import KEYS, Oracle, assert_same_rows, project_oracle
from testbed.schedules.live import differences
from testbed.standin import Standin, standin
from testbed.warehouse.questions import Question, questions

pytestmark = pytest.mark.standin

FAULTS = ["--duplicated", "0.02", "--malformed", "0.01", "--missing-field", "0.005", "--unknown-field", "0.01"]
FAULTS += ["--impossible", "0.01", "--late", "0.05", "--out-of-order", "0.02", "--sensor-outage", "0.02"]


@dataclass(frozen=True)
class Schedule:
    """A city, and the minutes after the first landing at which its pieces are landed and built; `fails`: a run of
    which one model fails."""

    seed: int
    hours: float
    vehicles: int
    minutes: tuple[int, ...]
    fails: int | None = None


SHORT = Schedule(seed=21, hours=2, vehicles=2, minutes=(0, 25, 70))
LONG = [
    Schedule(seed=22, hours=4, vehicles=4, minutes=(0, 60, 120, 180, 240, 300), fails=2),
    Schedule(seed=23, hours=3, vehicles=3, minutes=(0, 1, 2, 3, 59, 61, 62, 200), fails=5),
    Schedule(seed=24, hours=6, vehicles=2, minutes=(0, 500), fails=0),
]
SCHEDULES = [SHORT, *LONG] if os.environ.get("JUNCTION_PARITY") == "long" else [SHORT]


@dataclass
class Lived:
    """A stand-in after its schedule, and its tables then."""

    standin: Standin
    landing: Path
    incremental: dict[str, pa.Table]


@pytest.fixture(scope="module", params=SCHEDULES, ids=lambda schedule: f"seed{schedule.seed}")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    schedule: Schedule = request.param
    folder = tmp_path_factory.mktemp("parity")
    options = ["--seed", str(schedule.seed), "--hours", str(schedule.hours), "--vehicles", str(schedule.vehicles)]
    sent = city(folder / "events", *options, *FAULTS)
    first = datetime.now(UTC) - timedelta(minutes=schedule.minutes[-1] + 10)
    with standin(folder) as running:
        running.build("seed")
        for number, minute in enumerate(schedule.minutes):
            sent.land(folder / "landing", number, len(schedule.minutes), first + timedelta(minutes=minute))
            running.load(folder / "landing")
            if number == schedule.fails:
                assert not running.dbt("run", "--vars", "{speed_drop_z: no_such_column}").success
            else:
                running.build("run")
        running.build("test", "--exclude-resource-type", "unit_test")
        names = [node["name"] for node in _models(running)]
        yield Lived(running, folder / "landing", {name: running.table(name) for name in names})


def _models(running: Standin) -> list[dict[str, Any]]:
    return [node for node in running.manifest()["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def oracle(lived: Lived) -> Oracle:
    return project_oracle(lived.landing)


@pytest.mark.parametrize("name", KEYS)
def test_a_table_equals_the_oracle(name: str, lived: Lived, oracle: Oracle) -> None:
    assert lived.incremental[name].num_rows > 0
    assert_same_rows(name, lived.incremental[name], oracle.mart(name), KEYS[name])


@pytest.mark.long
def test_a_full_refresh_gives_the_same_rows_of_every_model(lived: Lived) -> None:
    lived.standin.build("run", "--full-refresh")
    refreshed = {name: lived.standin.table(name) for name in lived.incremental}
    assert refreshed.keys() > KEYS.keys()
    for name, rows in lived.incremental.items():
        assert rows.schema == refreshed[name].schema, name
    assert differences("a full refresh", lived.incremental, refreshed) == []


def test_each_column_of_a_contract_has_its_type(lived: Lived) -> None:
    for node in _models(lived.standin):
        for column in node["columns"].values() if node["config"]["contract"]["enforced"] else []:
            assert ("varchar" in column["data_type"]) == ("(" in column["data_type"]), "a text needs a length"
            kind = lived.incremental[node["name"]].schema.field(column["name"]).type
            assert kind == _ARROW[column["data_type"].partition("(")[0]], (node["name"], column["name"])


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_a_question_has_an_answer(question: Question, lived: Lived) -> None:
    rows = lived.standin.ask(question.sql)
    assert rows or question.may_be_empty


def test_a_row_that_no_account_holds_is_told(lived: Lived) -> None:
    account = ("test", "--select", "each_landed_row_is_received_once")
    was = "(select max(_kafka_offset) from junction.int_weather_received where row_status = 'clean')"
    set_status = "update junction.int_weather_received set row_status = '{}' where {}"
    lived.standin.query(set_status.format("lost", f"row_status = 'clean' and _kafka_offset = {was}"))
    try:
        assert not lived.standin.dbt(*account).success
    finally:
        lived.standin.query(set_status.format("clean", "row_status = 'lost'"))
    lived.standin.build(*account)


@pytest.mark.long
def test_the_unit_tests_pass(lived: Lived) -> None:
    lived.standin.build("test", "--select", "test_type:unit")


@pytest.mark.long
def test_every_compiled_model_parses_as_redshift(lived: Lived) -> None:
    folder = lived.standin.folder / "target" / "compiled" / "junction" / "models"
    # Those of tests lie in folders that are named as their properties.
    compiled = [file for file in folder.rglob("*.sql") if not any(part.endswith(".yml") for part in file.parts)]
    assert {file.stem for file in compiled} == lived.incremental.keys()
    for file in compiled:
        sqlfluff.parse(file.read_text() + "\n", dialect="redshift")  # raises for what it cannot parse


_ARROW = {
    "varchar": pa.string(),
    "double": pa.float64(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
}
