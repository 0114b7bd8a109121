"""`python -m testbed.attack` (`make attack`): hostile inputs and interleavings, each drawn from its seed.

A case of inputs goes through landing's code and is judged by its author's words and by the oracle; all of them are then
landed together and built by dbt. A case of interleavings is checked after each of its steps.
"""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contract.options import Parser
from local import interrupt, paths
from testbed.attack import report
from testbed.attack.case import Maker
from testbed.attack.judge import Case, Landed, decoded, judged, read_back
from testbed.attack.kinds import INPUTS, kind_of
from testbed.attack.sequences import live
from testbed.attack.warehouse import build
from testbed.schedules.engines import ENGINES, engine

_LANDED_AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
Say = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack, then write the report; 0 only if nothing failed."""
    flags = _parser().parse_args(arguments)
    began = time.monotonic()
    logging.getLogger("ingest").setLevel(logging.ERROR)

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    seeds = range(flags.first_seed, flags.first_seed + flags.count)
    with tempfile.TemporaryDirectory(prefix="attack-") as name:
        outcomes, cases = attack(seeds, Path(name), say)
        builds = [_build(cases, which, Path(name) / which, say) for which in flags.engine if which != "none"]
    interrupt.raise_if_came()
    for case in cases:  # what an engine found is of its case
        outcomes[case.seed - flags.first_seed]["failures"] = case.failures
    report.write(outcomes, builds, flags.report)
    failed = [outcome["seed"] for outcome in outcomes if outcome["failures"]]
    tables = [text for found in builds for text in found["failures"]]
    for text in tables:
        say(text)
    say(f"{len(outcomes)} cases; failed: {failed or 'none'}; tables: {len(tables)}; {flags.report}/attack.md")
    return int(bool(failed or tables))


def attack(seeds: Sequence[int], folder: Path, say: Say) -> tuple[list[dict[str, Any]], list[Case]]:
    """All cases but what needs an engine: an outcome for each seed, and the cases of inputs."""
    outcomes, cases = [], []
    for seed in seeds:
        kind, steps = kind_of(seed), list[str]()
        if kind in INPUTS:
            case = Case(seed, kind, INPUTS[kind](Maker(seed)))
            decoded(case)
            cases.append(case)
        else:
            steps, failures = live(kind, seed)
            case = Case(seed, kind, (), failures)
        interrupt.raise_if_came()
        outcomes.append(
            {"seed": seed, "kind": kind, "records": len(case.sent), "steps": steps, "failures": case.failures}
        )
        for failure in case.failures[:2]:
            say(f"seed {seed}, {kind}: {failure}")
    landed = Landed(folder / "landing")
    for piece in range(2):
        landed.add(cases[piece::2], _LANDED_AT + piece * timedelta(minutes=40))
    read_back(landed.folder, landed.places)
    judged(landed.folder, landed.places)
    say(f"{len(landed.places)} records of {len(cases)} cases landed, read back and judged by the oracle")
    return outcomes, cases


def _build(cases: Sequence[Case], which: str, folder: Path, say: Say) -> dict[str, Any]:
    folder.mkdir()
    with engine(which, folder) as running:
        rows, failures = build(cases, running, folder / "landing", say)
    shutil.rmtree(folder, ignore_errors=True)
    return {"engine": which, "rows": rows, "failures": failures}


def _parser() -> Parser:
    parser = Parser(prog="python -m testbed.attack", description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=500, help="how many cases (default %(default)s)")
    add("--first-seed", type=int, default=1, help="the seed of the first (default %(default)s)")
    add(
        "--engine",
        nargs="+",
        choices=[*ENGINES, "none"],
        default=[ENGINES[0]],
        help="where all inputs are built; `none` leaves dbt out (default %(default)s)",
    )
    add("--report", type=Path, default=paths.ROOT / "docs", help="the folder of the report (default docs)")
    return parser


if __name__ == "__main__":
    interrupt.expect()
    sys.exit(main())
