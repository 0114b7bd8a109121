"""What does the hour of the week bring? `python -m benchmarks.seasons`

Five weeks of a few sensors in a city whose rush hours fill the roads, straight from the simulator's traffic to
sensor-minutes; scored by the oracle with the hour of the week and without it (all else alike), and measured on the
truth of the fifth week. Writes seasons.json and seasons.md here.
"""

from __future__ import annotations

import io
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from benchmarks.anomalies import Minute, Tally, measure
from contract.options import Parser
from local import paths
from simulator.causes import Causes
from simulator.seeds import load_city
from simulator.traffic import Traffic
from simulator.truth import Truth
from simulator.weather import Weather
from testbed.city.episodes import Episode
from testbed.oracle import Oracle, read_constants

HERE = Path(__file__).resolve().parent
START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
WEEKS = 5
SENSOR_FAULTS = 0.02  # share of the sensors' time
KIND = "is_unexpected_congestion"  # speed is scored by its trailing hour in both ways
NEVER = 10**9  # minutes: no hour of the week has so many
WAYS = {"with": {}, "without": {"season_min_minutes": NEVER}}
CITIES = {"usual rush, +5 points": 5.0, "full roads, +30 points": 30.0}


def simulated(seed: int, rush_occupancy: float, every: int) -> tuple[pa.Table, list[Episode]]:
    """int_sensor_minutes of each `every`th sensor over all weeks, and the last week's episodes, strong and weak."""
    rows: list[Minute] = []
    for week in range(WEEKS):  # each with disturbances and weather of its own
        of_week, episodes = _week(10 * seed + week, START + timedelta(weeks=week), rush_occupancy, every)
        rows += of_week
    return pa.Table.from_pylist(rows), episodes


def _week(seed: int, first: datetime, rush_occupancy: float, every: int) -> tuple[list[Minute], list[Episode]]:
    city, start, end = load_city(), *(int(time.timestamp()) // 60 for time in (first, first + timedelta(weeks=1)))
    weather = Weather(city, seed, start)
    causes = Causes(city, weather, seed, "seasons", start, 0, SENSOR_FAULTS, 0.0, hard=True)
    traffic = Traffic(city, weather, causes, rush_occupancy)
    sensors = {sensor: Random(f"{seed}:{sensor.sensor_id}") for sensor in city.sensors[::every]}
    rows = []
    for minute in range(start, end):
        if (minute - start) % 60 == 0:
            list(causes.extend())
        traffic.update(minute)
        for sensor, random in sensors.items():
            samples = [traffic.sample(sensor, random) for _ in range(60 // sensor.interval_s)]
            rows.append(_minute(sensor.sensor_id, minute, [json.loads(f"{{{sample}}}") for sample in samples]))
    file = io.StringIO()
    Truth(file).write_causes(causes, tuple(sensors), [], end)
    facts = [json.loads(line) for line in file.getvalue().splitlines()]
    ids = {sensor.sensor_id for sensor in sensors}
    return rows, [fact for fact in facts if fact["kind"] == "episode" and fact["sensor_id"] in ids]


def _minute(sensor_id: str, minute: int, samples: list[dict[str, float]]) -> Minute:
    """One row of int_sensor_minutes, as definitions.md has it (milli and halves up)."""
    vehicles = int(sum(sample["vehicle_count"] for sample in samples))
    speeds = sum(_milli(each["average_speed_kmh"]) * each["vehicle_count"] for each in samples if each["vehicle_count"])
    start = datetime.fromtimestamp(minute * 60, UTC).replace(tzinfo=None)
    return {
        "sensor_id": sensor_id,
        "road_id": None,
        "zone_id": None,
        "minute_start": start,
        "event_hour": start.replace(minute=0),
        "is_watched": True,
        "sample_count": len(samples),
        "samples_due": len(samples),
        "vehicle_count": vehicles,
        "speed_milli_kmh": int(speeds / vehicles + 0.5) if vehicles else None,
        "occupancy_milli_pct": int(sum(_milli(sample["occupancy_pct"]) for sample in samples) / len(samples) + 0.5),
    }


def _milli(value: float) -> int:
    return int(value * 1000 + 0.5)


def last_week(rows: pa.Table, **constants: float) -> list[Minute]:
    """The scored minutes of the last week, with other constants."""
    declared = read_constants(paths.PROJECT_DIR / "dbt_project.yml")
    oracle = Oracle(paths.PROJECT_DIR, paths.PROJECT_DIR / "seeds", {**declared, **constants})
    oracle.give("int_sensor_minutes", rows)
    since = START + timedelta(weeks=WEEKS - 1)
    return [row for row in oracle.mart("int_sensor_minutes_scored").to_pylist() if row["minute_start"] >= since]


def compared(seed: int, every: int) -> Iterator[tuple[str, str, list[Minute], list[Episode]]]:
    """Of one seed: city, way, minutes and episodes."""
    for name, points in CITIES.items():
        rows, episodes = simulated(seed, points, every)
        for way, constants in WAYS.items():
            yield name, way, last_week(rows, **constants), episodes


def report(results: dict[str, Any]) -> None:
    """Write the results and the report."""
    (HERE / "seasons.json").write_text(json.dumps(results, indent=1) + "\n")
    head = (
        "city",
        "hour of the week",
        "minutes flagged",
        "precision",
        "episodes",
        "recall",
        "of their minutes",
        "delay: median, p90",
    )
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name in CITIES:
        for way in WAYS:
            row = results["found"][f"{name} {way}"]
            lines.append(
                f"| {name} | {way} | {row['flagged']:,} | {row['precision']:.3f} | {row['episodes']:,}"
                f" | {row['recall']:.3f} | {row['minutes_flagged']:.2f} | {row['delay_median']:g}, {row['delay_p90']} |"
            )
    text = (HERE / "seasons.in.md").read_text().replace("<!-- tables -->", "\n".join(lines))
    for key in ("seeds", "sensors", "sensor_minutes"):
        text = text.replace(f"<!-- {key} -->", f"{results[key]:,}")
    (HERE / "seasons.md").write_text(text)


def main() -> None:
    """Measure and report."""
    parser = Parser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="cities of each sort (default 2)")
    parser.add_argument("--every", type=int, default=10, metavar="N", help="each Nth sensor only (default 10)")
    args = parser.parse_args()
    tallies: dict[str, Tally] = defaultdict(Tally)
    counted = sensors = 0
    for seed in range(501, 501 + args.seeds):
        for name, way, minutes, episodes in compared(seed, args.every):
            began = time.monotonic()
            found = defaultdict(Tally, {("junction", KIND): tallies[f"{name} {way}"]})
            measure(minutes, episodes, found, formulas={})
            counted, sensors = counted + len(minutes), len({row["sensor_id"] for row in minutes})
            print(f"{name}, {way}, {seed}: {len(episodes)} episodes, {time.monotonic() - began:.0f} s", flush=True)
    rows = {key: tally.row() for key, tally in tallies.items()}
    report({"seeds": args.seeds, "sensors": sensors, "sensor_minutes": counted // 4, "found": rows})


if __name__ == "__main__":
    main()
