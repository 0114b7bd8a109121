"""How runs work on Spark: the lock and its fence, what is not visible yet or stamped ahead, maintenance."""

from __future__ import annotations

import _thread
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local import build
from local.progress import Progress
from testbed.city.pieces import City, city
from testbed.warehouse.outcome import failures
from testbed.warehouse.spark import OTHER_RUN, Warehouse, warehouse

pytestmark = [pytest.mark.jvm, pytest.mark.long]

RECEIVED = "int_weather_received"
BUILD = ("run", "--select", RECEIVED)
LOAD = ("seed", "--select", "zones")  # the cheapest command that needs the lock
PIECES = 10


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    made = city(tmp_path_factory.mktemp("city"), "--seed", "33", "--hours", "0.2", "--vehicles", "1")
    return City({"weather": made.records["weather"]})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, sent: City) -> Iterator[Warehouse]:
    with warehouse(tmp_path_factory.mktemp("lock")) as running:
        sent.land(running.landing, 0, PIECES, datetime.now(UTC) - timedelta(hours=3))
        running.build(*LOAD)
        running.build("run", "--select", f"+{RECEIVED}")
        yield running


def free(built: Warehouse) -> None:
    built.build("run-operation", "release_run_lock")


def this_host(built: Warehouse) -> str:
    ((host,),) = built.session.sql("select reflect('java.net.InetAddress', 'getLocalHost')").collect()
    assert str(host).startswith(socket.gethostname())
    return str(host)


def this_process(built: Warehouse) -> str:
    """The id of the JVM, and Spark's name for the session."""
    ((process,),) = built.session.sql("select reflect('java.lang.ProcessHandle', 'current')").collect()
    return f"{process} {built.session.sparkContext.applicationId}"


@pytest.mark.parametrize("process", ["this", "4194303", "1"])  # 1: a container that was started again
def test_a_dead_holder_is_taken_over_at_once_also_if_its_process_id_is_another_processs_now(
    built: Warehouse, process: str
) -> None:
    live = this_process(built).split()[0]
    built.hold_lock(5, this_host(built), f"{live if process == 'this' else process} local-1")
    built.build(*LOAD)


# Another host; a client of a Thrift server, which outlives it; a program that runs one command after another.
@pytest.mark.parametrize(("host", "process"), [("elsewhere", "42 local-1"), ("this", ""), ("this", "this")])
def test_where_nothing_shows_that_a_holder_has_ended_its_lease_counts_and_no_longer(
    built: Warehouse, host: str, process: str
) -> None:
    host = this_host(built) if host == "this" else host
    process = this_process(built) if process == "this" else process
    built.hold_lock(5, host, process)
    refusal = failures(built.dbt(*LOAD))
    assert OTHER_RUN in refusal
    assert "with a lock until" in refusal
    built.hold_lock(-0.1, host, process)
    built.build(*LOAD)


def test_with_a_metastore_of_ones_own_the_lease_is_all_there_is(built: Warehouse) -> None:
    """A process id of another container, on a host of the same name, says nothing."""
    remote = "spark.hadoop.hive.metastore.uris"
    built.hold_lock(5, this_host(built), "42 local-1")
    built.session.conf.set(remote, "thrift://metastore:9083")
    try:
        assert OTHER_RUN in failures(built.dbt(*LOAD))
    finally:
        built.session.conf.unset(remote)
    free(built)


def test_the_row_of_the_lock_is_made_again(built: Warehouse) -> None:
    built.session.sql("delete from junction.run_lock")
    built.build(*LOAD)
    ((holder, process),) = built.session.sql("select invocation_id, process from junction.run_lock").collect()
    assert holder == ""
    assert process == this_process(built)


@pytest.mark.parametrize("more", [(), ("--full-refresh",)])
def test_a_run_that_loses_its_lock_before_it_writes_writes_nothing(
    built: Warehouse, sent: City, more: tuple[str, ...]
) -> None:
    number = 2 if more else 1
    sent.land(built.landing, number, PIECES, datetime.now(UTC) - timedelta(hours=3 - number))
    before = built.table(RECEIVED).num_rows

    def take(write: str) -> Callable[[Any], None]:
        def at(event: Any) -> None:
            if event.info.name == "SQLQuery" and write in event.data.sql and RECEIVED in event.data.sql:
                built.hold_lock(5)

        return at

    write = "create or replace table" if more else "insert into table"
    outcome = built.dbt(*BUILD, *more, callbacks=[take(write)])
    assert "lost its lock" in failures(outcome)
    assert built.table(RECEIVED).num_rows == before
    free(built)
    built.build(*BUILD, *more)
    assert built.table(RECEIVED).num_rows == built.session.table("raw.weather").count() > before


