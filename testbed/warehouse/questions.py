"""The questions of docs/questions.md, with their queries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from contract.place import ROOT

_NOTHING_IS_GOOD = "No row is good news."


@dataclass(frozen=True)
class Question:
    """A heading of the page, the query below it, and whether its answer may have no row."""

    title: str
    sql: str
    may_be_empty: bool


def questions() -> list[Question]:
    """All questions in the order of the page. ValueError for a question without exactly one query."""
    page = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    found = []
    for section in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        title = section.splitlines()[0]
        queries = re.findall(r"^```sql\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
        if len(queries) != 1:
            raise ValueError(f"Give the question {title!r} of docs/questions.md one query; it has {len(queries)}.")
        found.append(Question(title, queries[0].strip(), _NOTHING_IS_GOOD in section))
    return found
