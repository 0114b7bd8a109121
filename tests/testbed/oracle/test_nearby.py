"""The oracle's as-of joins: the latest weather and the incident in force."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import NOON, Sample, at

ZONE_A, ZONE_B, NOWHERE = "30.5,-97.5", "31.5,-97.5", "10,10"
RANK = ["reported", "dispatched", "on_scene", "resolved"]


def reading(
    folder: Path, time: datetime = NOON, location: str = ZONE_A, **topics: list[dict[str, Any]]
) -> dict[str, Any]:
    row = {"event_time": time, "location": location, "_kafka_timestamp": NOON}
    return Sample(folder, {"vehicle_telemetry": [row], **topics}).row("fct_vehicle_readings")


@pytest.mark.parametrize(
    ("observed", "age_ms"),
    [
        (at(0), 0),
        (at(us=1), None),  # after the reading
        (at(-60), 3_600_000),  # the tolerance is inclusive
        (at(-60, us=-1), None),  # one microsecond earlier is epoch ms 3,600,001 before
        (at(us=-1), 1),  # epoch ms are rounded down
    ],
)
def test_weather_is_at_or_before_the_reading_and_within_the_tolerance(
    tmp_path: Path, observed: datetime, age_ms: int | None
) -> None:
    row = reading(tmp_path, weather=[{"event_time": observed, "_kafka_timestamp": NOON, "temperature_c": -1.0005}])
    assert row["weather_age_ms"] == age_ms
    found = [row[f"weather_{name}"] for name in ("event_id", "condition", "temperature_c", "precipitation_mm")]
    assert found == (["e-000000", "clear", -1.0, 0.0] if age_ms is not None else [None] * 4)


def test_the_tolerance_counts_whole_milliseconds(tmp_path: Path) -> None:
    row = reading(tmp_path, at(us=999), weather=[{"event_time": at(-60)}])
    assert row["weather_age_ms"] == 3_600_000


def test_the_newest_clean_weather_of_the_same_zone_counts_and_the_least_id_at_a_tie(tmp_path: Path) -> None:
    weather: list[dict[str, Any]] = [
        {"event_id": "old", "event_time": at(-20)},
        {"event_id": "b", "event_time": at(-10)},
        {"event_id": "a", "event_time": at(-10)},
        {"event_id": "0-other-zone", "event_time": at(-5), "location": ZONE_B},
        {"event_id": "0-no-zone", "event_time": at(-5), "location": NOWHERE},
        {"event_id": "0-invalid", "event_time": at(-5), "condition": "hail"},
    ]
    assert reading(tmp_path, weather=weather)["weather_event_id"] == "a"
    assert reading(tmp_path / "nowhere", location=NOWHERE, weather=weather)["weather_event_id"] is None


def test_a_too_old_observation_does_not_fall_back_to_an_older_one(tmp_path: Path) -> None:
    weather = [{"event_time": at(-61)}, {"event_time": at(-62)}]
    assert reading(tmp_path, weather=weather)["weather_event_id"] is None


def message(minutes: float, status: str = "reported", **more: Any) -> dict[str, Any]:
    time = at(minutes)
    return {"event_time": time, "_kafka_timestamp": max(time, NOON), "status": status, **more}


@pytest.mark.parametrize(
    ("messages", "incident"),
    [
        ([message(0)], "i-1"),  # from is inclusive
        ([message(0.001)], None),
        ([message(-10), message(0, "resolved")], None),  # to is exclusive
        ([message(-10), message(0.001, "resolved")], "i-1"),
        ([message(-359.999)], "i-1"),
        ([message(-360)], None),  # less than 6 h
        ([message(-400), message(-10, "dispatched")], "i-1"),  # each message counts anew
        ([message(-10), message(-5, location=ZONE_B)], None),  # the latest message tells the zone
        ([message(-10), message(-5, location=NOWHERE)], None),
        ([message(-10, location=ZONE_B), message(-5)], "i-1"),
        ([message(-5, "resolved"), message(-5, "on_scene")], None),  # at one time in the order of the statuses
        ([message(-5, "resolved", event_id="a"), message(-4, "reported", event_id="b")], "i-1"),
        ([message(-10), message(-5, "resolved", severity=9)], "i-1"),  # an invalid message is none
    ],
)
def test_an_incident_is_in_force_until_its_next_message_and_for_less_than_six_hours(
    tmp_path: Path, messages: list[dict[str, Any]], incident: str | None
) -> None:
    assert reading(tmp_path, emergency_incidents=messages)["incident_id"] == incident


def test_at_one_time_and_status_the_greatest_event_id_is_the_latest_message(tmp_path: Path) -> None:
    messages = [message(-5, event_id="b", severity=2, incident_type="fire"), message(-5, event_id="a", severity=4)]
    row = reading(tmp_path, emergency_incidents=messages)
    assert (row["incident_severity"], row["incident_type"]) == (2, "fire")


@pytest.mark.parametrize(
    ("other", "winner"),
    [
        ({"severity": 4}, "i-2"),
        ({"severity": 2}, "i-1"),
        ({"minutes": -4}, "i-2"),
        ({"minutes": -6}, "i-1"),
        ({}, "i-1"),
        ({"incident_id": "i-0"}, "i-0"),
        ({"severity": 4, "location": ZONE_B}, "i-1"),
    ],
)
def test_the_worst_then_the_latest_then_the_least_incident_counts(
    tmp_path: Path, other: dict[str, Any], winner: str
) -> None:
    other = {"incident_id": "i-2", **other}
    messages = [message(-5), message(other.pop("minutes", -5), **other)]
    assert reading(tmp_path, emergency_incidents=messages)["incident_id"] == winner


def latest_message(messages: list[dict[str, Any]], time: datetime) -> dict[str, Any] | None:
    before = [row for row in messages if row["event_time"] <= time]
    order = [(row["event_time"], RANK.index(row["status"]), row["event_id"]) for row in before]
    return before[order.index(max(order))] if before else None


def worst_in_force(messages: list[dict[str, Any]], place: str, time: datetime) -> tuple[str, int] | None:
    """The definition's second wording, by looking at every message of every incident."""
    found = []
    for incident in {row["incident_id"] for row in messages}:
        row = latest_message([row for row in messages if row["incident_id"] == incident], time)
        if row and row["status"] != "resolved" and row["location"] == place:
            age = time - row["event_time"]
            if age < timedelta(hours=6):
                found.append((-row["severity"], age, incident))
    return (min(found)[2], -min(found)[0]) if found else None


@pytest.mark.parametrize("seed", range(4))
def test_in_force_agrees_with_asking_every_incident(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    messages = [
        message(
            draw.randrange(-500, 0),
            draw.choice(RANK),
            event_id=f"e-{number}",
            incident_id=f"i-{draw.randrange(8)}",
            severity=draw.randrange(1, 4),
            location=draw.choice([ZONE_A, ZONE_B]),
        )
        for number in range(60)
    ]
    readings: list[dict[str, Any]] = [
        {
            "event_time": at(draw.randrange(-500, 10)),
            "location": draw.choice([ZONE_A, ZONE_B]),
            "_kafka_timestamp": NOON,
        }
        for _ in range(300)
    ]
    sample = Sample(tmp_path, {"emergency_incidents": messages, "vehicle_telemetry": readings})
    rows = sample.rows("fct_vehicle_readings", "event_id")
    found = [row["incident_id"] and (row["incident_id"], row["incident_severity"]) for row in rows]
    expected = [worst_in_force(messages, row["location"], row["event_time"]) for row in readings]
    assert found == expected
    assert len({winner for winner in expected if winner}) > 3
