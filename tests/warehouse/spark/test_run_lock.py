"""The run lock on Spark: a dead holder is taken over, and a run without the lock writes nothing. And the session."""

from __future__ import annotations

import _thread
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local import build
from local.progress import Progress
from testbed.city.pieces import City, city
from testbed.warehouse.outcome import failures
from testbed.warehouse.spark import Warehouse, warehouse

pytestmark = pytest.mark.jvm

OTHER = "11111111-2222-3333-4444-555555555555"
RECEIVED = "int_weather_received"
BUILD = ("run", "--select", f"+{RECEIVED}")


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    made = city(tmp_path_factory.mktemp("city"), "--seed", "33", "--hours", "0.2", "--vehicles", "1")
    return City({"weather": made.records["weather"]})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, sent: City) -> Iterator[Warehouse]:
    with warehouse(tmp_path_factory.mktemp("lock")) as running:
        sent.land(running.landing, 0, 3, datetime.now(UTC) - timedelta(hours=3))
        running.build("seed", "--select", "zones")
        running.build(*BUILD)
        yield running


def hold(built: Warehouse, minutes: float, host: str = "elsewhere", process: str = "42") -> None:
    expires_ms = int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp() * 1000)
    built.session.sql(
        f"update junction.run_lock set invocation_id = '{OTHER}', expires_ms = {expires_ms},"
        f" host = '{host}', process = '{process}'"
    )


def free(built: Warehouse) -> None:
    built.build("run-operation", "release_run_lock")


def this_host(built: Warehouse) -> str:
    ((host,),) = built.session.sql("select reflect('java.net.InetAddress', 'getLocalHost')").collect()
    assert str(host).startswith(socket.gethostname())
    return str(host)


def test_a_dead_holder_on_this_host_is_taken_over_at_once_and_a_live_one_never(built: Warehouse) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        hold(built, -1, this_host(built), str(other.pid))  # a statement that lasts longer than the lease
        assert f"process {other.pid} on" in failures(built.dbt(*BUILD))
        other.kill()
    hold(built, 5, this_host(built), str(other.pid))
    built.build(*BUILD)
    hold(built, 5)  # nothing is known of another host
    assert OTHER in failures(built.dbt(*BUILD))
    free(built)


def test_the_row_of_the_lock_is_made_again(built: Warehouse) -> None:
    built.session.sql("delete from junction.run_lock")
    built.build(*BUILD)
    ((holder, process),) = built.session.sql("select invocation_id, process from junction.run_lock").collect()
    assert holder == ""
    assert process.isdigit()


@pytest.mark.parametrize("more", [(), ("--full-refresh",)])
def test_a_run_that_loses_its_lock_before_it_writes_writes_nothing(
    built: Warehouse, sent: City, more: tuple[str, ...]
) -> None:
    number = 2 if more else 1
    sent.land(built.landing, number, 3, datetime.now(UTC) - timedelta(hours=3 - number))
    before = built.table(RECEIVED).num_rows

    def take(write: str) -> Callable[[Any], None]:
        def at(event: Any) -> None:
            if event.info.name == "SQLQuery" and write in event.data.sql and RECEIVED in event.data.sql:
                hold(built, 5)

        return at

    write = "create or replace table" if more else "insert into table"
    outcome = built.dbt(*BUILD, *more, callbacks=[take(write)])
    assert "lost its lock" in failures(outcome)
    assert built.table(RECEIVED).num_rows == before
    free(built)
    built.build(*BUILD, *more)
    assert built.table(RECEIVED).num_rows == built.session.table("raw.weather").count() > before


class Interrupting(Progress):
    """Ctrl-C when the model begins."""

    def note(self, text: str) -> None:
        if RECEIVED in text:
            _thread.interrupt_main()


def test_an_interrupted_command_releases_its_lock(
    built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        build.dbt(Interrupting(), *BUILD)
    assert [row[0] for row in built.session.sql("select invocation_id from junction.run_lock").collect()] == [""]
    built.build(*BUILD)


def test_a_session_with_other_settings_is_refused(built: Warehouse) -> None:
    built.session.conf.set("spark.sql.caseSensitive", "true")  # which the profile does not set again
    try:
        refusal = failures(built.dbt(*BUILD))
    finally:
        built.session.conf.unset("spark.sql.caseSensitive")
    assert "spark.sql.caseSensitive is " in refusal
    built.build(*BUILD)
