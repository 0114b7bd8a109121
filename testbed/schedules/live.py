"""Lives one schedule on one engine and compares what is there at the end."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from testbed.oracle import KEYS, assert_same_rows, project_oracle
from testbed.schedules.engines import Engine, built
from testbed.schedules.hidden import Hidden
from testbed.schedules.runs import NO_VIEWS, Runs
from testbed.schedules.schedule import Schedule

Say = Callable[[str], None]


@dataclass
class Outcome:
    """What a schedule did and found. `rows`: of each table, those that were compared."""

    seed: int
    engine: str
    events: int
    pieces: int
    runs: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    day: str = field(default_factory=lambda: f"{datetime.now(UTC):%d %B %Y}")

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def live(schedule: Schedule, engine: Engine, landing: Path, say: Say) -> Outcome:
    """Live it in an emptied warehouse. What went wrong stands in the outcome; nothing is raised."""
    began = time.monotonic()
    outcome = Outcome(schedule.seed, engine.name, schedule.events, len(schedule.pieces))
    runs = Runs(engine, random.Random(f"runs {schedule.seed}"), schedule.spans)
    try:
        _live(schedule, engine, landing, runs, outcome, say)
    except Exception as error:
        where = "" if isinstance(error, AssertionError) else traceback.format_exc()
        outcome.failures.append(f"{runs.log[-1:]}, then: {error}\n{where}"[:4000])
    outcome.runs = runs.log
    outcome.seconds = round(time.monotonic() - began, 1)
    return outcome


def _live(schedule: Schedule, engine: Engine, landing: Path, runs: Runs, outcome: Outcome, say: Say) -> None:
    engine.empty(landing)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    landed_at = hour - sum((piece.after for piece in schedule.pieces), timedelta(hours=1))
    number, hidden = 0, Hidden(landing, landing.with_name("hidden"))
    for nth, step in enumerate(schedule.steps):
        for piece in step.pieces:
            landed_at += piece.after + piece.ahead
            piece.land(landing, number, landed_at, hidden)
            number += 1
        engine.load()
        runs.go(step.kind)
        hidden.reveal()
        say(runs.log[-1])
        if nth == schedule.rebuilt_after:
            runs.go("whole")
            _rebuilt(engine, runs, outcome)
            say(f"built again: {runs.log[-1]}")
    hidden.reveal(all_of_them=True)
    engine.load()
    runs.go("whole")
    incremental = tables(engine)
    outcome.rows = {name: rows.num_rows for name, rows in incremental.items()}
    _against_oracle(landing, incremental, outcome)
    built(engine, "run", "--full-refresh", *NO_VIEWS)
    outcome.failures += differences("a full refresh", incremental, tables(engine))


def tables(engine: Engine) -> dict[str, pa.Table]:
    """Every model that is a table, and every mart."""
    names = [
        node["name"]
        for node in engine.nodes()
        if node["resource_type"] == "model"
        and (node["config"]["materialized"] == "incremental" or "marts" in node["fqn"])
    ]
    return {name: engine.table(name) for name in sorted(names)}


def _rebuilt(engine: Engine, runs: Runs, outcome: Outcome) -> None:
    before = tables(engine)
    runs.go("range")
    outcome.failures += differences(f"before the range {runs.log[-1]} was built again", before, tables(engine))


def _against_oracle(landing: Path, incremental: dict[str, pa.Table], outcome: Outcome) -> None:
    oracle = project_oracle(landing)
    for name, key in KEYS.items():
        try:
            assert_same_rows(name, incremental[name], oracle.mart(name), key)
        except AssertionError as error:
            outcome.failures.append(f"against the oracle: {error}"[:4000])


def differences(what: str, ours: dict[str, pa.Table], theirs: dict[str, pa.Table]) -> list[str]:
    """A sentence for each table whose rows differ, but for the columns that law 4 (docs/architecture.md) leaves out."""
    found = []
    for name, rows in ours.items():
        left_out = ("_built_ms", "_received_ms", "_mart_delay")
        compared = [column for column in rows.column_names if not column.startswith(left_out)]
        db = duckdb.connect()
        db.execute("set TimeZone = 'UTC'")
        db.register("one", rows.select(compared))
        db.register("other", theirs[name].select(compared))
        sql = "(from one except all from other) union all (from other except all from one)"
        differing = db.execute(f"select count(*) over (), * from ({sql}) limit 3").fetchall()
        if differing:
            found.append(f"{name} against {what}: {differing[0][0]} rows differ, as {differing}"[:2000])
    return found
