"""The report of races: docs/races.md for readers, races.json for who wants the figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from testbed.races.race import Race

_WORDS = Path(__file__).with_name("report.in.md")


def write(races: Sequence[Race], folder: Path) -> None:
    """Write races.md and races.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "races.json").write_text(json.dumps([vars(race) for race in races], indent=1) + "\n", encoding="utf-8")
    (folder / "races.md").write_text(_WORDS.read_text(encoding="utf-8") + "".join(_tables(races)), encoding="utf-8")


def _tables(races: Sequence[Race]) -> list[str]:
    stores = list(dict.fromkeys(race.store for race in races))
    totals = {store: Counter[str]() for store in stores}
    for race in races:
        totals[race.store].update(race.seen)
        totals[race.store].update({"races": 1, "records": race.rows, "looks of the reader": race.looks})
        totals[race.store].update({"**faults**": len(race.faults)})
    first = ["races", "records", "batches", "looks of the reader", "**faults**"]
    kinds = [*first, *sorted({kind for total in totals.values() for kind in total} - {*first})]
    lines = [f"| | {' | '.join(stores)} |\n|---|{'--:|' * len(stores)}\n"]
    lines += [f"| {kind} | {' | '.join(f'{totals[store][kind]:,}' for store in stores)} |\n" for kind in kinds]
    if failed := [race for race in races if race.faults]:
        lines.append("\n## Faults\n")
        lines += [f"\n- {race.store}, seed {race.seed}: {fault}\n" for race in failed for fault in race.faults]
    return lines
