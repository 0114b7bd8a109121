"""The report of an attack: docs/attack.md for readers, attack.json for who wants the figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from testbed.attack.kinds import INPUTS, KINDS

_WORDS = Path(__file__).with_name("report.in.md")


def write(outcomes: Sequence[dict[str, Any]], builds: Sequence[dict[str, Any]], folder: Path) -> None:
    """Write attack.md and attack.json: `outcomes` of cases, `builds` of all inputs on an engine."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"builds": list(builds), "cases": list(outcomes)}
    (folder / "attack.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    text = _WORDS.read_text(encoding="utf-8") + "".join(_tables(outcomes, builds))
    (folder / "attack.md").write_text(text, encoding="utf-8")


def _tables(outcomes: Sequence[dict[str, Any]], builds: Sequence[dict[str, Any]]) -> list[str]:
    inputs = [outcome for outcome in outcomes if outcome["kind"] in INPUTS]
    sequences = [outcome for outcome in outcomes if outcome["kind"] not in INPUTS]
    failed = [outcome for outcome in outcomes if outcome["failures"]]
    facts = {
        "cases": len(outcomes),
        "kinds": len({outcome["kind"] for outcome in outcomes}),
        "cases of hostile inputs": len(inputs),
        "records, each decoded alone, among others, and landed": sum(outcome["records"] for outcome in inputs),
        "cases of interleavings": len(sequences),
        "steps, with all checks after each": sum(len(outcome["steps"]) for outcome in sequences),
        **{f"rows compared with the oracle on {build['engine']}": build["rows"] for build in builds},
        "**cases with a failure**": len(failed),
        "**tables with a failure**": sum(len(build["failures"]) for build in builds),
    }
    lines = ["## This attack\n\n| | |\n|---|--:|\n"]
    lines += [f"| {name} | {value:,} |\n" for name, value in facts.items()]
    if outcomes:
        lines.append(f"\nSeeds {outcomes[0]['seed']} to {outcomes[-1]['seed']}.\n")
    if not builds:
        lines.append("\nNo engine built the inputs in this run (`--engine none`): the oracle alone judged the rows.\n")
    for build in builds:
        lines.append(
            f"\nOn {build['engine']} all inputs were built in pieces; each row was judged as its author says, each "
            f"table was the oracle's, and that of a full refresh, but for {len(build['failures'])} tables.\n"
        )
    cases, steps = Counter(outcome["kind"] for outcome in outcomes), Counter[str]()
    wrong = Counter(outcome["kind"] for outcome in failed)
    for title, of_inputs in (("Hostile inputs", True), ("Interleavings", False)):
        unit = "records" if of_inputs else "steps"
        lines.append(f"\n## {title}\n\n| kind | cases | {unit} | failed |\n|---|--:|--:|--:|\n")
        for kind in KINDS:
            if (kind in INPUTS) == of_inputs and cases[kind]:
                size = sum(
                    outcome["records"] + len(outcome["steps"]) for outcome in outcomes if outcome["kind"] == kind
                )
                lines.append(f"| {kind} | {cases[kind]} | {size} | {wrong[kind]} |\n")
    for outcome in sequences:
        steps.update(outcome["steps"])
    lines.append("\n## Steps\n\n| step | times |\n|---|--:|\n")
    lines += [f"| `{name}` | {count} |\n" for name, count in steps.most_common() if name != "the end"]
    return lines + _failures(failed, builds)


def _failures(failed: Sequence[dict[str, Any]], builds: Sequence[dict[str, Any]]) -> list[str]:
    found = [
        (f"Seed {outcome['seed']}, {outcome['kind']}", text) for outcome in failed for text in outcome["failures"][:3]
    ]
    found += [(f"On {build['engine']}", text) for build in builds for text in build["failures"]]
    lines = ["\n## Failures\n"] if found else []
    return lines + [f"\n{who}:\n\n```text\n{text}\n```\n" for who, text in found]
