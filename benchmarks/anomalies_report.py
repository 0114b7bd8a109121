"""From anomalies.json to the plot and the report: `python -m benchmarks.anomalies_report` writes them again."""

from __future__ import annotations

from typing import Any

from benchmarks import reporting

WAYS = {
    "junction": "Junction",
    "elementary": "Elementary, 14 days",
    "elementary_14": "Elementary, 14 buckets",
    "re_data": "re_data z_score, 30 days",
    "re_data_30": "re_data z_score, 30 buckets",
    "re_data_modified": "re_data modified_z_score, 30 days",
    "three_sigma": "3 sigma over the whole series",
}
KINDS = {"is_speed_drop": "speed_drop", "is_unexpected_congestion": "unexpected_congestion"}


def report(results: dict[str, Any]) -> None:
    """Keep the results; write their plot and the report."""
    reporting.keep("anomalies", results)
    marks = {"seeds": results["seeds"]}
    for sort, city in results["cities"].items():
        marks |= {sort: _tables(results, sort), f"{sort} minutes": f"{city['sensor_minutes']:,}"}
    reporting.fill("anomalies", marks)
    _plot(results)


def _tables(results: dict[str, Any], sort: str) -> str:
    found, lines = results["cities"][sort]["found"], []
    for kind, name in KINDS.items():
        episodes = found[f"junction {kind}"]["episodes"]
        lines += [f"`{name}`, {episodes:,} episodes:", ""]
        lines += ["| way | minutes flagged | precision (worst city) | recall (worst city) | of the episodes' minutes |"
                  " delay: median, p90, largest |", "|---|---|---|---|---|---|"]  # fmt: skip
        for way, label in WAYS.items():
            row = found[f"{way} {kind}"]
            delay = f"{row['delay_median']:g}, {row['delay_p90']}, {row['delay_largest']}" if row["recall"] else "never"
            lines.append(
                f"| {label} | {row['flagged']:,} | {row['precision']:.3f} ({row['precision_least']:.3f})"
                f" | {row['recall']:.3f} ({row['recall_least']:.3f}) | {row['minutes_flagged']:.2f} | {delay} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip()


def _plot(results: dict[str, Any]) -> None:
    sorts = list(results["cities"])
    figure, grid = reporting.plots(len(sorts), len(KINDS), figsize=(10, 3.4 * len(sorts)), sharex=True, sharey=True)
    for axes_row, sort in zip(grid, sorts, strict=True):
        for axes, (kind, name) in zip(axes_row, KINDS.items(), strict=True):
            rows = [results["cities"][sort]["found"][f"{way} {kind}"] for way in WAYS]
            heights = list(range(len(rows), 0, -1))
            for measure, shift, color in (("precision", 0.2, "tab:blue"), ("recall", -0.2, "tab:orange")):
                places = [height + shift for height in heights]
                axes.barh(places, [row[measure] for row in rows], height=0.38, color=color, label=measure)
            axes.set(title=f"{name}, {sort} cities", xlim=(0, 1), yticks=heights)
            axes.set_yticklabels(list(WAYS.values()), fontsize=8)
    grid[0][0].legend(loc="lower right", fontsize=8)
    reporting.save("anomalies", figure)


if __name__ == "__main__":
    report(reporting.load("anomalies"))
