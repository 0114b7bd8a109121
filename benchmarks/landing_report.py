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
    found = [
        (way, name, f"{statistics.median(rates[way]):,.0f}", f"{min(rates[way]):,} to {max(rates[way]):,}")
        for way, name in WAYS.items()
    ]
    ratios = []
    for way, aim in AIMS.items():
        each = [ours / theirs for ours, theirs in zip(rates["a"], rates[way], strict=True)]
        spread = f"{min(each):.2f} to {max(each):.2f}"
        ratios.append((f"a / {way}", f"{statistics.median(each):.2f}", spread, f"≥ {aim}"))
    files = results["files"]
    text = reporting.table(["", "way", "events/s, median", "least to most"], found)
    text += "\n\n" + reporting.table(["ratio, within a round", "median", "least to most", "aim"], ratios)
    text += (
        f"\n\nCompacted: {files['raw_files']} files with a median of {files['raw_median_mb']} MB became "
        f"{files['compacted_files']} with a median of {files['compacted_median_mb']} MB."
    )
    marks = {"results": text, "events": f"{results['events']:,}", "rounds": len(rates["a"])}
    reporting.fill("landing", marks)
    _plot(rates)


def _plot(rates: dict[str, list[int]]) -> None:
    figure, axes = reporting.plots(figsize=(7, 3.5))
    for height, (way, name) in enumerate(reversed(WAYS.items())):
        axes.barh(height, statistics.median(rates[way]), color="tab:orange" if way == "a" else "tab:blue", alpha=0.6)
        axes.plot(rates[way], [height] * len(rates[way]), "k|")
        axes.text(3_000, height, f"{way}  {name}", va="center", fontsize=8)
    axes.set(xlabel="events per second (bar: median; ticks: rounds)", yticks=[])
    reporting.save("landing", figure)


if __name__ == "__main__":
    report(reporting.load("landing"))
