"""The oracle's as-of joins and sliding window at adversarial times, against the plainest reading of the definitions."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testbed.oracle.sample_landing import SEEDS, Sample
from testbed.schedules.expected import COLUMNS, expected, found
from testbed.schedules.moments import ANCHORS, Events, events

PLACES = {"z-a": "30.5,-97.5", "z-b": "31.5,-97.5", None: "10,10"}
COLORS = {"c-1": "Black", "c-2": "white", "c-3": "SILVER", "c-4": "Red"}
CARS = [{**SEEDS["cars"][0], "car_id": car, "color_id": car} for car in COLORS]
COLOR_SEED = [{"color_id": car, "color": color} for car, color in COLORS.items()]


def oracles_rows(drawn: Events) -> dict[str, list[dict[str, Any]]]:
    rows = {table: [_row(table, event) for event in own] for table, own in drawn.items()}
    with tempfile.TemporaryDirectory() as folder:
        sample = Sample(Path(folder), rows, seeds={"cars": CARS, "car_colors": COLOR_SEED})
        return {mart: sample.rows(mart) for mart in COLUMNS}


def _row(table: str, event: dict[str, Any]) -> dict[str, Any]:
    place = {} if table == "sensors_sample" else {"location": PLACES[event["zone"]]}
    return {name: value for name, value in event.items() if name != "zone"} | place


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_the_oracle_says_what_the_definitions_say(draw: random.Random, size: int) -> None:
    anchors = [draw.choice(ANCHORS) for _ in range(1 + size // 10)]
    drawn = events(draw, size, anchors, list(PLACES), [*COLORS, "c-unknown"])
    rows = oracles_rows(drawn)
    wanted = expected(drawn, COLORS)
    for mart in COLUMNS:
        assert found(mart, rows[mart]) == wanted[mart], mart
