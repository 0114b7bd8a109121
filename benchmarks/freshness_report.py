"""From freshness.json to the plot and the report: `python -m benchmarks.freshness_report` writes them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks import reporting

RATES, HISTORIES, MINUTES = (200, 1000, 5000), (1, 24), 10  # of the run that counts
_KINDS = {"landed": "tab:gray", "mart": "tab:orange"}


def report(figures: dict[str, Any]) -> None:
    """Keep the figures; write the plot and the report."""
    reporting.keep("freshness", figures)
    cases = figures["cases"]
    marks = {"minutes": figures["minutes"], "results": _ages(cases), "growth": _growth(cases)}
    reporting.fill("freshness", marks | {"trial": _trial(figures)})
    _plot(cases)


def _trial(figures: dict[str, Any]) -> str:
    loads = [case["load"] for case in figures["cases"]]
    text = f"The machine's load at the ends was {min(loads)} to {max(loads)}."
    measured = {(case["rate"], case["hours"]) for case in figures["cases"]}
    if measured == {(rate, hours) for rate in RATES for hours in HISTORIES} and figures["minutes"] == MINUTES:
        return text
    rates, hours = (", ".join(map(str, some)) for some in (RATES, HISTORIES))
    whole = f"{rates} events a second after {hours} h, for {MINUTES} minutes"
    return f"**This is not the whole run**, which is of {whole}. {text}"


def _ages(cases: Sequence[dict[str, Any]]) -> str:
    header = ["events/s", "after, h", "of rows/h", "began at minute", "sent/s"]
    header += [f"{kind}, {part}" for kind in _KINDS for part in ("p50", "p95", "max")]
    rows = [
        [case["rate"], case["hours"], f"{case['rows_an_hour']:,}", case["began"],
         round(case["rows"] / (case["seconds"] - 60)),
         *(f"{case[kind][part]} s" for kind in _KINDS for part in ("p50", "p95", "max")),
         case["runs"], f"{case['run_seconds']} s", case["questions"]]
        for case in cases
    ]  # fmt: skip
    return reporting.table([*header, "runs", "a run, median", "questions"], rows)


def _growth(cases: Sequence[dict[str, Any]]) -> str:
    """What a longer history costs, as a ratio of two measurements of one run."""
    lines = []
    for rate in sorted({case["rate"] for case in cases}):
        ours = sorted((case for case in cases if case["rate"] == rate), key=lambda case: case["hours"])
        ours = [case for case in ours if case["rows_an_hour"] == ours[0]["rows_an_hour"]]
        if len(ours) > 1:
            ratio = ours[-1]["mart"]["p95"] / ours[0]["mart"]["p95"]
            lines.append(
                f"- {rate} events/s: p95 to the mart after {ours[-1]['hours']} h is {ratio:.2f} times "
                f"that after {ours[0]['hours']} h."
            )
    return "\n".join(lines) or "(one history only)"


def _plot(cases: Sequence[dict[str, Any]]) -> None:
    figure, axes = reporting.plots(1, 1, figsize=(8, 4))
    names = [f"{case['rate']}/s\n{case['hours']} h" for case in cases]
    for offset, (kind, color) in zip((-0.2, 0.2), _KINDS.items(), strict=True):
        places = [number + offset for number in range(len(cases))]
        axes.bar(places, [case[kind]["p95"] for case in cases], 0.35, color=color, label=f"{kind}, p95")
        axes.plot(places, [case[kind]["p50"] for case in cases], "_", color="black", markersize=14)
    axes.set_xticks(range(len(cases)), names)
    axes.set(ylabel="seconds after the event (line: p50)")
    axes.legend()
    reporting.save("freshness", figure)


if __name__ == "__main__":
    report(reporting.load("freshness"))
