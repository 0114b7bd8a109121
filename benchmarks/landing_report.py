"""From landing.json to the plot and the report: `python -m benchmarks.landing_report` writes them again."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks import reporting

WAYS = {
    "a": "this job, all guarantees",
    "b": "from_json and Spark's Parquet sink, defaults",
    "b2": "the same, this job's Kafka options",
    "c": "Spark writes the offsets only",
    "d": "a confluent-kafka consumer only consumes",
}
AIMS = {"b": 1.2, "b2": 1.0, "c": 0.5}  # a over this way


def report(results: dict[str, Any]) -> None:
    """Keep the results; write the plot and the report."""
    reporting.keep("landing", results)
    rates = results["rates"]
    marks = {
        "events": f"{results['events']:,}",
        "rounds": len(rates["a"]),
        "cores": results["cores"],
        "results": "\n\n".join([_rates(rates), _ratios(rates), _sizes(results["files"])]),
        "profile": _profile(results),
    }
    reporting.fill("landing", marks)
    _plot(rates)


def _rates(rates: dict[str, list[int]]) -> str:
    rows = [
        (way, name, f"{statistics.median(rates[way]):,.0f}", f"{min(rates[way]):,} to {max(rates[way]):,}")
        for way, name in WAYS.items()
    ]
    return reporting.table(["", "way", "events/s, median", "least to most"], rows)


def _ratios(rates: dict[str, list[int]]) -> str:
    rows, missed = [], []
    for way, aim in AIMS.items():
        ratios = [ours / theirs for ours, theirs in zip(rates["a"], rates[way], strict=True)]
        median, spread = statistics.median(ratios), f"{min(ratios):.2f} to {max(ratios):.2f}"
        rows.append((f"a / {way}", f"{median:.2f}", spread, f"≥ {aim}", "reached" if median >= aim else "missed"))
        missed += [f"a / {way}"] if median < aim else []
    told = "Each aim was reached." if not missed else f"Missed: {', '.join(missed)}. What takes the time stands below."
    return reporting.table(["ratio, within a round", "median", "least to most", "aim", ""], rows) + "\n\n" + told


def _sizes(files: dict[str, float]) -> str:
    aim = "the aim of 64 MB is " + ("reached" if files["compacted_median_mb"] >= 64 else "missed")
    if files["compacted_mb"] < 64:
        aim = f"all there is, {files['compacted_mb']} MB, is less than the 64 MB of the aim"
    return (
        f"Compacted: {files['raw_files']} files with a median of {files['raw_median_mb']} MB became "
        f"{files['compacted_files']} with a median of {files['compacted_median_mb']} MB ({aim})."
    )


def _profile(results: dict[str, Any]) -> str:
    """Microseconds of a core for an event of (a), as far as this run can tell them apart."""
    whole, source = (results["cores"] * 1e6 / statistics.median(results["rates"][way]) for way in ("a", "c"))
    python = results["python_us"]
    parts = {
        "Spark's Kafka source, broker and offsets (`c`)": source,
        "decoding and writing in Python, measured alone": python,
        "the rest: rows to Arrow, to Python and back, publishing, waiting": whole - source - python,
        "all of `a`": whole,
    }
    rows = [(part, f"{us:.1f}", f"{us / whole:.0%}") for part, us in parts.items()]
    return reporting.table(["part", "µs", "share"], rows)


def _plot(rates: dict[str, list[int]]) -> None:
    figure, axes = reporting.plots(figsize=(7, 3.5))
    for height, way in enumerate(reversed(WAYS)):
        axes.barh(height, statistics.median(rates[way]), color="tab:orange" if way == "a" else "tab:blue", alpha=0.6)
        axes.plot(rates[way], [height] * len(rates[way]), "k|")
    names = [f"{way}  {name}" for way, name in reversed(WAYS.items())]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set(xlabel="events per second (bar: median; ticks: rounds)")
    reporting.save("landing", figure)


if __name__ == "__main__":
    report(reporting.load("landing"))
