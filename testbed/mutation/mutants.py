"""Makes mutants: a model or macro with one operator or constant changed, found in the SQL and not picked by hand."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Row rules, first tables, the hour as unit of truth, marts, exact arithmetic. What else these call is mutated where
# they call it; views of one condition (clean, quarantine) would be too easy.
TARGETS = (
    "models/intermediate/checked",
    "models/intermediate/hours",
    "models/intermediate/landing",
    "models/marts",
    "macros/rules",
    "macros/scores",
    "macros/hours",
    "macros/raw/common/receive.sql",
    "macros/sql/milli.sql",
    "macros/sql/millimetres_between.sql",
    "macros/sql/minutes_between.sql",
    "macros/sql/moment.sql",
    "macros/sql/offsets.sql",
    "macros/sql/round_half_up.sql",
    "macros/sql/rounded_percentile.sql",
    "macros/sql/rounded_ratio.sql",
)

_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*|/\*.*?\*/", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_FIXED = re.compile(r"'[^']*'|\b(?:varchar|decimal|numeric)\s*\([^)]*\)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_SIGN = re.compile(r"(?<=[\w)'\"] )[+-](?= [\w({'\"])")
_VAR = re.compile(r"\bvar\('(\w+)'\)")
_REACH = re.compile(r"\b(?:reopened_hours|input|in_hours|hours_of)\(")
# Never run on the stand-in: the tests on Spark hold it.
_SPARK = re.compile(r"\{%-? macro (?:dbt_)?spark_.*?endmacro -?%\}", re.DOTALL)
_SQL = {
    r"(?<= )<=(?= )": "<",
    r"(?<= )<(?= )": "<=",
    r"(?<= )>=(?= )": ">",
    r"(?<= )>(?= )": ">=",
    r"(?<= )=(?= )": "<>",
    r"(?<= )<>(?= )": "=",
    r"\band\b": "or",
    r"\bor\b": "and",
    r"\bmin\(": "max(",
    r"\bmax\(": "min(",
    r"\bsum\(": "count(",
    r"\bcount\(\*\)": "max(1)",
    r"\bcount\(distinct ": "count(",
    r"\bcount\((?!\*|distinct)": "sum(",
    r"\binner join\b": "left join",
    r"\bleft join\b": "inner join",
    r"\bunbounded preceding\b": "1 preceding",
    r"\bcurrent row\b": "1 preceding",
    r"\bis null\b": "is not null",
    r"\bis not null\b": "is null",
    r" desc\b": "",
    r"\bunion all\b": "union",
}


@dataclass(frozen=True)
class Mutant:
    """One change in one file of the dbt project: the characters from `start` to `end` become `new`."""

    file: str
    start: int
    end: int
    new: str

    def apply(self, text: str) -> str:
        """The file's text with the change."""
        return text[: self.start] + self.new + text[self.end :]

    def lines(self, text: str) -> tuple[int, str, str]:
        """The number of the line that changes, and the line before and after."""
        first = text.rfind("\n", 0, self.start) + 1
        last = text.find("\n", self.end) % (len(text) + 1)
        after = text[first : self.start] + self.new + text[self.end : last]
        return text.count("\n", 0, self.start) + 1, text[first:last].strip(), after.strip()


def all_mutants(file: str, text: str) -> list[Mutant]:
    """Every mutant of a file, in the order of its text."""
    found = {Mutant(file, start, end, new) for start, end, new in _changes(text)}
    return sorted(found, key=lambda mutant: (mutant.start, mutant.new))


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    uncommented = _masked(_masked(text, _COMMENT), _SPARK)
    sql = _masked(_masked(uncommented, _JINJA), _FIXED)
    for pattern, new in _SQL.items():
        yield from ((found.start(), found.end(), new) for found in re.finditer(pattern, sql))
    yield from ((found.start(), found.end(), _other(found[0])) for found in _NUMBER.finditer(sql))
    yield from ((found.start(), found.end(), "-+"[found[0] == "-"]) for found in _SIGN.finditer(sql))
    for block in _JINJA.finditer(uncommented):
        changes = _shorter_reaches if _REACH.search(block[0]) else _jinja_changes
        for start, end, new in changes(block[0]):
            yield block.start() + start, block.start() + end, new


def _jinja_changes(block: str) -> Iterator[tuple[int, int, str]]:
    yield from ((found.start(), found.end(), "-+"[found[0] == "-"]) for found in _SIGN.finditer(block))
    yield from ((found.start(), found.end(), _other(found[0])) for found in _NUMBER.finditer(block))
    for found in _VAR.finditer(block):
        more = "+ 1" if found[1].endswith(("_hours", "_days")) else "* 1.25"  # hours are counted
        yield found.start(), found.end(), f"({found[0]} {more})"


def _shorter_reaches(block: str) -> Iterator[tuple[int, int, str]]:
    """A longer reach only repeats work; a shorter one is wrong."""
    for found in _NUMBER.finditer(block):
        step = 1 if block[: found.start()].endswith("- ") else -1
        if int(found[0]) + step >= 0:
            yield found.start(), found.end(), str(int(found[0]) + step)
    yield from ((found.start(), found.end(), f"({found[0]} // 2)") for found in _VAR.finditer(block))


def _masked(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda found: "\0" * len(found[0]), text)


def _other(number: str) -> str:
    return str(float(number) + 0.5) if "." in number else str(int(number) + 1)


def sampled(project: Path, seed: int, without: frozenset[Mutant] = frozenset()) -> Iterator[Mutant]:
    """All mutants of TARGETS in a seeded order that is spread evenly: one of each file, then a second of each."""
    draw = random.Random(seed)
    queues = []
    for target in TARGETS:
        if not (project / target).exists():
            raise ValueError(f"{target} is not in the project: put the folder's new name into TARGETS.")
        for path in [project / target] if target.endswith(".sql") else sorted((project / target).rglob("*.sql")):
            queue = [m for m in all_mutants(str(path.relative_to(project)), path.read_text()) if m not in without]
            draw.shuffle(queue)
            queues.append(queue)
    draw.shuffle(queues)
    while any(queues):
        yield from [queue.pop() for queue in queues if queue]
