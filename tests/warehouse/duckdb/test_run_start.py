"""Runs that overlap before the run lock: one parses the project while another begins, and ends."""

from __future__ import annotations

import time
from typing import Any

import pytest

from local import build
from local.progress import Progress
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

RECEIVED = "int_weather_received"


def start_of_the_last_run(built: Any) -> int:
    ((started_ms,),) = built.warehouse.query("select started_ms from run_lock")
    return int(started_ms)


def test_a_command_that_was_typed_before_another_run_began_starts_after_it(built: Any) -> None:
    """Its rows have to look newer than those of the run that was faster."""
    began: list[int] = []

    def other_run(event: Any) -> None:
        """Another run begins and ends between this command's start and its lock."""
        if event.info.name == "ConcurrencyLine" or began:
            return
        began.append(int(time.time() * 1000))
        built.warehouse.query(f"update run_lock set started_ms = {began[0]}, invocation_id = ''")

    with built.warehouse.connection():
        built.land_rest()
        outcome = built.warehouse.dbt("run", "--select", RECEIVED, callbacks=[other_run])
        assert outcome.success, failures(outcome)
        assert began
        started = start_of_the_last_run(built)
        assert started > began[0]
        assert built.warehouse.query(f"select max(_built_ms) from {RECEIVED}") == [(started,)]
        logged = f"select max(through_ms) from build_log where model = '{RECEIVED}'"
        assert built.warehouse.query(logged) == [(started,)]


def test_a_run_whose_clock_is_behind_the_last_start_is_refused(built: Any) -> None:
    to_come = int(time.time() * 1000) + 60_000
    built.warehouse.query(f"update run_lock set started_ms = {to_come}, invocation_id = ''")
    assert "The clock is behind" in failures(built.warehouse.dbt("run", "--select", RECEIVED))
    built.warehouse.query("update run_lock set started_ms = 0")


def test_a_table_that_keeps_rows_is_built_by_the_same_code_in_its_second_run(built: Any) -> None:
    """The first run builds it from nothing; what it reads of itself later is no change of its code."""
    said: list[str] = []

    def warned(event: Any) -> None:
        if event.info.name == "JinjaLogWarning":
            said.append(event.data.msg)

    for _ in range(2):
        built.warehouse.dbt("run", "--select", "int_silent_minutes", callbacks=[warned])
    assert [line for line in said if "int_silent_minutes" in line] == []


def test_a_refusal_by_the_run_lock_is_told_from_a_failure(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", str(built.warehouse.folder / "other"))
    monkeypatch.delenv("JUNCTION_TARGET", raising=False)
    with built.warehouse.connection():
        built.warehouse.build("run", "--select", RECEIVED)  # its lock names this opening of the file
        held = "update run_lock set invocation_id = '{}', expires_ms = epoch_ms(now()) + 60000"
        built.warehouse.query(held.format("other"))
        with pytest.raises(build.LockHeldError, match="Another run"):
            build.dbt(Progress(), "run", "--select", RECEIVED)
        built.warehouse.query(held.format(""))
        build.dbt(Progress(), "run", "--select", RECEIVED)
