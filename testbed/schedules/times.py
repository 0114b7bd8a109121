"""Lands events at exact times in two pieces, builds after each, and compares the marts with the definitions."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contract.place import PROJECT_DIR
from contract.reading import load_contract
from testbed.city.pieces import City
from testbed.oracle.sample_landing import VALID
from testbed.schedules.engines import Engine, built
from testbed.schedules.expected import COLUMNS, Rows, expected, found
from testbed.schedules.moments import ANCHORS, Event, Events, events
from testbed.schedules.runs import NO_VIEWS

NOWHERE = "10,10"


def checked(engine: Engine, landing: Path, seed: int, size: int) -> dict[str, int]:
    """Compare; how many rows each mart has. AssertionError with the first differences."""
    draw = random.Random(seed)
    places = {zone: place for zone, place in _places().items() if draw.random() < 0.3}
    colors = _colors()
    cars = draw.sample(sorted(colors), 8)
    drawn = events(draw, size, ANCHORS, [*places, None], [*cars, "car-unknown"])
    engine.empty(landing)
    sent = _sent(drawn, places, draw)
    for piece in (0, 1):
        sent.land(landing, piece, 2, datetime.now(UTC) - timedelta(minutes=90 - 30 * piece))
        engine.load()
        built(engine, "run", "--select", *(f"+{mart}" for mart in COLUMNS), *(NO_VIEWS if piece else []))
    wanted = expected(drawn, colors)
    rows = {mart: found(mart, engine.table(mart).to_pylist()) for mart in COLUMNS}
    for mart in COLUMNS:
        assert _differing(rows[mart], wanted[mart]) == [], mart
    return {mart: len(rows[mart]) for mart in COLUMNS}


def _differing(ours: Rows, theirs: Rows) -> list[tuple[Any, ...]]:
    """Some keys whose values differ: the key, what is there, what should be."""
    keys = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    return [(key, ours.get(key), theirs.get(key)) for key in sorted(keys)[:5]]


def _places() -> dict[str, str]:
    """The middle of each zone of the seed."""
    axes = ("latitude", "longitude")
    with (PROJECT_DIR / "seeds" / "zones.csv").open(encoding="utf-8") as file:
        return {
            zone["zone_id"]: ",".join(f"{(float(zone[f'min_{x}']) + float(zone[f'max_{x}'])) / 2:.6f}" for x in axes)
            for zone in csv.DictReader(file)
        }


def _colors() -> dict[str, str]:
    """The colour of each car of the seeds."""
    seeds = PROJECT_DIR / "seeds"
    with (seeds / "car_colors.csv").open(encoding="utf-8") as file:
        names = {color["color_id"]: color["color"] for color in csv.DictReader(file)}
    with (seeds / "cars.csv").open(encoding="utf-8") as file:
        return {car["car_id"]: names[car["color_id"]] for car in csv.DictReader(file)}


def _sent(drawn: Events, places: dict[str, str], draw: random.Random) -> City:
    """The events as Kafka records, in any order."""
    records = {}
    for topic in load_contract().topics:
        own = list(drawn.get(topic.table, []))
        draw.shuffle(own)
        payloads = [_payload(topic.table, event, places) for event in own]
        records[topic.topic] = [
            {
                "partition": 0,
                "offset": offset,
                "timestamp": int(event["event_time"].timestamp()) * 1_000_000,
                "key": b"",
                "value": json.dumps(payload).encode(),
            }
            for offset, (event, payload) in enumerate(zip(own, payloads, strict=True))
        ]
    return City(records)


def _payload(table: str, event: Event, places: dict[str, str]) -> dict[str, Any]:
    place = {} if table == "sensors_sample" else {"location": places.get(event["zone"], NOWHERE)}
    said = {name: value for name, value in event.items() if name != "zone"}
    whole = {**VALID[table], **place, **said, "event_time": event["event_time"].isoformat()}
    return {name: value for name, value in whole.items() if value is not None}
