"""What was landed, built by dbt on an engine in pieces: each row as its author says, each table as the oracle's."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from testbed.attack.judge import Case, Landed, compare_judgements
from testbed.oracle import KEYS, assert_same_rows, project_oracle
from testbed.schedules.engines import Engine, built
from testbed.schedules.live import differences, tables
from testbed.schedules.runs import NO_VIEWS

_PIECES = 3


def build(cases: Sequence[Case], engine: Engine, landing: Path, say: Callable[[str], None]) -> tuple[int, list[str]]:
    """Land the cases in pieces and build after each: the rows compared, and a sentence for each table that is wrong.

    What concerns one record is a failure of its case.
    """
    engine.empty(landing)
    landed = Landed(landing)
    shuffled = random.Random(len(cases)).sample(list(cases), len(cases))
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=_PIECES)
    for piece in range(_PIECES):
        landed.add(shuffled[piece::_PIECES], hour + piece * timedelta(minutes=50))
        engine.load()
        built(engine, "run")
        say(f"piece {piece + 1} of {_PIECES} built on {engine.name}")
    incremental = tables(engine)
    failures = []
    oracle = project_oracle(landing)
    for name, key in KEYS.items():
        try:
            assert_same_rows(name, incremental[name], oracle.mart(name), key)
        except AssertionError as error:
            failures.append(f"against the oracle: {error}"[:2000])
    for table in sorted({table for table, _, _ in landed.places}):
        compare_judgements(table, incremental[f"int_{table}_received"], landed.places, engine.name)
    say("compared with the oracle and with what each record's author says")
    built(engine, "run", "--full-refresh", *NO_VIEWS)
    compared = sum(incremental[name].num_rows for name in KEYS)
    return compared, failures + differences("a full refresh", incremental, tables(engine))
