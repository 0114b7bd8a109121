"""`python -m testbed.schedules` (`make exactness`): does an incremental warehouse equal a full refresh, and the oracle?

Each schedule's outcome is written as it ends, so the command can be stopped and started again, and started twice at
once: a schedule that somebody lives, or has lived with the same project and tests, is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contract.options import Parser
from ingest.folder import lock
from local import interrupt, paths
from testbed.digest import digest
from testbed.schedules import report
from testbed.schedules.engines import ENGINES, Engine, engine
from testbed.schedules.live import live
from testbed.schedules.schedule import drawn


def main(arguments: Sequence[str] | None = None) -> int:
    """Live the schedules that are not yet lived, then write the report; 0 only if all were lived without a failure."""
    flags = _parser().parse_args(arguments)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="exactness-"))
    flags.state.mkdir(parents=True, exist_ok=True)

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    seeds = range(flags.first_seed, flags.first_seed + flags.schedules)
    try:
        with contextlib.ExitStack() as running:
            warm: Engine | None = None
            for seed in seeds:
                file = flags.state / f"{flags.engine}-{seed}.json"
                with lock.hold(file.with_suffix(".lock")) as mine:  # or another process lives this schedule
                    if not mine or _lived(file, flags):
                        continue
                    warm = warm or running.enter_context(engine(flags.engine, folder))
                    _live(seed, warm, folder / str(seed), file, flags, say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    outcomes = [outcome for file in sorted(flags.state.glob("*-*.json")) if (outcome := _lived(file, flags))]
    report.write(outcomes, flags.report, flags.runs, flags.events)
    ours = [outcome for outcome in outcomes if outcome["engine"] == flags.engine and outcome["seed"] in seeds]
    failed = [outcome["seed"] for outcome in outcomes if outcome["failures"]]
    say(f"{len(ours)} of {len(seeds)} lived on {flags.engine}; failed: {failed or 'none'}; {flags.report}/exactness.md")
    return int(bool(failed) or len(ours) < len(seeds))


def _live(seed: int, warm: Engine, folder: Path, file: Path, flags: argparse.Namespace, say: Any) -> None:
    schedule = drawn(seed, folder / "events", flags.events, flags.runs)
    say(f"schedule {seed}: {schedule.events:,} events in {len(schedule.pieces)} pieces on {warm.name}")
    outcome = live(schedule, warm, folder / "landing", lambda text: say(f"schedule {seed}: {text}"))
    interrupt.raise_if_came()
    for failure in outcome.failures:
        say(f"schedule {seed} FAILED: {failure}")
    say(f"schedule {seed}: {sum(outcome.rows.values()):,} rows of {len(outcome.rows)} models, {outcome.seconds} s")
    content = {**outcome.as_json(), **_conditions(flags)}
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder)


def _lived(file: Path, flags: argparse.Namespace) -> dict[str, Any] | None:
    """The outcome in a file, if it is of this project, these tests and this size."""
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content if _conditions(flags).items() <= content.items() else None


def _conditions(flags: argparse.Namespace) -> dict[str, Any]:
    of = digest(("oracle", "landing", "city", "warehouse", "standin", "schedules"), without=("report.py",))
    return {"of": of[:16], "drawn_events": flags.events, "drawn_runs": flags.runs}


def _parser() -> Parser:
    parser = Parser(prog="python -m testbed.schedules", description=__doc__)
    add = parser.add_argument
    add("--schedules", type=int, default=50, help="how many (default %(default)s)")
    add("--first-seed", type=int, default=1, help="the seed of the first (default %(default)s)")
    add("--runs", type=int, default=5, help="of each schedule (default %(default)s)")
    add("--events", type=int, default=20_000, help="at most, of each schedule (default %(default)s)")
    add("--engine", choices=list(ENGINES), default=ENGINES[0], help="(default %(default)s)")
    add(
        "--state",
        type=Path,
        default=paths.var() / "exactness",
        help="where outcomes are kept (default %(default)s)",
    )
    add("--report", type=Path, default=paths.ROOT / "docs", help="the folder of the report (default docs)")
    return parser


if __name__ == "__main__":
    interrupt.expect()
    sys.exit(main())
