"""A schedule's life on an engine of paper: the runs end as they should, and what differs is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from testbed.oracle import KEYS, project_oracle
from testbed.schedules.live import Outcome, live
from testbed.schedules.schedule import KINDS, Schedule, Step, drawn

SOUND = "select 1\nfrom readings\nwhere {{ only_reopened(hours) }}\n"


class OnPaper:
    """Its tables are the oracle's; but a row of `lacks` is missing from a dbt command with the argument `since` on."""

    name = "paper"
    breaks_late = "fails_late()"
    frees_at_once = False

    def __init__(self, project: Path, lacks: str = "", since: str = "run") -> None:
        self.project, self.landing = project, project
        self.commands: list[tuple[str, ...]] = []
        self._lacks, self._since = lacks, since
        self._locked = False
        for name in KEYS:
            (project / f"{name}.sql").write_text("" if name.endswith("received") else SOUND)

    def empty(self, landing: Path) -> None:
        self.landing = landing

    def load(self) -> None:
        self._oracle = project_oracle(self.landing)

    def dbt(self, *arguments: str) -> Any:
        self.commands.append(arguments)
        self._locked &= "release_run_lock" not in arguments
        texts = {name: (self.project / f"{name}.sql").read_text() for name in KEYS}
        broken = [name for name, text in texts.items() if text.strip() not in ("", SOUND.strip())]
        results = [
            SimpleNamespace(node=SimpleNamespace(name=n, unique_id=n), status="error", message="") for n in broken
        ]
        locked = RuntimeError("Another run is writing: release_run_lock") if self._locked else None
        return SimpleNamespace(
            success=not broken and not self._locked, exception=locked, result=SimpleNamespace(results=results)
        )

    def killed(self, after: int, *arguments: str) -> bool:
        self._locked = after % 2 == 0
        return self._locked

    def together(self, *arguments: str) -> list[bool]:
        return [True, False]

    def table(self, name: str) -> pa.Table:
        lacking = name == self._lacks and any(self._since in command for command in self.commands)
        return self._oracle.mart(name)[1 if lacking else 0 :]

    def nodes(self) -> list[dict[str, Any]]:
        config = {"materialized": "incremental"}
        model = {"resource_type": "model", "config": config, "fqn": []}
        return [{**model, "name": name, "original_file_path": f"{name}.sql"} for name in KEYS]


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Schedule:
    """A small one, each kind of run once."""
    found = drawn(5, tmp_path_factory.mktemp("events"), events=300, runs=len(KINDS))
    steps = tuple(Step(step.pieces, kind) for step, kind in zip(found.steps, KINDS, strict=True))
    return Schedule(found.seed, found.spans, steps, rebuilt_after=2)


def _lived(schedule: Schedule, folder: Path, **faults: Any) -> tuple[Outcome, OnPaper]:
    paper = OnPaper(folder, **faults)
    return live(schedule, paper, folder / "landing", lambda _: None), paper


def test_all_kinds_of_runs_are_lived(schedule: Schedule, tmp_path: Path) -> None:
    outcome, paper = _lived(schedule, tmp_path)
    assert outcome.failures == []
    assert {run.partition(":")[0] for run in outcome.runs} == set(KINDS)
    assert outcome.rows.keys() == KEYS.keys()
    assert paper.commands[-1][:2] == ("run", "--full-refresh")
    assert ("retry",) in paper.commands
    assert all((tmp_path / f"{name}.sql").read_text() in ("", SOUND) for name in KEYS)  # mended


@pytest.mark.parametrize(
    ("since", "told"), [("run", "against the oracle"), ("--full-refresh", "fct_car_samples against")]
)
def test_a_row_too_few_is_told(since: str, told: str, schedule: Schedule, tmp_path: Path) -> None:
    short = replace(schedule, steps=(Step(tuple(schedule.pieces), "whole"),))
    outcome, _ = _lived(short, tmp_path, lacks="fct_car_samples", since=since)
    assert [failure[: len(told)] for failure in outcome.failures] == [told]


def test_a_run_that_should_have_been_refused_is_told(schedule: Schedule, tmp_path: Path) -> None:
    class Unlocked(OnPaper):
        def killed(self, after: int, *arguments: str) -> bool:
            return True

    short = replace(schedule, steps=(Step(schedule.steps[0].pieces, "killed"),))
    outcome = live(short, Unlocked(tmp_path), tmp_path / "landing", lambda _: None)
    assert len(outcome.failures) == 1
    assert "was not refused" in outcome.failures[0]
