"""The run lock on Redshift: who gets it, and that a run without it writes nothing."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pytest

from testbed.standin.half import OTHER_RUN, Built, half_a_city
from testbed.warehouse.outcome import failures

pytestmark = [pytest.mark.standin, pytest.mark.long]

RECEIVED = "int_vehicle_telemetry_received"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with half_a_city(tmp_path_factory.mktemp("lock")) as running:
        yield running


def rows(built: Built, table: str) -> Any:
    return built.standin.query(f"select count(*), max(_built_ms) from junction.{table}")


def test_a_lease_is_of_minutes_and_is_refused_until_it_is_over(built: Built) -> None:
    built.standin.build("run", "--select", RECEIVED)
    ((lasts_ms,),) = built.standin.query("select expires_ms - started_ms from junction.run_lock")
    assert 0 < lasts_ms < 10 * 60_000
    built.hold_lock(1)
    refusal = failures(built.standin.dbt("run", "--select", RECEIVED))
    assert "process 42 on elsewhere" in refusal
    assert "release_run_lock" in refusal
    built.hold_lock(-0.1)
    built.standin.build("run", "--select", RECEIVED)


def test_a_run_whose_statement_lasts_longer_than_its_lease_keeps_its_lock(built: Built) -> None:
    def long_statement() -> None:
        with contextlib.suppress(psycopg2.Error):
            built.standin.query(f"/* {OTHER_RUN} */ select pg_sleep(60)")

    statement = threading.Thread(target=long_statement)
    statement.start()
    time.sleep(1)
    built.hold_lock(-1)
    refusal = failures(built.standin.dbt("run", "--select", RECEIVED))
    assert statement.is_alive()
    built.standin.query(f"select pg_cancel_backend(pid) from pg_stat_activity where query like '/* {OTHER_RUN}%'")
    statement.join()
    assert OTHER_RUN in refusal
    assert "a statement of it still runs" in refusal
    built.standin.build("run", "--select", RECEIVED)


def test_the_row_of_the_lock_is_made_again(built: Built) -> None:
    built.standin.query("delete from junction.run_lock")
    built.standin.build("run", "--select", RECEIVED)
    assert built.standin.query("select count(*), min(invocation_id) from junction.run_lock") == [(1, "")]


def test_a_lock_of_an_older_version_gets_its_new_columns(built: Built) -> None:
    built.standin.query("alter table junction.run_lock drop column host, drop column process")
    built.standin.build("run", "--select", RECEIVED)
    assert built.standin.query("select count(*) from junction.run_lock where process = ''") == [(1,)]


@pytest.mark.parametrize(("model", "more"), [(RECEIVED, ()), ("fct_vehicle_readings", ("--full-refresh",))])
def test_a_run_that_loses_its_lock_before_it_writes_writes_nothing(
    built: Built, model: str, more: tuple[str, ...]
) -> None:
    """Between the last check and the write: the rows are computed by then, and the lease is young."""
    if model == RECEIVED:
        built.land_rest()
    before = rows(built, model)
    outcome = built.standin.dbt(
        "run", "--select", model, *more, callbacks=[built.lose_lock_at("create", f"{model}__dbt_tmp")]
    )
    assert "lost its lock" in failures(outcome)
    assert rows(built, model) == before
    built.standin.build("run-operation", "release_run_lock")
    built.standin.build("run", "--select", model, *more)
    assert rows(built, model)[0][1] > before[0][1]


def test_a_table_that_is_built_for_the_first_time_without_the_lock_is_not_there(built: Built) -> None:
    model = "fct_car_samples"
    there = f"select count(*) from pg_tables where schemaname = 'junction' and tablename = '{model}'"
    built.standin.query(f"drop table junction.{model} cascade")
    outcome = built.standin.dbt("run", "--select", model, callbacks=[built.lose_lock_at("create", model)])
    assert "lost its lock" in failures(outcome)
    assert built.standin.query(there) == [(0,)]
    built.standin.build("run-operation", "release_run_lock")
    built.standin.build("run", "--select", model)
    assert built.standin.query(there) == [(1,)]
    assert rows(built, model)[0][0] > 0
    built.standin.build("run", "--select", f"{model}+")  # the views that went with it


@pytest.mark.parametrize("more", [(), ("--full-refresh",)])
def test_a_seed_without_the_lock_is_left_as_it_is(built: Built, more: tuple[str, ...]) -> None:
    built.standin.query("update junction.zones set zone_name = 'kept'")

    def take(event: Any) -> None:
        if event.info.name == "LogStartLine":
            built.hold_lock(5)

    outcome = built.standin.dbt("seed", "--select", "zones", *more, callbacks=[take])
    assert "lost its lock" in failures(outcome)
    assert built.standin.query("select distinct zone_name from junction.zones") == [("kept",)]
    built.standin.build("run-operation", "release_run_lock")
    built.standin.build("seed", "--select", "zones", *more)
    assert ("kept",) not in built.standin.query("select distinct zone_name from junction.zones")


def test_each_node_renews_the_lease_and_not_more_often_than_it_must(built: Built) -> None:
    """Views, tests and tables with nothing to write; a run of them may last longer than the lease."""
    built.standin.build("run")
    renewed: list[str] = []

    def note(event: Any) -> None:
        if event.info.name == "SQLQuery" and "set expires_ms" in event.data.sql:
            renewed.append(event.data.node_info.node_name)

    chosen = ("stg_raw__weather", "int_weather_received")
    built.standin.dbt("build", "--select", *chosen, "--vars", "{run_lock_minutes: 0.0001}", callbacks=[note])
    assert {"stg_raw__weather", "int_weather_received"} < set(renewed)  # and a test
    renewed.clear()
    began = time.monotonic()
    assert built.standin.dbt("run", callbacks=[note]).success
    assert len(renewed) <= 1 + (time.monotonic() - began) / 30


def test_a_test_makes_external_tables_with_the_lock(built: Built) -> None:
    built.standin.query("update junction.raw_state set contract_md5 = 'older'")
    built.hold_lock(1)
    refusal = failures(built.standin.dbt("test", "--select", "zones_do_not_overlap"))
    assert "release_run_lock" in refusal
    assert built.standin.query("select distinct contract_md5 from junction.raw_state") == [("older",)]
    built.hold_lock(-1)
    built.standin.build("test", "--select", "zones_do_not_overlap")
    assert ("older",) not in built.standin.query("select distinct contract_md5 from junction.raw_state")
    assert built.standin.query("select invocation_id from junction.run_lock") == [("",)]


def test_a_run_that_lost_its_lock_logs_nothing_as_built(built: Built) -> None:
    forget = "delete from junction.build_log where model = 'fct_car_samples'"
    built.standin.query(forget)

    def take(event: Any) -> None:
        if event.info.name == "NodeFinished":
            built.hold_lock(5)

    built.standin.dbt("run", "--select", "fct_car_samples", callbacks=[take])
    assert built.standin.query("select * from junction.build_log where model = 'fct_car_samples'") == []
    assert built.standin.query("select invocation_id from junction.run_lock") == [(OTHER_RUN,)]
    built.standin.build("run-operation", "release_run_lock")