def test_a_seed_without_the_lock_is_left_as_it_is(built: Warehouse) -> None:
    built.session.sql("update junction.zones set zone_name = 'kept'")

    def take(event: Any) -> None:
        if event.info.name == "LogStartLine":
            built.hold_lock(5)

    outcome = built.dbt(*LOAD, callbacks=[take])
    assert "lost its lock" in failures(outcome)
    assert set(built.table("zones")["zone_name"].to_pylist()) == {"kept"}
    free(built)
    built.build(*LOAD)
    assert "kept" not in built.table("zones")["zone_name"].to_pylist()


def test_threads_that_renew_at_the_same_moment_do_not_conflict(built: Warehouse) -> None:
    built.build("run", "--select", "path:models/staging", "--vars", "{run_lock_minutes: 0.0001}")  # each node is due


def received(built: Warehouse) -> int:
    built.build(*BUILD)
    return int(built.table(RECEIVED).num_rows)


def test_a_batch_counts_when_raw_holds_its_rows(built: Warehouse, sent: City, tmp_path: Path) -> None:
    before, landed_at = received(built), datetime.now(UTC) - timedelta(minutes=30)
    files = {*(built.landing / "raw" / "weather").rglob("*.parquet")}
    sent.land(built.landing, 3, PIECES, landed_at)
    new = {*(built.landing / "raw" / "weather").rglob("*.parquet")} - files
    hidden = max(new, key=lambda file: file.stat().st_size)
    hidden.rename(tmp_path / hidden.name)
    line = max((built.landing / "raw" / "landed_batches").rglob("*.parquet"))
    sent.land(built.landing, 4, PIECES, landed_at + timedelta(seconds=1))
    line.rename(tmp_path / line.name)
    said: list[str] = []
    assert built.dbt(*BUILD, callbacks=[lambda event: said.append(event.info.msg)]).success
    assert any("its line in the ledger is not visible" in text for text in said)
    assert built.table(RECEIVED).num_rows == before
    (tmp_path / line.name).rename(line)
    assert built.dbt(*BUILD, callbacks=[lambda event: said.append(event.info.msg)]).success
    assert any("The batch of weather that landed at " in text and "rows are visible in raw" in text for text in said)
    assert built.table(RECEIVED).num_rows == before
    fresh: Any = built.dbt("source", "freshness", "--select", "source:raw.weather").result
    (found,) = (result for result in fresh.results if hasattr(result, "max_loaded_at"))  # the others are of hooks
    assert found.max_loaded_at < landed_at
    (tmp_path / hidden.name).rename(hidden)
    assert received(built) == built.session.table("raw.weather").count() > before


def test_a_failure_stays_red_however_many_runs_later(built: Warehouse, sent: City) -> None:
    test = ("test", "--select", f"unique_combination_{RECEIVED}*")
    built.build(*test)
    sent.land(built.landing, 6, PIECES, datetime.now(UTC) - timedelta(minutes=10))
    received(built)
    newest = f"where _built_ms = (select max(_built_ms) from junction.{RECEIVED}) limit 1"
    built.session.sql(f"insert into junction.{RECEIVED} select * from junction.{RECEIVED} {newest}")
    assert not built.dbt(*test).success
    sent.land(built.landing, 7, PIECES, datetime.now(UTC) - timedelta(minutes=5))
    received(built)
    assert not built.dbt(*test).success


def test_a_batch_that_is_stamped_ahead_is_received_at_once(built: Warehouse, sent: City) -> None:
    landed, before = built.session.table("raw.weather").count(), received(built)
    sent.land(built.landing, 8, PIECES, datetime.now(UTC) + timedelta(hours=5))
    assert received(built) - before == built.session.table("raw.weather").count() - landed > 0


def test_a_full_refresh_from_a_landing_folder_that_is_gone_empties_no_table(built: Warehouse) -> None:
    before = built.table(RECEIVED).num_rows
    gone = built.landing.rename(built.landing.with_name("gone"))
    refusal = failures(built.dbt(*BUILD, "--full-refresh"))
    gone.rename(built.landing)
    assert "There is no ledger in the landing folder" in refusal
    assert built.table(RECEIVED).num_rows == before > 0


class Interrupting(Progress):
    """Ctrl-C when the model begins."""

    def note(self, text: str) -> None:
        if RECEIVED in text:
            _thread.interrupt_main()


def test_an_interrupted_command_releases_its_lock(
    built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    monkeypatch.setenv("JUNCTION_TARGET", "spark")
    with pytest.raises(KeyboardInterrupt):
        build.dbt(Interrupting(), *BUILD)
    assert [row[0] for row in built.session.sql("select invocation_id from junction.run_lock").collect()] == [""]
    built.build(*BUILD)


def test_maintenance_joins_small_files(built: Warehouse) -> None:
    rows = built.table(RECEIVED).num_rows
    built.build("run-operation", "maintain_tables")
    operations = {row.operation for row in built.session.sql(f"describe history junction.{RECEIVED}").collect()}
    assert {"OPTIMIZE", "VACUUM END"} <= operations
    assert built.table(RECEIVED).num_rows == rows > 0
