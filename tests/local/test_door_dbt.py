"""dbt goes through the door while another process owns the file: target served of profiles.yml."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pytest

from local import paths
from local.door import owner
from local.door.turns import Turns
from testbed.city.pieces import City, city
from testbed.warehouse.door import Door, served


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    options = ("--seed", "31", "--hours", "1", "--vehicles", "1", "--malformed", "0.01")
    return city(tmp_path_factory.mktemp("city") / "events", *options)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, sent: City) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with served(folder) as serving:
        sent.land(folder / "landing", 0, 2, datetime.now(UTC) - timedelta(hours=30))
        yield serving


def dbt(door: Door, *arguments: str) -> subprocess.CompletedProcess[str]:
    """dbt in a process of its own, as it is typed in another terminal."""
    folders = ["--project-dir", str(paths.PROJECT_DIR), "--profiles-dir", str(paths.PROFILES)]
    written = ["--target-path", str(door.folder / "target"), "--log-path", str(door.folder / "logs")]
    environment = {
        "JUNCTION_DOOR_PORT": str(door.port), "DBT_ENV_SECRET_DOOR_PASSWORD": owner.passwords()["owner"]
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments, "--target", "served", *folders, *written],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.embedded
def test_dbt_builds_tests_and_documents_the_project_through_the_door(door: Door, sent: City) -> None:
    """All models and data tests, and the unit tests of a folder: test_parity has the others."""
    units = "test --select test_type:unit,path:models/marts/dimensions"
    for command in map(str.split, ("build --exclude test_type:unit", "run", units, "docs generate")):
        if command == ["run"]:  # has something to add to what was built
            sent.land(door.folder / "landing", 1, 2, datetime.now(UTC) - timedelta(minutes=5))
        done = dbt(door, *command)
        assert done.returncode == 0, done.stdout + done.stderr
        if command[0] == "test":
            assert "unit_test.junction.dim_vehicles." in (door.folder / "target" / "run_results.json").read_text()
    assert (door.folder / "target" / "catalog.json").exists()
    received = door.rows("select count(*) from int_weather_received")
    assert received == [(door.connection.execute("select count(*) from raw.weather").fetchall()[0][0],)]
    assert received != [(0,)]
    assert door.rows("select count(*) > 0 from agg_traffic_road_hours") == [(True,)]


class _Dbt:
    """What dbt-duckdb does with psycopg2, whose own BEGIN comes before a first statement and after a rollback."""

    def __init__(self, door: Door) -> None:
        self.connection = psycopg2.connect(**door.login("owner"))
        self.execute("SET junction_autocommit = 'on'")

    def execute(self, sql: str) -> Any:
        cursor = self.connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def client(door: Door) -> Iterator[_Dbt]:
    connected = _Dbt(door)
    connected.execute("create or replace table junction.steps (step integer)")
    with contextlib.closing(connected.connection):
        yield connected


def seen(door: Door) -> list[int]:
    """What others see of the table."""
    return sorted(step for (step,) in door.rows("select step from junction.steps"))


def test_dbt_of_the_owner_is_a_guest_until_its_connection_ends(tmp_path: Path) -> None:
    """What `make up` waits for; the turns themselves: test_loop_parts."""
    turns = Turns()
    with served(tmp_path, turns=turns) as door:
        with contextlib.closing(door.connect("owner")) as reading, reading.cursor() as cursor:
            cursor.execute("select 1")
            assert turns.guests() == 0
        guest = _Dbt(door)
        assert turns.guests() == 1
        with turns.owner_run() as mine:
            assert not mine
        guest.connection.close()
        deadline = time.monotonic() + 10
        while turns.guests():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_statement_outside_of_a_transaction_is_committed_at_once(door: Door, client: _Dbt) -> None:
    client.execute("insert into junction.steps values (1)")
    assert seen(door) == [1]


def test_what_dbt_begins_is_one_transaction(door: Door, client: _Dbt) -> None:
    client.execute("BEGIN")
    client.execute("insert into junction.steps values (1)")
    assert seen(door) == []
    client.execute("COMMIT")
    assert seen(door) == [1]
    client.execute("BEGIN")
    client.execute("insert into junction.steps values (2)")
    assert seen(door) == [1]
    client.execute("COMMIT")
    assert seen(door) == [1, 2]


def test_a_rollback_undoes_it_and_the_next_transaction_is_whole(door: Door, client: _Dbt) -> None:
    client.execute("BEGIN")
    client.execute("insert into junction.steps values (1)")
    client.connection.rollback()
    assert seen(door) == []
    client.execute("insert into junction.steps values (2)")
    assert seen(door) == [2]
    client.execute("BEGIN")
    client.execute("insert into junction.steps values (3)")
    assert seen(door) == [2]
    client.connection.rollback()
    client.execute("BEGIN")
    client.execute("insert into junction.steps values (4)")
    assert seen(door) == [2]
    client.execute("COMMIT")
    assert seen(door) == [2, 4]


def test_a_failure_in_a_transaction_undoes_all_of_it(door: Door, client: _Dbt) -> None:
    client.execute("BEGIN")
    client.execute("insert into junction.steps values (1)")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        client.execute("select * from nothing")
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        client.execute("insert into junction.steps values (2)")
    client.connection.rollback()
    assert seen(door) == []
    with pytest.raises(psycopg2.errors.UndefinedTable):
        client.execute("select * from nothing")
    client.execute("insert into junction.steps values (3)")
    assert seen(door) == [3]


def test_statements_with_their_own_begin_are_one_transaction(door: Door, client: _Dbt) -> None:
    client.execute("begin; insert into junction.steps values (1); insert into junction.steps values (2); commit")
    assert seen(door) == [1, 2]


def test_a_client_without_the_setting_commits_itself(door: Door, client: _Dbt) -> None:
    with contextlib.closing(door.connect("owner", autocommit=False)) as other, other.cursor() as cursor:
        cursor.execute("insert into junction.steps values (1)")
        assert seen(door) == []
        other.commit()
        assert seen(door) == [1]
        cursor.execute("insert into junction.steps values (2)")
        other.rollback()
        assert seen(door) == [1]
