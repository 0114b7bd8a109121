"""Do the anomalies hold up? `python -m benchmarks.anomalies`

Simulates cities, lands them with the landing's own code, computes Junction's scores by the oracle (DuckDB, equal to the
models row for row by test), scores the same sensor-minutes by the published formulas, and measures all against the
simulator's truth. Writes anomalies.json, .png and .md here.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import anomalies_report, published
from contract.options import Parser
from local import paths
from testbed.city.episodes import METRIC_KIND, Episode, begin, is_countable, overlaps
from testbed.city.pieces import city
from testbed.oracle import project_oracle, read_constants

HOURS = 12  # from 6 to 18: both rush hours
FIRST_SEED = 401
TOPICS = "traffic-sensors,weather,emergency-incidents"
CITIES = {"usual": [], "hard": ["--hard"]}
COLUMNS = {"speed": "speed_milli_kmh", "occupancy": "occupancy_milli_pct", "volume": "vehicle_count"}
SIGN = {"speed": -1.0, "occupancy": 1.0, "volume": 1.0}
Formulas = dict[str, Callable[[published.Series], published.Series]]
FORMULAS: Formulas = {
    "elementary": published.elementary,
    "elementary_14": lambda values: published.elementary(values, 14),
    "re_data": published.re_data,
    "re_data_30": lambda values: published.re_data(values, 30),
    "re_data_modified": published.re_data_modified,
    "three_sigma": published.three_sigma,
}
KINDS = ("is_speed_drop", "is_unexpected_congestion")

Minute = dict[str, Any]  # a row of int_sensor_minutes_scored
Flags = dict[str, set[datetime]]  # of one way, kind and city: the flagged minutes by sensor


@dataclass
class Tally:
    """What one way found of one kind in all cities of a sort."""

    flagged: int = 0
    right: int = 0
    episodes: int = 0
    episode_minutes: int = 0
    flagged_episode_minutes: int = 0
    delays: list[int] = field(default_factory=list)  # minutes, of the episodes that were found
    precisions: list[float] = field(default_factory=list)  # by city
    recalls: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """The figures of the report."""
        delays = sorted(self.delays) or [0]
        return {
            "flagged": self.flagged,
            "precision": round(self.right / max(1, self.flagged), 4),
            "precision_least": round(min(self.precisions, default=0.0), 4),
            "episodes": self.episodes,
            "recall": round(len(self.delays) / max(1, self.episodes), 4),
            "recall_least": round(min(self.recalls, default=0.0), 4),
            "minutes_flagged": round(self.flagged_episode_minutes / max(1, self.episode_minutes), 4),
            "delay_median": statistics.median(delays),
            "delay_p90": delays[int(0.9 * (len(delays) - 1))],
            "delay_largest": delays[-1],
        }


def scored(folder: Path, seed: int, options: list[str]) -> tuple[list[Minute], list[Episode]]:
    """One city: its scored sensor-minutes as Junction has them, and the episodes of the truth."""
    start = datetime(2026, 3, 2, 6, tzinfo=UTC) + timedelta(days=seed % 7)  # each day of the week
    what = ["--seed", str(seed), "--start", start.isoformat(), "--hours", str(HOURS), "--vehicles", "1"]
    what += ["--topics", TOPICS, "--truth", str(folder / "truth"), *options]
    city(folder / "events", *what).land(folder / "landing", 0, 1, datetime.now(UTC))
    oracle = project_oracle(folder / "landing")
    facts = [json.loads(line) for line in (folder / "truth").open(encoding="utf-8")]
    minutes = oracle.mart("int_sensor_minutes_scored").to_pylist()
    anomalies = {(row["sensor_id"], row["minute_start"]) for row in oracle.mart("fct_traffic_anomalies").to_pylist()}
    flagged = {(row["sensor_id"], row["minute_start"]) for row in minutes if any(row[kind] for kind in KINDS)}
    assert anomalies == flagged  # the mart holds these minutes and no others
    return minutes, [fact for fact in facts if fact["kind"] == "episode"]


def is_judged(row: Minute, kind: str) -> bool:
    """Whether a sensor-minute counts: it has a sample, and its sensor the minimum count (for all ways alike)."""
    status = row["speed_status" if kind == "is_speed_drop" else "occupancy_status"]
    return status not in ("outage", "cold_start")


def flags(by_sensor: dict[str, list[Minute]], formulas: Formulas) -> dict[tuple[str, str], Flags]:
    """What Junction and each published formula flags, by way and kind."""
    found: dict[tuple[str, str], Flags] = defaultdict(lambda: defaultdict(set))
    for sensor, rows in by_sensor.items():
        judged = {kind: {row["minute_start"] for row in rows if is_judged(row, kind)} for kind in KINDS}
        for kind in KINDS:
            ours = {row["minute_start"] for row in rows if row[kind]}
            found["junction", kind][sensor] = ours & judged[kind]
        for metric, column in COLUMNS.items():
            kind = METRIC_KIND[metric]
            known = [row for row in rows if row[column] is not None]
            values = np.array([row[column] for row in known], dtype=float)
            for way, formula in formulas.items():
                over = SIGN[metric] * formula(values) > published.THRESHOLD
                times = {row["minute_start"] for row, fires in zip(known, over, strict=True) if fires}
                found[way, kind][sensor] |= times & judged[kind]
    return found


def measure(
    minutes: list[Minute],
    episodes: list[Episode],
    tallies: dict[tuple[str, str], Tally],
    formulas: Formulas = FORMULAS,
) -> None:
    """Add one city to the tallies (by way and kind)."""
    constants = read_constants(paths.PROJECT_DIR / "dbt_project.yml")
    by_sensor: dict[str, list[Minute]] = defaultdict(list)
    for row in sorted(minutes, key=lambda row: row["minute_start"]):
        by_sensor[row["sensor_id"]].append(row)
    inside: dict[str, dict[str, set[datetime]]] = {kind: defaultdict(set) for kind in KINDS}
    counted: dict[str, list[tuple[Episode, set[datetime]]]] = {kind: [] for kind in KINDS}
    for episode in episodes:
        sensor, kind = episode["sensor_id"], METRIC_KIND[episode["metric"]]
        rows = by_sensor[sensor]
        during = {row["minute_start"] for row in rows if overlaps(episode, row["minute_start"])}
        inside[kind][sensor] |= during
        if is_countable(episode, rows, constants):
            seen = {row["minute_start"] for row in rows if row["minute_start"] in during and is_judged(row, kind)}
            counted[kind].append((episode, seen))
    for (way, kind), flagged in flags(by_sensor, formulas).items():
        _add(tallies[way, kind], flagged, inside[kind], counted[kind])


def _add(tally: Tally, flagged: Flags, inside: Flags, counted: list[tuple[Episode, set[datetime]]]) -> None:
    total = sum(map(len, flagged.values()))
    right = sum(len(times & inside[sensor]) for sensor, times in flagged.items())
    delays = []
    for episode, seen in counted:
        hits = seen & flagged[episode["sensor_id"]]
        tally.episode_minutes += len(seen)
        tally.flagged_episode_minutes += len(hits)
        if hits:
            delays.append(max(0, round((min(hits) - begin(episode)).total_seconds() / 60)))
    tally.flagged += total
    tally.right += right
    tally.episodes += len(counted)
    tally.delays += delays
    if total:
        tally.precisions.append(right / total)
    if counted:
        tally.recalls.append(len(delays) / len(counted))


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="cities of each sort (default 10)")
    seeds = parser.parse_args().seeds
    tallies: dict[str, dict[tuple[str, str], Tally]] = {sort: defaultdict(Tally) for sort in CITIES}
    minutes = dict.fromkeys(CITIES, 0)
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        for sort, options in CITIES.items():
            began = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="junction-anomalies-") as folder:
                rows, episodes = scored(Path(folder), seed, options)
            measure(rows, episodes, tallies[sort])
            minutes[sort] += len(rows)
            print(f"{sort} city {seed}: {len(episodes)} episodes, {time.monotonic() - began:.0f} s", flush=True)
        cities = {sort: {"sensor_minutes": minutes[sort], "found": _rows(tallies[sort])} for sort in CITIES}
        anomalies_report.report({"seeds": seed - FIRST_SEED + 1, "hours": HOURS, "cities": cities})


def _rows(tallies: dict[tuple[str, str], Tally]) -> dict[str, dict[str, Any]]:
    return {f"{way} {kind}": tally.row() for (way, kind), tally in tallies.items()}


if __name__ == "__main__":
    main()
