"""The run lock on DuckDB: who gets it, and that a run without it writes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from testbed.warehouse.embedded import FILE
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

RECEIVED = "int_vehicle_telemetry_received"
OTHER = "11111111-2222-3333-4444-555555555555"
OPENING = "(select name from junction_opening.main.opening)"


def hold(built: Any, minutes: float, opening: str = OPENING) -> None:
    """Another run has the lock, for as many minutes from now; it works in this opening of the file or in another."""
    built.warehouse.query(
        f"update run_lock set invocation_id = '{OTHER}', host = '', process = {opening},"
        f" expires_ms = epoch_ms(now()) + {int(minutes * 60_000)}"
    )


def lose_at(built: Any, text: str, model: str) -> Callable[[Any], None]:
    """Another run gets the lock when a statement of `model` that contains `text` begins."""

    def take(event: Any) -> None:
        if event.info.name == "SQLQuery" and text in event.data.sql and model in event.data.sql:
            hold(built, 5)

    return take


def rows(built: Any, table: str) -> Any:
    return built.warehouse.query(f"select count(*), max(_built_ms) from {table}")


def test_a_lease_is_of_minutes_and_is_refused_until_it_is_over(built: Any) -> None:
    with built.warehouse.connection():  # so that all commands work in one opening of the file
        built.warehouse.build("run", "--select", RECEIVED)
        ((lasts_ms,),) = built.warehouse.query("select expires_ms - started_ms from run_lock")
        assert 0 < lasts_ms < 10 * 60_000
        hold(built, 1)
        refusal = failures(built.warehouse.dbt("run", "--select", RECEIVED))
        assert OTHER in refusal
        assert "release_run_lock" in refusal
        hold(built, -0.1)
        built.warehouse.build("run", "--select", RECEIVED)


def test_the_lock_of_a_run_whose_process_has_ended_is_free_at_once(built: Any) -> None:
    hold(built, 5, opening="'another'")
    built.warehouse.build("run", "--select", RECEIVED)


def test_a_second_process_cannot_open_the_file(built: Any) -> None:
    file = built.warehouse.folder / FILE
    program = f"import duckdb; held = duckdb.connect({str(file)!r}); print('open', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as other:  # type: ignore[call-overload]
        assert other.stdout.readline().strip() == b"open"
        assert "lock on file" in failures(built.warehouse.dbt("run", "--select", RECEIVED))
        other.communicate(b"\n")
    built.warehouse.build("run", "--select", RECEIVED)


def test_the_row_of_the_lock_is_made_again(built: Any) -> None:
    built.warehouse.query("delete from run_lock")
    built.warehouse.build("run", "--select", RECEIVED)
    assert built.warehouse.query("select count(*), min(invocation_id) from run_lock") == [(1, "")]


@pytest.mark.parametrize(("model", "more"), [(RECEIVED, ()), ("fct_vehicle_readings", ("--full-refresh",))])
def test_a_run_that_loses_its_lock_before_it_writes_writes_nothing(
    built: Any, model: str, more: tuple[str, ...]
) -> None:
    """Between the last check and the write: the lease is young."""
    if model == RECEIVED:
        built.land_rest()
    before = rows(built, model)
    outcome = built.warehouse.dbt("run", "--select", model, *more, callbacks=[lose_at(built, "write_fence", model)])
    assert "lost its lock" in failures(outcome)
    assert rows(built, model) == before
    built.warehouse.build("run-operation", "release_run_lock")
    built.warehouse.build("run", "--select", model, *more)
    assert rows(built, model)[0][1] > before[0][1]


def test_a_write_under_way_and_a_run_that_takes_the_lock_exclude_each_other(built: Any) -> None:
    """A run that was suspended in the transaction of a write, past its lease, beside one in the same process."""
    with built.warehouse.connection() as suspended:
        suspended.execute("begin")
        suspended.execute(f"update write_fence set invocation_id = '{OTHER}' where model = '{RECEIVED}'")
        assert "onflict" in failures(built.warehouse.dbt("run", "--select", RECEIVED))
        suspended.execute("rollback")
        suspended.execute("begin")
        suspended.execute("select count(*) from run_lock").fetchall()
        built.warehouse.build("run", "--select", RECEIVED)
        with pytest.raises(duckdb.TransactionException, match="onflict"):
            suspended.execute(f"update write_fence set invocation_id = '{OTHER}' where model = '{RECEIVED}'")
        suspended.execute("rollback")


def test_a_run_that_lost_its_lock_logs_nothing_as_built(built: Any) -> None:
    built.warehouse.query("delete from build_log where model = 'fct_car_samples'")

    def take(event: Any) -> None:
        if event.info.name == "NodeFinished":
            hold(built, 5)

    built.warehouse.dbt("run", "--select", "fct_car_samples", callbacks=[take])
    assert built.warehouse.query("select * from build_log where model = 'fct_car_samples'") == []
    assert built.warehouse.query("select invocation_id from run_lock") == [(OTHER,)]
    built.warehouse.build("run-operation", "release_run_lock")
