"""The report of a property run: docs/exactness.md for readers, exactness.json for who wants the figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_WORDS = Path(__file__).with_name("report.in.md")


def write(outcomes: Sequence[dict[str, Any]], folder: Path, runs: int, events: int) -> None:
    """Write exactness.md and exactness.json."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(outcomes, key=lambda outcome: (outcome["engine"], outcome["seed"]))
    (folder / "exactness.json").write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    (folder / "exactness.md").write_text(
        _WORDS.read_text(encoding="utf-8") + "".join(_tables(ordered, runs, events)), encoding="utf-8"
    )


def _tables(outcomes: Sequence[dict[str, Any]], runs: int, events: int) -> list[str]:
    failed = [outcome for outcome in outcomes if outcome["failures"]]
    kinds = Counter(run.partition(":")[0] for outcome in outcomes for run in outcome["runs"])
    rows: Counter[str] = Counter()
    for outcome in outcomes:
        rows.update(outcome["rows"])
    lines = ["| | |\n|---|--:|\n"]
    facts = {
        "schedules": len(outcomes),
        **{
            f"of them on {engine}, {day}": count
            for (engine, day), count in Counter((o["engine"], o["day"]) for o in outcomes).items()
        },
        "runs drawn for each": runs,
        "events at most for each": events,
        "events": sum(outcome["events"] for outcome in outcomes),
        "pieces": sum(outcome["pieces"] for outcome in outcomes),
        "runs of dbt": sum(kinds.values()),
        "rows compared, in three ways": sum(rows.values()),
        "**schedules with a failure**": len(failed),
        "minutes": round(sum(outcome["seconds"] for outcome in outcomes) / 60),
    }
    lines += [f"| {name} | {value:,} |\n" for name, value in facts.items()]
    lines += ["\n## Runs by kind\n\nWith the whole runs and the ranges in between.\n\n| kind | runs |\n|---|--:|\n"]
    lines += [f"| `{kind}` | {count} |\n" for kind, count in kinds.most_common()]
    lines += ["\n## Rows by model\n\n| model | rows compared |\n|---|--:|\n"]
    lines += [f"| `{name}` | {count:,} |\n" for name, count in sorted(rows.items())]
    lines += ["\n## Schedules\n\n| seed | engine | events | pieces | runs | seconds | failures |\n"]
    lines += ["|--:|---|--:|--:|---|--:|--:|\n"]
    for outcome in outcomes:
        went = ", ".join(run.partition(":")[0] for run in outcome["runs"])
        shown = (outcome["seed"], outcome["engine"], f"{outcome['events']:,}", outcome["pieces"], went)
        lines.append(f"| {' | '.join(map(str, shown))} | {outcome['seconds']:.0f} | {len(outcome['failures'])} |\n")
    if failed:
        lines += ["\n## Failures\n"]
        lines += [
            f"\nSeed {o['seed']} on {o['engine']}:\n\n```text\n{text}\n```\n" for o in failed for text in o["failures"]
        ]
    return lines
