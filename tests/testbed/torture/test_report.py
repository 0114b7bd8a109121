"""The report counts each kind of trouble over all seeds, and does not pass with fewer than were demanded."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from testbed.torture.plan import CUT, HANGS
from testbed.torture.report import Demand, figures, write
from testbed.torture.run import Outcome
from testbed.torture.troubles import EXPECTED, Seen


def outcome(caught_up: float) -> Outcome:
    hung = Seen(1, 0, 2, 50, [caught_up], Counter(seconds=12), Counter({"Kafka on … does not answer.": 2}))
    return Outcome(kills=Counter({"in compact": 5}), troubles={HANGS: hung, CUT: Seen(restarts=1, times=1)})


def demand(troubles: int) -> Demand:
    return Demand(events=0, kills=10, broker_kills=0, lost_checkpoints=0, troubles=troubles)


def test_troubles_are_added_up_and_shown_with_what_was_expected(tmp_path: Path) -> None:
    found = figures({1: outcome(3.25), 2: outcome(9.0)}, demand(4), 60)
    assert found["passed"]
    assert found["troubles"] == 4
    assert found["troubles_by_kind"][HANGS] == {
        "times": 2, "restarts": 0, "taken_up": 4, "landed_meanwhile": 100, "caught_up": [3.25, 9.0],
        "injected": {"seconds": 24}, "said": {"Kafka on … does not answer.": 4},
    }  # fmt: skip
    write(found, tmp_path, " --seeds 1 2")
    page = (tmp_path / "torture.md").read_text()
    assert f"| {HANGS} | 2 | 24 seconds | {EXPECTED[HANGS]} | 0 | 4 | 3.2 to 9.0 |" in page
    assert f"| {CUT} | 2 |  | {EXPECTED[CUT]} | 2 | 0 |  |" in page
    assert f"| {HANGS} | Kafka on … does not answer. | 4 |" in page
    assert "| lives with a trouble | 4 |" in page
    assert json.loads((tmp_path / "torture.json").read_text())["troubles_by_kind"].keys() == {HANGS, CUT}


def test_fewer_troubles_than_were_demanded_do_not_pass() -> None:
    assert not figures({1: outcome(1), 2: outcome(1)}, demand(5), 60)["passed"]


def test_without_troubles_the_report_has_no_table_of_them(tmp_path: Path) -> None:
    write(figures({1: Outcome()}, Demand(0, 0, 0, 0), 60), tmp_path, "")
    assert "## Troubles" not in (tmp_path / "torture.md").read_text()
