"""A short attack: a case of each kind of input and some interleavings; and faults that an attack must notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract import values
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger
from ingest.landing import resume
from testbed.attack import __main__ as command
from testbed.attack.case import Maker
from testbed.attack.judge import Case, Landed, decoded, judged, read_back
from testbed.attack.kinds import INPUTS, KINDS, SEQUENCES, kind_of
from testbed.attack.sequences import live

_CHEAP = ("links in the folder", "staged batches that are damaged", "strays with odd names", "all of it")


def test_there_are_kinds_enough_and_a_seed_is_of_one() -> None:
    assert len(INPUTS) >= 40
    assert len(SEQUENCES) >= 15
    assert {kind_of(seed) for seed in range(len(KINDS))} == set(KINDS)


def test_each_kind_of_input_becomes_what_its_author_says(tmp_path: Path) -> None:
    cases = [Case(seed, kind, INPUTS[kind](Maker(seed))) for seed, kind in enumerate(INPUTS)]
    for case in cases:
        decoded(case)
    landed = Landed(tmp_path)
    landed.add(cases, datetime(2026, 3, 2, 10, tzinfo=UTC))
    read_back(tmp_path, landed.places)
    judged(tmp_path, landed.places)
    assert [(case.kind, case.failures) for case in cases if case.failures] == []
    assert len(landed.places) == sum(len(case.sent) for case in cases) > 300


@pytest.mark.parametrize("kind", _CHEAP)
def test_what_must_hold_holds_after_each_step(kind: str) -> None:
    steps, failures = live(kind, 1)
    assert failures == []
    assert len(steps) > 5


def test_a_seed_always_makes_the_same_case() -> None:
    for seed in (3, 20, 33):
        kind = [*INPUTS][seed]
        assert INPUTS[kind](Maker(seed)) == INPUTS[kind](Maker(seed))


def test_the_command_writes_its_report(tmp_path: Path) -> None:
    assert command.main(["--first-seed", "2", "--count", "2", "--engine", "none", "--report", str(tmp_path)]) == 0
    cases = json.loads((tmp_path / "attack.json").read_text())["cases"]
    assert [(case["seed"], case["failures"]) for case in cases] == [(2, []), (3, [])]
    assert f"| {kind_of(2)} | 1 | {cases[0]['records']} | 0 |" in (tmp_path / "attack.md").read_text()


def _rounded_time(patch: pytest.MonkeyPatch) -> None:
    """A time's further digits are rounded, not cut off."""
    real = values.parse_time

    def rounded(text: str) -> datetime:
        at = real(text)
        digits = text.partition(".")[2].rstrip("Z")[:7]
        return at.replace(microsecond=round(int(digits) / 10) % 10**6) if len(digits) == 7 and digits.isdigit() else at

    patch.setattr(values, "parse_time", rounded)


def _landed_twice(patch: pytest.MonkeyPatch) -> None:
    """A batch is not cut to what the ledger lacks."""
    patch.setattr(Ledger, "due", property(lambda ledger: dict.fromkeys(ledger.starts | ledger.ends, 0)))


def _thrown_away(patch: pytest.MonkeyPatch) -> None:
    """A start throws marked batches away."""

    def recover(folder: LandingFolder, work: str) -> int:
        for place in folder.staged(work):
            folder.store.forget(place)
        return 0

    patch.setattr(LandingFolder, "recover", recover)


def _not_compared(patch: pytest.MonkeyPatch) -> None:
    """A start does not compare the names of files with the ledger."""
    patch.setattr(resume, "check_names", lambda *arguments: None)


def _of_inputs(kind: str) -> Iterator[str]:
    for seed in range(6):
        case = Case(seed, kind, INPUTS[kind](Maker(seed)))
        decoded(case)
        yield from case.failures


def _of_steps(kind: str) -> Iterator[str]:
    for seed in range(12):
        yield from live(kind, seed)[1]


@pytest.mark.parametrize(
    ("fault", "found", "kind"),
    [
        (_rounded_time, _of_inputs, "fractions of a second"),
        (_landed_twice, _of_steps, "days and months between batches"),
        (_thrown_away, _of_steps, "deaths, and deaths while recovering"),
        (_not_compared, _of_steps, "staged batches that are damaged"),
    ],
)
def test_the_attack_notices_a_fault(
    fault: Callable[[pytest.MonkeyPatch], None],
    found: Callable[[str], Iterator[str]],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault(monkeypatch)
    assert next(found(kind), None) is not None, f"not noticed: {fault.__doc__}"
