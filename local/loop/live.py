"""`make up` on DuckDB: Kafka, landing and the simulator as processes; the warehouse, its door and dbt in this one."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live

from contract.reading import load_contract
from local import checks, paths
from local.checks import LocalError
from local.door import owner
from local.door.session import READER
from local.door.turns import Turns
from local.loop import view
from local.loop.figures import Watch
from local.loop.ledger import Ledger
from local.loop.metrics import Metrics, served
from local.loop.offsets import Offsets
from local.loop.runs import Runs
from local.process import Child, all_alive
from local.progress import Progress

TRIGGER_SECONDS = 2  # of landing
_PAUSE = 0.2  # seconds between two looks at what is due


def progress() -> Progress:
    """What the loop says is kept for a terminal's screen, and printed elsewhere."""
    can_move = sys.stdout.isatty() and not Console().is_dumb_terminal
    return view.Screen() if can_move else view.Lines()


def go_on(
    said: Progress,
    parts: Sequence[Child],
    bootstrap_servers: str,
    door: tuple[str, int],
    metrics_address: tuple[str, int] | None = None,
) -> None:
    """Serve the warehouse of `paths.var()` at `door` (host, port) and build what is landed, until a part ends
    (LocalError) or Ctrl-C."""
    os.environ["DBT_TARGET_PATH"] = str(paths.var() / "target")  # dbt in another terminal writes to the project's own
    tables = {topic.topic: topic.table for topic in load_contract().topics}
    turns = Turns()
    host, wanted = door
    with owner.opened() as warehouse, owner.serving(warehouse, wanted, host, turns) as port:
        where = f"postgresql://{checks.reached_at(host)}:{port}/warehouse, user {READER} "
        where += f"(password in {owner.password_file(READER)})"
        said.phase(f"Serving {where}; state in {paths.var()}; Ctrl-C ends it")
        ledger = Ledger(paths.landing(), warehouse)
        ledger.begin_with(warehouse)
        runs = Runs(said, ledger, turns, tables)
        watch = Watch(warehouse, ledger, Offsets(bootstrap_servers, tables), runs)
        metrics = Metrics()
        metrics.follow(said, runs, watch)
        with served(metrics, metrics_address), watch, _shown(said, watch, runs, where):
            _loop(said, parts, watch, runs)


def _loop(said: Progress, parts: Sequence[Child], watch: Watch, runs: Runs) -> None:
    while True:
        all_alive(parts)
        if watch.failure:
            raise LocalError(f"The loop cannot go on: {watch.failure}") from watch.failure
        if runs.due() and runs.run():
            said.phase(view.in_a_line(watch.figures, runs))
        else:
            time.sleep(_PAUSE)


@contextlib.contextmanager
def _shown(said: Progress, watch: Watch, runs: Runs, where: str) -> Iterator[None]:
    """The screen of a terminal, while there is one."""
    if not isinstance(said, view.Screen):
        yield
        return
    screen = said

    def now() -> RenderableType:
        return view.rendered(watch.figures, runs, screen, where)

    options: dict[str, Any] = {"screen": True, "refresh_per_second": 2, "redirect_stdout": False}
    with Live(console=Console(), get_renderable=now, **options):
        screen.on = True
        yield
