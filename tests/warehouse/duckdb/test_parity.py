"""The same landing through dbt-duckdb and through the oracle: every table row for row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from testbed.city.pieces import city
from testbed.oracle import KEYS, Oracle, assert_same_rows, project_oracle
from testbed.schedules.live import differences
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.questions import Question, questions

pytestmark = pytest.mark.embedded

FAULTS = ["--duplicated", "0.02", "--malformed", "0.01", "--missing-field", "0.005", "--unknown-field", "0.01"]
FAULTS += ["--impossible", "0.01", "--late", "0.05", "--out-of-order", "0.02", "--sensor-outage", "0.02"]
MINUTES = (0, 25, 70)  # at which the pieces of the city are landed and built


@dataclass
class Lived:
    """A warehouse after three runs, and its tables before and after a full refresh."""

    warehouse: Embedded
    incremental: dict[str, pa.Table]
    refreshed: dict[str, pa.Table]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("parity")
    sent = city(folder / "events", "--seed", "21", "--hours", "2", "--vehicles", "2", *FAULTS)
    first = datetime.now(UTC) - timedelta(minutes=MINUTES[-1] + 10)
    with embedded(folder) as running:
        running.build("seed")
        for number, minute in enumerate(MINUTES):
            sent.land(running.landing, number, len(MINUTES), first + timedelta(minutes=minute))
            if number == 1:
                assert not running.dbt("run", "--vars", "{speed_drop_z: no_such_column}").success
            else:
                running.build("run")
        running.build("test")  # data tests and unit tests
        names = [node["name"] for node in running.manifest()["nodes"].values() if node["resource_type"] == "model"]
        incremental = {name: running.table(name) for name in names}
        running.build("run", "--full-refresh")
        yield Lived(running, incremental, {name: running.table(name) for name in names})


@pytest.fixture(scope="module")
def oracle(lived: Lived) -> Oracle:
    return project_oracle(lived.warehouse.landing)


@pytest.mark.parametrize("name", KEYS)
def test_a_table_equals_the_oracle(name: str, lived: Lived, oracle: Oracle) -> None:
    assert lived.incremental[name].num_rows > 0
    assert_same_rows(name, lived.incremental[name], oracle.mart(name), KEYS[name])


def test_a_full_refresh_gives_the_same_rows_of_every_model(lived: Lived) -> None:
    assert lived.incremental.keys() > KEYS.keys()
    for name, rows in lived.incremental.items():
        assert rows.schema == lived.refreshed[name].schema, name
        print(f"{name}: {rows.num_rows} rows")
    assert differences("a full refresh", lived.incremental, lived.refreshed) == []


def test_each_column_of_a_contract_has_its_type(lived: Lived) -> None:
    for node in lived.warehouse.manifest()["nodes"].values():
        for column in node["columns"].values() if node["config"].get("contract", {}).get("enforced") else []:
            kind = lived.incremental[node["name"]].schema.field(column["name"]).type
            assert kind == _ARROW[column["data_type"].partition("(")[0]], (node["name"], column["name"])


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_a_question_has_an_answer(question: Question, lived: Lived) -> None:
    rows = lived.warehouse.query(question.sql)
    assert rows or question.may_be_empty


def test_a_row_that_no_account_holds_is_told(lived: Lived) -> None:
    account = ("test", "--select", "each_landed_row_is_received_once")
    was = "(select max(_kafka_offset) from int_weather_received where row_status = 'clean')"
    set_status = "update int_weather_received set row_status = '{}' where {}"
    lived.warehouse.query(set_status.format("lost", f"row_status = 'clean' and _kafka_offset = {was}"))
    try:
        assert not lived.warehouse.dbt(*account).success
    finally:
        lived.warehouse.query(set_status.format("clean", "row_status = 'lost'"))
    lived.warehouse.build(*account)


_ARROW = {
    "varchar": pa.string(),
    "double": pa.float64(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
}
