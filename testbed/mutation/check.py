"""Tries mutants on a warm stand-in: the unit tests of the changed models, then a run over a landed city."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from testbed.city.pieces import city
from testbed.mutation.far import with_far_events
from testbed.mutation.mutants import Mutant
from testbed.standin import Standin, standin
from testbed.warehouse.contract_change import copy_of_project
from testbed.warehouse.outcome import failures

CITY = ["--seed", "22", "--hours", "3", "--vehicles", "3", "--duplicated", "0.02", "--impossible", "0.01"]
CITY += ["--late", "0.05", "--out-of-order", "0.02", "--sensor-outage", "0.02", "--malformed", "0.01"]
REBUILT = ("2026-03-02 06:30", "2026-03-02 07:30")  # which rebuilds the hours 06 and 07 of the city's three
_SPARING = ("--no-write-json", "--log-level", "none")  # artifacts take seconds, and nobody reads these


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: `unit`, `fixture` (caught there), `survived`, or `none` (it is not valid SQL)."""

    mutant: Mutant
    outcome: str
    detail: str
    seconds: float


class Check:
    """A city and far events, landed in two pieces; a run after each; the tables after either: `before` and `after`.

    A mutant is run as the second run, from the tables of `before` and its unmutated parents of `after`: incrementally,
    so that a reach that is too short shows; then its tables and those of its children must be those of `after`. A run
    with nothing new must write nothing. Then some hours are lost and rebuilt with the vars `from` and `to`: they must
    come back, and no other hour be written.
    """

    def __init__(self, running: Standin, project: Path) -> None:
        self._running = running
        self._project = project
        nodes: dict[str, Any] = running.manifest()["nodes"]
        self._models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
        self._hourly = {
            node["name"]
            for node in self._models.values()
            if node["config"].get("partition_by") == ["event_hour"]
            and node["config"]["incremental_strategy"] == "replace_hours"
        }
        self._macros: dict[str, Any] = running.manifest()["macros"]

    def keep(self, schema: str) -> None:
        """Keep what all models, and the build log, hold now."""
        self._running.query(f"create schema {schema}")
        for name in ["build_log", *(node["name"] for node in self._models.values())]:
            self._running.query(f"create table {schema}.{name} as select * from junction.{name}")

    def control(self) -> None:
        """AssertionError if no mutant at all would be caught."""
        everything = set(self._models)
        for step in (self._catch_up, self._idle, self._rebuild):
            found = step(everything, everything)
            assert found is None, (step.__name__, found)
        self._restore(everything)

    def verdict(self, mutant: Mutant) -> Verdict:
        """Try one mutant; the project and the tables are as before when this returns."""
        began = time.monotonic()
        path = self._project / mutant.file
        text = path.read_text()
        changed = self.changed(mutant.file)
        path.write_text(mutant.apply(text))
        try:
            outcome, detail = self._outcome(changed)
        finally:
            path.write_text(text)
            self._restore(changed)
        return Verdict(mutant, outcome, detail, round(time.monotonic() - began, 1))

    def _outcome(self, changed: set[str]) -> tuple[str, str]:
        try:
            if caught := self._unit(changed):
                return "unit", caught
            affected = self._descendants(changed)
            for step in (self._catch_up, self._idle, self._rebuild):
                if caught := step(changed, affected):
                    return "fixture", f"{step.__name__[1:]}: {caught}"
        except _NoMutant as error:
            return "none", str(error)
        return "survived", ""

    def changed(self, file: str) -> set[str]:
        """The ids of the models that a file of the project makes: a model, or all that use a macro."""
        if file.startswith("models"):
            return {key for key, node in self._models.items() if node["original_file_path"] == file}
        macros = {key for key, macro in self._macros.items() if macro["original_file_path"] == file}
        using = macros
        while using:
            using = {key for key, macro in self._macros.items() if using & set(macro["depends_on"]["macros"])} - macros
            macros |= using
        used = {key for key, node in self._models.items() if macros & set(node["depends_on"]["macros"])}
        # What only materializations call, such as an incremental strategy, is of all tables.
        return used or {key for key in self._models if self._is_table(key)}

    def _descendants(self, changed: set[str]) -> set[str]:
        reached, more = set(changed), set(changed)
        while more:
            more = {key for key, node in self._models.items() if more & set(node["depends_on"]["nodes"])} - reached
            reached |= more
        return reached

    def _unit(self, changed: set[str]) -> str | None:
        chosen = [f"{self._models[key]['name']},test_type:unit" for key in sorted(changed)]
        results = _results(self._running.dbt("test", *_SPARING, "--select", *chosen))
        wrong = [result for result in results if str(result.status) in ("error", "runtime error")]
        if wrong:
            raise _NoMutant(str(wrong[0].message))
        return next((result.node.name for result in results if str(result.status) == "fail"), None)

    def _catch_up(self, changed: set[str], affected: set[str]) -> str | None:
        """The first table that differs after the second run, None if none does."""
        tables = self._tables(affected)
        for name in tables:
            self._refill(name, "before")
        listed = ", ".join(f"'{name}'" for name in tables) or "''"
        first = "select max(through_ms) from before.build_log"
        self._running.query(f"delete from junction.build_log where model in ({listed}) and through_ms > ({first})")
        return self._run(changed) or self._first_that_differs(affected)

    def _idle(self, changed: set[str], affected: set[str]) -> str | None:
        """The first table that a run with nothing new writes to, None if none."""
        newest = self._newest(self._tables(affected))
        return self._run(changed) or self._first_written(newest, "true")

    def _rebuild(self, changed: set[str], affected: set[str]) -> str | None:
        """The first table whose hours of REBUILT do not come back, or of which other hours are written."""
        hourly = [name for name in self._tables(affected) if name in self._hourly]
        lost = f"event_hour >= date_trunc('hour', timestamp '{REBUILT[0]}') and event_hour < timestamp '{REBUILT[1]}'"
        newest = self._newest(hourly)
        for name in hourly:
            self._running.query(f"delete from junction.{name} where {lost}")
        caught = self._run(changed, "--vars", "{{from: {}, to: {}}}".format(*REBUILT))
        return caught or self._first_that_differs(affected) or self._first_written(newest, f"not ({lost})")

    def _newest(self, tables: list[str]) -> dict[str, int]:
        return {name: self._running.query(f"select max(_built_ms) from junction.{name}")[0][0] or 0 for name in tables}

    def _first_written(self, newest: dict[str, int], where: str) -> str | None:
        written = "select 1 from junction.{} where _built_ms > {} and {} limit 1"
        return next((name for name, ms in newest.items() if self._running.query(written.format(name, ms, where))), None)

    def _run(self, changed: set[str], *options: str) -> str | None:
        names = [self._models[key]["name"] for key in sorted(changed)]
        outcome = self._running.dbt("run", *_SPARING, *options, "--select", *(f"{name}+" for name in names))
        _results(outcome)
        if outcome.success:
            return None
        if "statement timeout" in failures(outcome):
            return "a query that does not end"
        raise _NoMutant(failures(outcome))

    def _first_that_differs(self, affected: set[str]) -> str | None:
        return next((name for name in self._in_order(affected) if self._differs(name)), None)

    def _differs(self, name: str) -> bool:
        described = self._running.query(
            f"select column_name from information_schema.columns where table_schema = 'after' and table_name = '{name}'"
        )
        columns = ", ".join(f'"{column}"' for (column,) in described if not column.startswith(("_built", "_mart_")))
        now, then = (f"select {columns} from {schema}.{name}" for schema in ("junction", "after"))
        sql = f"select 1 from (({now} except all {then}) union all ({then} except all {now})) as differing limit 1"
        return bool(self._running.query(sql))

    def _restore(self, changed: set[str]) -> None:
        for name in [*self._tables(self._descendants(changed)), "build_log"]:
            self._refill(name, "after")
        views = [self._models[key]["name"] for key in sorted(changed) if not self._is_table(key)]
        if views:
            self._running.build("run", *_SPARING, "--select", *views)

    def _refill(self, name: str, schema: str) -> None:
        self._running.query(f"delete from junction.{name}; insert into junction.{name} select * from {schema}.{name}")

    def _in_order(self, keys: set[str]) -> list[str]:
        return sorted(self._models[key]["name"] for key in keys)

    def _tables(self, keys: set[str]) -> list[str]:
        return self._in_order({key for key in keys if self._is_table(key)})

    def _is_table(self, key: str) -> bool:
        return bool(self._models[key]["config"]["materialized"] == "incremental")


class _NoMutant(Exception):
    """The change is no valid SQL, or one that Redshift refuses: nobody could ship it."""


def _results(outcome: Any) -> list[Any]:
    if outcome.exception is not None:
        raise _NoMutant(str(outcome.exception))
    return list(outcome.result.results)


@contextlib.contextmanager
def landed(folder: Path, *options: str) -> Iterator[tuple[Check, Path]]:
    """A check over a copy of the project in `folder`; `options` are the simulator's. AssertionError if it is unfit."""
    project = copy_of_project(folder)
    sent = with_far_events(city(folder / "events", *(options or CITY)))
    with standin(folder, project) as running:
        running.build("seed")
        first = datetime.now(UTC) - timedelta(hours=3)
        check = None
        for piece, schema in enumerate(("before", "after")):
            sent.land(folder / "landing", piece, 2, first + timedelta(hours=2 * piece))
            running.load(folder / "landing")
            running.build("run")
            check = Check(running, project)
            check.keep(schema)
        assert check is not None
        check.control()
        running.query("alter database junction set statement_timeout = '100s'")
        yield check, project
