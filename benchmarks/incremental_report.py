"""From incremental.json to the plot and the report: `python -m benchmarks.incremental_report` writes them again."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks import reporting

AIM_RATIO = 1.2
SIZES = (1, 10, 50)  # of the run that counts
TIMES = "\u00a0\u00d7"  # a space and the sign of multiplication
GROWERS = 12  # nodes in the table of what grows
ENGINES = {"spark_full_s": "dbt-spark", "duckdb_full_s": "dbt-duckdb"}


def overtaken(sizes: Sequence[float], full: Sequence[float], incremental: Sequence[float]) -> float | None:
    """The history from which a full rebuild takes longer than the incremental run, both over ascending sizes.

    Straight lines between what was measured, the last one goes on; the least size if it is so there already; None if
    the lines never meet.
    """
    over = [one - other for one, other in zip(full, incremental, strict=True)]
    if over[0] > 0:
        return sizes[0]
    for number in range(1, len(sizes)):
        is_last = number == len(sizes) - 1
        slope = (over[number] - over[number - 1]) / (sizes[number] - sizes[number - 1])
        if over[number] > 0 or (is_last and slope > 0):
            return sizes[number - 1] - over[number - 1] / slope
    return None


def median(size: dict[str, Any], measure: str) -> float:
    """The median of a measure over the new minutes of a size."""
    return statistics.median(minute[measure] for minute in size["minutes"])


def growers(sizes: Sequence[dict[str, Any]], measure: str) -> list[tuple[str, float, float]]:
    """The nodes of which a measure grows most from the first size to the last: (node, first, last)."""
    ends = []
    for size in (sizes[0], sizes[-1]):
        nodes = {node for minute in size["minutes"] for node in minute[measure]}
        ends.append({node: statistics.median(m[measure].get(node, 0) for m in size["minutes"]) for node in nodes})
    rows = [(node, ends[0].get(node, 0), last) for node, last in ends[1].items()]
    return sorted(rows, key=lambda row: row[1] - row[2])[:GROWERS]


def report(figures: dict[str, Any]) -> None:
    """Keep the figures; write the plot and the report."""
    reporting.keep("incremental", figures)
    sizes = figures["sizes"]
    marks = {name: figures[name] for name in ("hours", "vehicles")}
    marks |= {"rows": f"{sizes[0]['rows'] // sizes[0]['repeats']:,}", "minutes": len(sizes[0]["minutes"])}
    marks |= {"results": _costs(sizes), "growing bytes": _growing(sizes, "node_bytes", "MB", 1e6)}
    marks |= {"growing seconds": _growing(sizes, "node_seconds", "s", 1), "overtaken": _overtaken(figures)}
    marks["trial"] = _trial([size["repeats"] for size in sizes], [size["load"] for size in sizes])
    reporting.fill("incremental", marks)
    _plot(sizes)


def _trial(repeats: list[int], loads: list[float]) -> str:
    """What the reader must know of the run first: was it the whole one, and was the machine its own?"""
    text = f"The machine's load was {min(loads)} to {max(loads)}."
    if repeats == list(SIZES):
        return text
    return f"**This is a trial** of {repeats}, not the run of {list(SIZES)} that counts. {text}"


def _costs(sizes: Sequence[dict[str, Any]]) -> str:
    header = ["history", "rows", "incremental, s", "MB read", "rows read", "nothing new, s"]
    engines = [engine for engine in ENGINES if engine in sizes[0]]
    rows = []
    for size in sizes:
        read = f"{median(size, 'bytes') / 1e6:,.1f}"
        row = [f"{size['repeats']}{TIMES}", f"{size['rows']:,}", f"{median(size, 'seconds'):.1f}", read]
        row += [f"{median(size, 'rows'):,.0f}", f"{statistics.median(size['idle']):.1f}"]
        rows.append(row + [f"{size[engine]:.0f}" for engine in engines])
    text = reporting.table([*header, *(f"full rebuild, {ENGINES[engine]}, s" for engine in engines)], rows)
    ratios = ", ".join(
        f"{name} {median(sizes[-1], measure) / median(sizes[0], measure):.2f}"
        for measure, name in {"seconds": "time", "bytes": "bytes", "rows": "rows"}.items()
    )
    if len(sizes) == 1:
        return text
    over = f"{sizes[-1]['repeats']}{TIMES} over {sizes[0]['repeats']}{TIMES}"
    return f"{text}\n\n{over}: {ratios} (aim for the time: ≤ {AIM_RATIO})."


def _overtaken(figures: dict[str, Any]) -> str:
    sizes, lines = figures["sizes"], []
    for engine, name in ENGINES.items():
        if engine not in sizes[0]:
            continue
        at = overtaken(
            [size["rows"] for size in sizes], [size[engine] for size in sizes], [median(s, "seconds") for s in sizes]
        )
        if len(sizes) == 1:
            lines.append(f"- {name}: one history only.")
            continue
        if at is None:
            lines.append(f"- {name}: not overtaken, and no sign that it will be.")
            continue
        hours = at / sizes[0]["rows"] * sizes[0]["repeats"] * figures["hours"]
        where = "at the least history that was measured" if at == sizes[0]["rows"] else f"at {at:,.0f} rows"
        beyond = " (beyond what was measured, by its last slope)" if at > sizes[-1]["rows"] else ""
        lines.append(f"- {name}: overtaken {where}, {hours:,.0f} hours of this city{beyond}.")
    return "\n".join(lines)


def _growing(sizes: Sequence[dict[str, Any]], measure: str, unit: str, of: float) -> str:
    if len(sizes) == 1:
        return "(one history only)"
    ends = [f"{size['repeats']}{TIMES}, {unit}" for size in (sizes[0], sizes[-1])]
    rows = [(f"`{node}`", f"{a / of:.2f}", f"{b / of:.2f}") for node, a, b in growers(sizes, measure) if b > a]
    return reporting.table(["node", *ends], rows)


def _plot(sizes: Sequence[dict[str, Any]]) -> None:
    figure, (left, right) = reporting.plots(1, 2, figsize=(10, 4))
    rows = [size["rows"] for size in sizes]
    left.plot(rows, [median(size, "seconds") for size in sizes], "o-", color="tab:orange", label="incremental")
    for size in sizes:
        seconds = [minute["seconds"] for minute in size["minutes"]]
        left.plot([size["rows"]] * len(seconds), seconds, "_", color="black")
    left.plot(rows, [statistics.median(size["idle"]) for size in sizes], "o-", color="tab:gray", label="nothing new")
    for engine, color in zip(ENGINES, ("tab:red", "tab:blue"), strict=True):
        if engine in sizes[0]:
            left.plot(rows, [size[engine] for size in sizes], "o-", color=color, label=f"full, {ENGINES[engine]}")
    right.plot(rows, [median(size, "bytes") / 1e6 for size in sizes], "o-", color="tab:orange")
    left.set(xscale="log", yscale="log", xlabel="rows of history", ylabel="seconds")
    right.set(xscale="log", ylim=(0, None), xlabel="rows of history", ylabel="MB read by an incremental run")
    left.legend()
    reporting.save("incremental", figure)


if __name__ == "__main__":
    report(reporting.load("incremental"))
