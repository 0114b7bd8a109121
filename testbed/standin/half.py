"""A stand-in on which half of a city was built: for tests of how the project is run there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlfluff

from testbed.city.pieces import City, city
from testbed.standin.server import Standin, standin
from testbed.warehouse.outcome import failures

OTHER_RUN = "11111111-2222-3333-4444-555555555555"


@dataclass
class Built:
    """A stand-in that was built from the first half of a city's landing."""

    standin: Standin
    city: City
    landing: Path

    def land_rest(self) -> None:
        """The second half, landed now."""
        self.city.land(self.landing, 1, 2, datetime.now(UTC) - timedelta(minutes=5))
        self.standin.load(self.landing)

    def hold_lock(self, minutes: float) -> None:
        """Another run has the run lock, for as many minutes from now."""
        self.standin.query(
            f"update junction.run_lock set invocation_id = '{OTHER_RUN}', host = 'elsewhere', process = '42',"
            f" expires_ms = ((extract(epoch from now()) + {minutes * 60}) * 1000)::bigint"
        )

    def lose_lock_at(self, text: str, model: str) -> Callable[[Any], None]:
        """For dbt's events: another run gets the lock when a statement of `model` that contains `text` begins."""

        def take(event: Any) -> None:
            if event.info.name == "SQLQuery" and text in event.data.sql and model in event.data.sql:
                self.hold_lock(5)

        return take


@contextlib.contextmanager
def half_a_city(folder: Path) -> Iterator[Built]:
    """The first half, built by `dbt seed` and `dbt run`. The role `bi` exists."""
    sent = city(folder / "events", "--seed", "31", "--hours", "1", "--vehicles", "1", "--malformed", "0.01")
    sent.land(folder / "landing", 0, 2, datetime.now(UTC) - timedelta(hours=30))
    with standin(folder) as running:
        running.query("create role bi")
        running.load(folder / "landing")
        running.build("seed")
        running.build("run")
        yield Built(running, sent, folder / "landing")


def printed(running: Standin, operation: str, arguments: str = "{}") -> list[str]:
    """The statements that an operation prints."""
    texts: list[str] = []

    def note(event: Any) -> None:
        if event.info.name == "PrintEvent":
            texts.append(event.info.msg + "\n")

    outcome = running.dbt("run-operation", operation, "--args", arguments, callbacks=[note])
    assert outcome.success, failures(outcome)
    return [statement.strip() for statement in "".join(texts).split(";\n") if statement.strip()]


def logged(running: Standin, *command: str) -> str:
    """What dbt's log has of a command that succeeds."""
    log = running.folder / "logs" / "dbt.log"
    before = log.stat().st_size if log.exists() else 0
    running.log = True
    try:
        running.build(*command)
    finally:
        running.log = False
    return log.read_text()[before:]


def unparsable(sql: str, dialect: str) -> list[str]:
    """What sqlfluff says of a statement that it cannot read."""
    try:
        sqlfluff.parse(sql + "\n", dialect=dialect)
    except sqlfluff.api.simple.APIParsingError as error:
        return [str(error)]
    return []


def commit_when_awaited(running: Standin, cursor: object) -> None:
    """Commit the cursor's transaction as soon as a DELETE waits for its locks."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%delete from%'"
    for _ in range(600):
        if running.query(waiting) != [(0,)]:
            break
        time.sleep(0.1)
    cursor.connection.commit()  # type: ignore[attr-defined]
