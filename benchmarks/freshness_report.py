"""From freshness.json to the plot and the report: `python -m benchmarks.freshness_report` writes them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks import reporting

MINUTES = 10  # of the run that counts
CASES = {("duckdb", rate, hours) for rate in (200, 1000, 5000) for hours in (1, 24)} | {
    ("spark", 200, hours) for hours in (1, 24)
}
_NAMES = {"duckdb": "DuckDB", "spark": "Spark"}
_KINDS = {"landed": "tab:gray", "mart": "tab:orange"}


def report(case: dict[str, Any]) -> None:
    """Keep a case beside the others, instead of the same one measured before; write the plot and the report."""
    kept = [other for other in reporting.load("freshness") if _key(other) != _key(case)]
    cases = sorted([*kept, case], key=_key)
    reporting.keep("freshness", cases)
    write(cases)


def write(cases: Sequence[dict[str, Any]]) -> None:
    """The plot and the report."""
    reporting.fill("freshness", {"results": _ages(cases), "growth": _growth(cases), "trial": _trial(cases)})
    _plot(cases)


def _key(case: dict[str, Any]) -> tuple[Any, ...]:
    return (case["engine"], case["rate"], case["hours"], case["rows_an_hour"], _late(case))


def _late(case: dict[str, Any]) -> bool:
    """Whether half of the hour had its rows already."""
    return bool(case["began"] >= 30)


def _trial(cases: Sequence[dict[str, Any]]) -> str:
    whole = {(case["engine"], case["rate"], case["hours"]) for case in cases if case["minutes"] >= MINUTES}
    missing = [
        f"{rate} events a second after {hours} h on {_NAMES[engine]}" for engine, rate, hours in sorted(CASES - whole)
    ]
    return f"**Not measured for {MINUTES} minutes yet:** {'; '.join(missing)}." if missing else ""


def _ages(cases: Sequence[dict[str, Any]]) -> str:
    header = ["engine", "day", "minutes", "load", "events/s", "after, h", "of rows/h", "began at minute", "sent/s"]
    header += [f"{kind}, {part}" for kind in _KINDS for part in ("p50", "p95", "max")]
    rows = [
        [_NAMES[case["engine"]], case["day"], f"{case['minutes']:g}", case["load"], case["rate"], case["hours"],
         f"{case['rows_an_hour']:,}", case["began"],
         round(case["rows"] / (case["seconds"] - 60)),
         *(f"{case[kind][part]} s" for kind in _KINDS for part in ("p50", "p95", "max")),
         case["runs"], f"{case['run_seconds']} s", case["questions"]]
        for case in cases
    ]  # fmt: skip
    return reporting.table([*header, "runs", "a run, median", "questions"], rows)


def _growth(cases: Sequence[dict[str, Any]]) -> str:
    """What a longer history costs: a ratio of two measurements that differ in nothing else but the day's noise."""
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for case in sorted(cases, key=lambda case: int(case["hours"])):
        alike.setdefault((case["engine"], case["rate"], case["rows_an_hour"], _late(case), case["minutes"]), []).append(
            case
        )
    lines = []
    for least, *_, most in (some for some in alike.values() if len(some) > 1):
        half, ratio = "second" if _late(least) else "first", most["mart"]["p95"] / least["mart"]["p95"]
        lines.append(
            f"- {_NAMES[least['engine']]}, {least['rate']} events/s, begun in the {half} half of an hour: p95 to the "
            f"mart after {most['hours']} h is {ratio:.2f} times that after {least['hours']} h."
        )
    return "\n".join(lines) or "(one history only)"


def _plot(cases: Sequence[dict[str, Any]]) -> None:
    figure, axes = reporting.plots(1, 1, figsize=(8, 4))
    names = [f"{_NAMES[case['engine']]}\n{case['rate']}/s\n{case['hours']} h" for case in cases]
    for offset, (kind, color) in zip((-0.2, 0.2), _KINDS.items(), strict=True):
        places = [number + offset for number in range(len(cases))]
        axes.bar(places, [case[kind]["p95"] for case in cases], 0.35, color=color, label=f"{kind}, p95")
        axes.plot(places, [case[kind]["p50"] for case in cases], "_", color="black", markersize=14)
    axes.set_xticks(range(len(cases)), names)
    axes.set(yscale="log", ylabel="seconds after the event (line: p50)")
    axes.legend()
    reporting.save("freshness", figure)


if __name__ == "__main__":
    write(reporting.load("freshness"))
