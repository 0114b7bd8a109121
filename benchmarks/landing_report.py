"""From landing.json to the plot and the report: `python -m benchmarks.landing_report` writes them again."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WAYS = {
    "a": "this job, all guarantees",
    "b": "from_json and Spark's Parquet sink, defaults",
    "b2": "the same, this job's Kafka options",
    "c": "Spark writes the offsets only",
    "d": "a confluent-kafka consumer only consumes",
}
AIMS = {"b": 1.2, "b2": 1.0, "c": 0.5}  # a over this way


def report(results: dict[str, Any]) -> None:
    """Write the plot and the report."""
    rates = results["rates"]
    rows = ["| | way | events/s, median | least to most |", "|---|---|---|---|"]
    for way, name in WAYS.items():
        found = rates[way]
        rows.append(f"| {way} | {name} | {statistics.median(found):,.0f} | {min(found):,} to {max(found):,} |")
    rows += ["", "| ratio, within a round | median | least to most | aim |", "|---|---|---|---|"]
    for way, aim in AIMS.items():
        ratios = [ours / theirs for ours, theirs in zip(rates["a"], rates[way], strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        rows.append(f"| a / {way} | {statistics.median(ratios):.2f} | {spread} | ≥ {aim} |")
    files = results["files"]
    rows += ["", f"Compacted: {files['raw_files']} files with a median of {files['raw_median_mb']} MB became "
             f"{files['compacted_files']} with a median of {files['compacted_median_mb']} MB."]  # fmt: skip
    text = (HERE / "landing.in.md").read_text().replace("<!-- results -->", "\n".join(rows))
    text = text.replace("<!-- events -->", f"{results['events']:,}").replace("<!-- rounds -->", str(len(rates["a"])))
    (HERE / "landing.md").write_text(text)
    _plot(rates)


def _plot(rates: dict[str, list[int]]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.5))
    for height, (way, name) in enumerate(reversed(WAYS.items())):
        axes.barh(height, statistics.median(rates[way]), color="tab:orange" if way == "a" else "tab:blue", alpha=0.6)
        axes.plot(rates[way], [height] * len(rates[way]), "k|")
        axes.text(3_000, height, f"{way}  {name}", va="center", fontsize=8)
    axes.set(xlabel="events per second (bar: median; ticks: rounds)", yticks=[])
    figure.tight_layout()
    figure.savefig(HERE / "landing.png", dpi=110)


if __name__ == "__main__":
    report(json.loads((HERE / "landing.json").read_text()))
