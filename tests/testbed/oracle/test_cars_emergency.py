"""The oracle's car samples, alerts, alert windows, vehicle readings and incidents, on cases computed by hand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from testbed.oracle.sample_landing import NOON, SEEDS, Sample, at


def test_expected_gear_is_speed_by_30_with_halves_up(tmp_path: Path) -> None:
    gears = {0: 0, 14: 0, 15: 1, 44: 1, 45: 2, 74: 2, 75: 3, 120: 4, 195: 7, 200: 7}
    rows = Sample(tmp_path, {"sensors_sample": [{"speed": speed} for speed in gears]}).rows("fct_car_samples")
    assert {row["speed"]: row["expected_gear"] for row in rows} == gears


def test_a_car_that_the_seeds_do_not_know_has_no_model(tmp_path: Path) -> None:
    rows = [{}, {"car_id": "car-9"}, {"rpm": 9000}, {"event_id": "e-000000"}]
    known, unknown = Sample(tmp_path, {"sensors_sample": rows}).rows("fct_car_samples", "car_id")
    columns = ("driver_id", "model_id", "brand", "model", "color_id", "color")
    assert [known[column] for column in columns] == ["d-1", "m-1", "Ford", "Focus", "k-1", "Black"]
    assert [unknown[column] for column in columns] == [None] * 6


def test_an_alert_names_its_reasons_in_order(tmp_path: Path) -> None:
    reasons = {
        (120, 4, 6000): None,
        (121, 4, 6000): "speeding",
        (120, 5, 6000): "wrong_gear",
        (120, 4, 6001): "high_rpm",
        (121, 5, 6001): "speeding,wrong_gear,high_rpm",
        (121, 4, 6001): "speeding,high_rpm",
        (10, 1, 800): "wrong_gear",
    }
    samples = [{"speed": speed, "gear": gear, "rpm": rpm} for speed, gear, rpm in reasons]
    rows = Sample(tmp_path, {"sensors_sample": samples}).rows("fct_car_alerts")
    found = {(row["speed"], row["gear"], row["rpm"]): row for row in rows}
    assert {case: row["reasons"] for case, row in found.items()} == {case: why for case, why in reasons.items() if why}
    for row in rows:
        flags = ("is_speeding", "is_wrong_gear", "is_high_rpm")
        assert [row[flag] for flag in flags] == [flag[3:] in row["reasons"].split(",") for flag in flags]


def test_an_alert_is_in_the_window_of_its_minute_and_of_the_14_after(tmp_path: Path) -> None:
    alert = {"speed": 130, "event_time": at(50, us=1), "gear": 4}
    rows = Sample(tmp_path, {"sensors_sample": [alert, {"event_time": at(70)}]}).rows(
        "agg_car_alerts_15min", "minute_start"
    )
    assert [row["minute_start"] for row in rows] == [at(minute) for minute in range(50, 65)]
    assert [row["event_hour"] for row in rows] == [NOON] * 10 + [at(60)] * 5
    assert all(row["window_start"] == at(minute - 14) for minute, row in enumerate(rows, start=50))
    assert all(row["window_end"] == at(minute + 1) for minute, row in enumerate(rows, start=50))


def test_a_window_counts_alerts_and_cars_by_colour(tmp_path: Path) -> None:
    colors = ["BLACK", "white", "Silver", "Red"]
    seeds = {
        "car_colors": [{"color_id": f"k-{color}", "color": color} for color in colors],
        "cars": [{**SEEDS["cars"][0], "car_id": f"c-{color}", "color_id": f"k-{color}"} for color in colors],
    }
    rows = [
        *({"car_id": "c-BLACK", "speed": 130 + number, "rpm": 3000, "gear": 5} for number in range(3)),
        *({"car_id": "c-white", "speed": 130, "rpm": 7000, "gear": 4} for _ in range(2)),
        {"car_id": "c-Silver", "speed": 100, "rpm": 3000, "gear": 7},
        {"car_id": "c-Red", "speed": 125, "rpm": 3000, "gear": 4},
        {"car_id": "c-unknown", "speed": 125, "rpm": 3000, "gear": 4},
        {"car_id": "c-Red", "speed": 120, "rpm": 5000, "gear": 4},  # no alert
        {"car_id": "c-BLACK", "speed": 140, "event_time": at(15)},  # out of the window of minute 14
    ]
    windows = Sample(tmp_path, {"sensors_sample": rows}, seeds=seeds).rows("agg_car_alerts_15min", "minute_start")
    before, after = windows[14], windows[15]
    assert before["minute_start"] == at(14)
    assert {name: value for name, value in before.items() if name.endswith("count")} == {
        "alert_count": 8,
        "black_alert_count": 3,
        "white_alert_count": 2,
        "silver_alert_count": 1,
        "car_count": 5,
        "black_car_count": 1,
        "white_car_count": 1,
        "silver_car_count": 1,
    }
    assert [before[name] for name in ("max_speed", "max_gear", "max_rpm")] == [132, 7, 7000]
    assert [after[name] for name in ("alert_count", "white_alert_count", "white_car_count")] == [1, 0, 0]


def test_a_reading_shows_three_decimals_with_halves_up(tmp_path: Path) -> None:
    rows = [{"speed_kmh": 0.0005, "heading": 359.9996}, {"speed_kmh": -1.0}]  # the second is invalid
    row = Sample(tmp_path, {"vehicle_telemetry": rows}).row("fct_vehicle_readings")
    assert (row["speed_kmh"], row["heading"], row["event_hour"]) == (0.001, 0.0, NOON)


def message(time: datetime, status: str, **more: Any) -> dict[str, Any]:
    return {"event_time": time, "status": status, **more}


def test_an_incident_from_its_messages(tmp_path: Path) -> None:
    rows = [
        message(at(30), "resolved", severity=1),
        message(at(0), "dispatched", severity=5, incident_type="fire", location="31.5,-97.5"),
        message(at(0), "reported", severity=2, incident_type="hazard", location="30.5,-97.5"),
        message(at(10, ms=300), "on_scene", severity=1),
        message(at(11), "on_scene", severity=1),
        message(at(40), "reported", severity=1),
        message(at(50), "resolved", severity=6),  # invalid
    ]
    row = Sample(tmp_path, {"emergency_incidents": rows}).row("fct_emergency_incidents")
    assert row == {
        "incident_id": "i-1",
        "incident_type": "hazard",
        "severity": 5,
        "zone_id": "z-a",
        "latitude": 30.5,
        "longitude": -97.5,
        "first_seen_at": at(0),
        "last_seen_at": at(40),
        "reported_at": at(0),
        "dispatched_at": at(0),
        "on_scene_at": at(10, ms=300),
        "resolved_at": at(30),
        "response_minutes": 10.01,  # 10.005, halves up
        "clearance_minutes": 30.0,
        "is_open": False,
        "message_count": 6,
        "vehicles_affected": 0,
    }


def test_response_is_unknown_when_a_time_is_missing_or_the_order_is_wrong(tmp_path: Path) -> None:
    cases: list[tuple[datetime | None, datetime | None, float | None]] = [
        (at(0), at(0), 0.0),
        (at(0, us=999), at(0), 0.0),  # the same epoch ms
        (at(0, ms=1), at(0), None),
        (None, at(0), None),
        (at(0), None, None),
        (at(0), at(0, ms=299), 0.0),
        (at(0), at(0, ms=300), 0.01),
    ]
    rows = [
        message(time, status, incident_id=f"i-{number}")
        for number, (reported, on_scene, _) in enumerate(cases)
        for time, status in ((reported, "reported"), (on_scene, "on_scene"))
        if time
    ]
    found = Sample(tmp_path, {"emergency_incidents": rows}).rows("fct_emergency_incidents", "incident_id")
    columns = ("response_minutes", "clearance_minutes", "is_open")
    assert [tuple(row[column] for column in columns) for row in found] == [(case[2], None, True) for case in cases]


def test_affected_vehicles_are_those_in_its_zone_while_it_is_in_force(tmp_path: Path) -> None:
    incidents = [
        message(at(0), "reported"),
        message(at(10), "dispatched", location="31.5,-97.5"),
        message(at(20), "resolved"),
        message(at(0), "reported", incident_id="i-worse", severity=5),
        message(at(0), "reported", incident_id="i-nowhere", location="10,10"),
    ]
    places = [
        *(("a", at(0), "30.5"), ("a", at(5), "30.5"), ("b", at(10, us=-1), "30.5"), ("c", at(10), "31.5")),
        *(("too-early", at(0, us=-1), "30.5"), ("zone-left", at(10), "30.5"), ("zone-not-yet", at(9), "31.5")),
        *(("resolved", at(20), "31.5"), ("nowhere", at(5), "10"), ("six-hours", at(360), "30.5")),
    ]
    readings = [
        {"vehicle_id": vehicle, "event_time": time, "location": f"{latitude},{'10' if latitude == '10' else '-97.5'}"}
        for vehicle, time, latitude in places
    ]
    readings.append({"vehicle_id": "invalid", "event_time": at(5), "speed_kmh": -1.0})
    sample = Sample(tmp_path, {"emergency_incidents": incidents, "vehicle_telemetry": readings})
    found = {row["incident_id"]: row["vehicles_affected"] for row in sample.rows("fct_emergency_incidents")}
    assert found == {"i-1": 3, "i-worse": 3, "i-nowhere": 0}
