"""What the mutation check changes, and that it keeps its verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import paths
from testbed.mutation.check import Verdict
from testbed.mutation.journal import Journal
from testbed.mutation.mutants import Mutant, all_mutants, sampled


def _lines(text: str) -> set[str]:
    return {mutant.lines(text)[2] for mutant in all_mutants("a.sql", text)}


@pytest.mark.parametrize(
    ("text", "mutants"),
    [
        ("where a >= 5", {"where a > 5", "where a >= 6"}),
        ("cast(a as varchar(9)) -- 1 and 2", set()),
        ("where status = '1 and 2'", {"where status <> '1 and 2'"}),
        ("{{ round_half_up('x', 3) }}", {"{{ round_half_up('x', 4) }}"}),
        ("a > {{ var('alert_rpm') }}", {"a >= {{ var('alert_rpm') }}", "a > {{ (var('alert_rpm') * 1.25) }}"}),
        ("{% set n = var('baseline_hours') %}", {"{% set n = (var('baseline_hours') + 1) %}"}),
    ],
)
def test_an_operator_or_a_constant_is_changed_but_no_type_text_or_comment(text: str, mutants: set[str]) -> None:
    assert _lines(text) == mutants


def test_a_reach_is_only_shortened() -> None:
    text = "{% set hours = reopened_hours([input(ref('a'), reach=1), input(ref('b'), reach=n, ahead=n - 1)]) %}"
    shorter = {text.replace("reach=1", "reach=0"), text.replace("n - 1", "n - 2")}
    assert _lines(text) == shorter


def test_a_macro_of_spark_is_left_out() -> None:
    macros = "{% macro spark__x(a) %}a + 1{% endmacro %}\n{% macro redshift__x(a) %}a - 1{% endmacro %}"
    assert {mutant.lines(macros)[0] for mutant in all_mutants("x.sql", macros)} == {2}


def test_each_mutant_of_a_sample_is_another_and_a_second_sample_can_do_without_them() -> None:
    first = [mutant for mutant, _ in zip(sampled(paths.PROJECT_DIR, 1), range(72), strict=False)]
    assert len(set(first)) == 72
    assert len({mutant.file for mutant in first}) > 50
    assert set(first).isdisjoint(sampled(paths.PROJECT_DIR, 2, frozenset(first)))


def test_a_verdict_is_known_to_the_next_run_also_after_a_torn_line(tmp_path: Path) -> None:
    mutant, other = Mutant("a.sql", 1, 2, ">"), Mutant("a.sql", 1, 2, "<")
    verdict = Verdict(mutant, "unit", "a_test", 1.5)
    Journal(tmp_path).add(verdict)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text() + '\n{"mutant": {"file": "b')
    again = Journal(tmp_path)
    assert (again.known(mutant), again.known(other)) == (verdict, None)
    again.add(Verdict(other, "survived", "", 2.0))
    assert Journal(tmp_path).known(other) == Verdict(other, "survived", "", 2.0)
