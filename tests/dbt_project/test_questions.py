"""docs/questions.md: queries that read marts only, in words that both engines know, and every mart is asked."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from testbed.warehouse.manifest import Manifest
from testbed.warehouse.questions import Question, questions

QUESTIONS = questions()


def _tables(sql: str, dialect: str) -> set[str]:
    tree = sqlglot.parse_one(sql, read=dialect)
    return {table.name for table in tree.find_all(exp.Table)} - {cte.alias for cte in tree.find_all(exp.CTE)}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.title)
def test_a_question_is_asked_of_marts_in_both_dialects(question: Question, manifest: Manifest) -> None:
    marts = {mart["name"] for mart in manifest.marts}
    for dialect in ("spark", "redshift"):
        assert question.title.endswith("?")
        assert _tables(question.sql, dialect) <= marts
        assert _tables(question.sql, dialect)


def test_each_mart_is_asked_something(manifest: Manifest) -> None:
    asked = {table for question in QUESTIONS for table in _tables(question.sql, "spark")}
    assert {mart["name"] for mart in manifest.marts} == asked
