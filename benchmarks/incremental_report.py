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
_THREADS = 4  # of dbt, in profiles.yml
NAMES = {"duckdb": "DuckDB", "spark": "Spark"}
COLORS = {"duckdb": "tab:blue", "spark": "tab:orange"}


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
    return sorted(rows, key=lambda row: (row[1] - row[2], row[0]))[:GROWERS]


def report(engine: str, measured: dict[str, Any]) -> None:
    """Keep the figures of an engine beside those of the others; write the plot and the report."""
    figures = {**reporting.load("incremental"), engine: measured}
    reporting.keep("incremental", figures)
    write(figures)


def write(figures: dict[str, Any]) -> None:
    """The plot and the report, of {engine: its figures}."""
    one = next(iter(figures.values()))
    marks: dict[str, object] = {name: one[name] for name in ("hours", "vehicles")}
    marks |= {"rows": f"{one['sizes'][0]['rows'] // one['sizes'][0]['repeats']:,}"}
    marks["results"] = "\n\n".join(_section(engine, figures[engine]) for engine in NAMES if engine in figures)
    marks["overtaken"] = "\n".join(_overtaken(engine, figures[engine]) for engine in NAMES if engine in figures)
    marks["statements"] = _statements(figures["spark"]["sizes"][-1])
    marks["growing bytes"] = _growing(figures["spark"]["sizes"], "node_bytes", "MB", 1e6)
    marks["growing seconds"] = "\n\n".join(
        f"{name}:\n\n{_growing(figures[engine]['sizes'], 'node_seconds', 's', 1)}"
        for engine, name in NAMES.items()
        if engine in figures
    )
    reporting.fill("incremental", marks)
    _plot(figures)


def _section(engine: str, figures: dict[str, Any]) -> str:
    sizes = figures["sizes"]
    loads, repeats = [size["load"] for size in sizes], [size["repeats"] for size in sizes]
    text = (
        f"### {NAMES[engine]}\n\nMeasured on {figures['day']}; {len(sizes[0]['minutes'])} new minutes; "
        f"the machine's load was {min(loads)} to {max(loads)}.{figures.get('note', '')}"
    )
    if repeats != list(SIZES):
        text += f" **This is a trial** of {repeats}, not the run of {list(SIZES)} that counts."
    nodes = max((minute["node_seconds"] for minute in sizes[-1]["minutes"]), key=len)
    text += (
        f" Of a refresh after the longest history, {len(nodes)} nodes took {sum(nodes.values()) / _THREADS:.1f} s on "
        f"{_THREADS} threads; the rest is dbt's start, its parsing, its hooks and the question for freshness."
    )
    return f"{text}\n\n{_costs(sizes)}"


def _costs(sizes: Sequence[dict[str, Any]]) -> str:
    header = ["history", "rows", "incremental, s", "nothing new, s", "full rebuild, s"]
    read = {"bytes": "MB read", "rows": "rows read"} if "bytes" in sizes[0]["minutes"][0] else {}
    rows = [
        [f"{size['repeats']}{TIMES}", f"{size['rows']:,}", f"{median(size, 'seconds'):.1f}",
         f"{statistics.median(size['idle']):.1f}", f"{size['full_s']:.0f}",
         *(f"{median(size, measure) / (1e6 if measure == 'bytes' else 1):,.0f}" for measure in read)]
        for size in sizes
    ]  # fmt: skip
    text = reporting.table([*header, *read.values()], rows)
    ratios = ", ".join(
        f"{name} {median(sizes[-1], measure) / median(sizes[0], measure):.2f}"
        for measure, name in {"seconds": "time", "bytes": "bytes", "rows": "rows"}.items()
        if measure == "seconds" or measure in read
    )
    if len(sizes) == 1:
        return text
    over = f"{sizes[-1]['repeats']}{TIMES} over {sizes[0]['repeats']}{TIMES}"
    return f"{text}\n\n{over}: {ratios} (aim for the time: ≤ {AIM_RATIO})."


def _overtaken(engine: str, figures: dict[str, Any]) -> str:
    sizes, name = figures["sizes"], NAMES[engine]
    if len(sizes) == 1:
        return f"- {name}: one history only."
    rows = [size["rows"] for size in sizes]
    at = overtaken(rows, [size["full_s"] for size in sizes], [median(size, "seconds") for size in sizes])
    if at is None:
        return f"- {name}: not overtaken, and no sign that it will be."
    hours = at / sizes[0]["rows"] * sizes[0]["repeats"] * figures["hours"]
    where = "at the least history that was measured" if at == sizes[0]["rows"] else f"at {at:,.0f} rows"
    beyond = " (beyond what was measured, by its last slope)" if at > sizes[-1]["rows"] else ""
    return f"- {name}: overtaken {where}, {hours:,.0f} hours of this city{beyond}."


def _statements(size: dict[str, Any]) -> str:
    """What dbt's threads waited for, by kind of statement: medians over the new minutes."""
    minutes = [minute.get("statements", {}) for minute in size["minutes"]]
    if not any(minutes):
        return "(not measured yet)"
    waited = []
    for kind in {kind for minute in minutes for kind in minute}:
        of_kind = [minute.get(kind, (0, 0.0)) for minute in minutes]
        waited.append((kind, statistics.median(n for n, _ in of_kind), statistics.median(s for _, s in of_kind)))
    waited.sort(key=lambda row: -row[2])
    waited.append(("all", sum(row[1] for row in waited), sum(row[2] for row in waited)))
    rows = [(kind, f"{count:.0f}", f"{took:.1f}", f"{took / waited[-1][2]:.0%}") for kind, count, took in waited]
    return reporting.table(["statement", "number", "s", "of all"], rows)


def _growing(sizes: Sequence[dict[str, Any]], measure: str, unit: str, of: float) -> str:
    if len(sizes) == 1:
        return "(one history only)"
    ends = [f"{size['repeats']}{TIMES}, {unit}" for size in (sizes[0], sizes[-1])]
    rows = [(f"`{node}`", f"{a / of:.2f}", f"{b / of:.2f}") for node, a, b in growers(sizes, measure) if b > a]
    return reporting.table(["node", *ends], rows)


def _plot(figures: dict[str, Any]) -> None:
    figure, axes = reporting.plots(1, 1, figsize=(8, 4.5))
    for engine, color in COLORS.items():
        if engine not in figures:
            continue
        sizes = figures[engine]["sizes"]
        rows = [size["rows"] for size in sizes]
        lines = {
            "incremental": ("o-", [median(size, "seconds") for size in sizes]),
            "nothing new": ("o:", [statistics.median(size["idle"]) for size in sizes]),
            "full rebuild": ("o--", [size["full_s"] for size in sizes]),
        }
        for label, (style, values) in lines.items():
            axes.plot(rows, values, style, color=color, label=f"{NAMES[engine]}, {label}")
    axes.set(xscale="log", yscale="log", xlabel="rows of history", ylabel="seconds")
    axes.legend(fontsize=8)
    reporting.save("incremental", figure)


if __name__ == "__main__":
    write(reporting.load("incremental"))
