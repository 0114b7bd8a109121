"""The oracle's row rules, duplicates, zones and hours, on cases computed by hand from docs/definitions.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle import Oracle, read_constants
from testbed.oracle.inputs import project_contract
from testbed.oracle.sample_landing import CONSTANTS, NOON, SEEDS, VALID, Sample, at, write_landing, write_seeds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reasons(folder: Path, table: str, *rows: dict[str, Any]) -> list[str | None]:
    sample = Sample(folder, {table: rows})
    return sample.column(f"int_{table}_received", "invalid_reason", "_kafka_offset")


@pytest.mark.parametrize("table", VALID)
def test_a_valid_row_of_each_topic_is_clean(tmp_path: Path, table: str) -> None:
    row = Sample(tmp_path, {table: [{}]}).row(f"int_{table}_received")
    assert (row["row_status"], row["invalid_reason"], row["event_hour"]) == ("clean", None, NOON)
    assert row.get("zone_id", "z-a") == "z-a"


def test_event_time_bounds_are_inclusive_in_whole_milliseconds(tmp_path: Path) -> None:
    kafka = at(us=500)  # epoch ms of NOON
    late, early = NOON - 7 * DAY, NOON + HOUR
    times = [late, late - timedelta(microseconds=1)]
    times += [early, early + timedelta(microseconds=999), early + timedelta(milliseconds=1)]
    rows = [{"event_time": time, "_kafka_timestamp": kafka} for time in times]
    wrong = "event_time_out_of_range"
    assert reasons(tmp_path, "weather", *rows) == [None, wrong, None, None, wrong]


def test_only_a_row_with_an_invalid_time_has_the_hour_of_its_kafka_timestamp(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"event_time": at(-90), "_kafka_timestamp": at(5)},
        {"event_time": at(-90), "_kafka_timestamp": at(5), "condition": "hail"},
        {"event_time": NOON - 8 * DAY, "_kafka_timestamp": at(65), "condition": "hail"},
    ]
    sample = Sample(tmp_path, {"weather": rows})
    hours = sample.column("int_weather_received", "event_hour", "_kafka_offset")
    assert hours == [NOON - 2 * HOUR, NOON - 2 * HOUR, NOON + HOUR]


def test_a_row_whose_sending_is_not_known_is_invalid_in_the_hour_of_its_landing(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"event_time": at(-90), "_kafka_timestamp": time, "_landed_at": NOON + HOUR}
        for time in (None, datetime(2262, 1, 1, tzinfo=UTC), datetime(2261, 12, 31, 23, tzinfo=UTC), at(5))
    ]
    hours = Sample(tmp_path, {"weather": rows}).column("int_weather_received", "event_hour", "_kafka_offset")
    assert hours == [NOON + HOUR, NOON + HOUR, rows[2]["_kafka_timestamp"], NOON - 2 * HOUR]


def test_a_time_before_1970_rounds_down(tmp_path: Path) -> None:
    # 1969-12-31 23:59:59.999900 is epoch ms -1, and one hour after it is 3,599,999.
    old = datetime.fromisoformat("1969-12-31T23:59:59.999900+00:00")
    kafka = datetime.fromisoformat("1969-12-31T22:59:59.999000+00:00")
    assert reasons(tmp_path, "weather", {"event_time": old, "_kafka_timestamp": kafka}) == [None]


REQUIRED_IDS = {
    "vehicle_telemetry": ["event_id", "vehicle_id"],
    "vehicle_gps": ["event_id", "vehicle_id"],
    "traffic_sensors": ["event_id", "sensor_id", "road_id"],
    "weather": ["event_id", "station_id"],
    "emergency_incidents": ["event_id", "incident_id"],
    "traffic_cameras": ["event_id", "camera_id", "vehicle_id"],
    "sensors_sample": ["event_id", "car_id"],
}


@pytest.mark.parametrize("table", VALID)
def test_a_blank_id_is_quarantined(tmp_path: Path, table: str) -> None:
    names = REQUIRED_IDS[table]
    located: dict[str, Any] = {"location": "nowhere"} if "location" in VALID[table] else {}
    rows = [{**dict.fromkeys(names[at:], blank), **located} for at in range(len(names)) for blank in ("", "  ")]
    late: dict[str, Any] = {"_kafka_timestamp": NOON + 8 * DAY, "event_id": ""}
    assert reasons(tmp_path, table, *rows, late) == [
        *(f"{name}_blank" for name in names for _ in range(2)),
        "event_time_out_of_range",
    ]
    (topic,) = (topic for topic in project_contract().topics if topic.table == table)
    required = {column.name for column in topic.columns if column.required}
    assert {name for name in required if name.endswith("_id")} == set(names)


def test_a_blank_id_that_may_be_absent_is_none(tmp_path: Path) -> None:
    row = Sample(tmp_path, {"vehicle_telemetry": [{"trip_id": " ", "route_id": "", "make": " "}]}).row(
        "int_vehicle_telemetry_received"
    )
    assert (row["trip_id"], row["route_id"], row["make"], row["row_status"]) == (None, None, "", "clean")


RULES: list[tuple[str, str, str, list[Any], list[Any]]] = [
    ("vehicle_telemetry", "location", "latitude_out_of_range", ["90,0", "-90,0"], ["90.0000001,0", "-90.0000001,0"]),
    (
        "vehicle_telemetry",
        "location",
        "longitude_out_of_range",
        ["0,180", "0,-180"],
        ["0,180.0000001", "0,-180.0000001"],
    ),
    ("vehicle_telemetry", "speed_kmh", "speed_out_of_range", [0.0, 250.0], [-0.0001, 250.0001]),
    ("vehicle_gps", "speed_kmh", "speed_out_of_range", [0.0, 250.0], [-0.0001, 250.0001]),
    ("sensors_sample", "speed", "speed_out_of_range", [0, 200], [-1, 201]),
    ("vehicle_telemetry", "heading", "heading_out_of_range", [0.0, 359.9999], [-0.0001, 360.0]),
    ("vehicle_gps", "heading", "heading_out_of_range", [0.0, 359.9999], [-0.0001, 360.0]),
    ("vehicle_telemetry", "year", "year_out_of_range", [1950, 2100], [1949, 2101]),
    ("vehicle_telemetry", "fuel_type", "fuel_type_unknown", ["petrol", "diesel", "hybrid", "electric"], ["Petrol", ""]),
    ("vehicle_gps", "vehicle_type", "vehicle_type_unknown", ["car", "van", "truck", "bus"], ["tram"]),
    ("vehicle_gps", "accuracy_m", "accuracy_out_of_range", [0.0, 10000.0], [-0.1, 10000.1]),
    ("traffic_sensors", "vehicle_count", "vehicle_count_out_of_range", [0, 1000], [-1, 1001]),
    ("traffic_sensors", "average_speed_kmh", "average_speed_out_of_range", [0.0, 250.0], [-0.1, 250.1]),
    ("traffic_sensors", "average_speed_kmh", "average_speed_missing", [1.0], [None]),
    ("traffic_sensors", "occupancy_pct", "occupancy_out_of_range", [0.0, 100.0], [-0.1, 100.1]),
    ("weather", "temperature_c", "temperature_out_of_range", [-60.0, 60.0], [-60.1, 60.1]),
    ("weather", "condition", "condition_unknown", ["clear", "cloudy", "fog", "rain", "heavy_rain", "snow"], ["hail"]),
    ("weather", "precipitation_mm", "precipitation_out_of_range", [0.0, 500.0], [-0.1, 500.1]),
    ("weather", "wind_speed_kmh", "wind_speed_out_of_range", [0.0, 400.0], [-0.1, 400.1]),
    ("weather", "humidity_pct", "humidity_out_of_range", [0.0, 100.0], [-0.1, 100.1]),
    ("weather", "air_quality_index", "air_quality_index_out_of_range", [0, 500], [-1, 501]),
    ("emergency_incidents", "incident_type", "incident_type_unknown", ["accident", "fire", "medical", "hazard"], ["x"]),
    ("emergency_incidents", "status", "status_unknown", ["reported", "dispatched", "on_scene", "resolved"], ["x"]),
    ("emergency_incidents", "severity", "severity_out_of_range", [1, 5], [0, 6]),
    ("traffic_cameras", "detected_vehicles", "detected_vehicles_out_of_range", [0, 1000], [-1, 1001]),
    ("sensors_sample", "rpm", "rpm_out_of_range", [0, 8000], [-1, 8001]),
    ("sensors_sample", "gear", "gear_out_of_range", [1, 7], [0, 8]),
]


@pytest.mark.parametrize("table", VALID)
def test_each_rule_refuses_what_lies_outside(tmp_path: Path, table: str) -> None:
    cases = [
        (column, value, wrong)
        for of_table, column, reason, good, bad in RULES
        if of_table == table
        for value, wrong in [*((value, None) for value in good), *((value, reason) for value in bad)]
    ]
    found = reasons(tmp_path, table, *({column: value} for column, value, _ in cases))
    assert [(*case[:2], reason) for case, reason in zip(cases, found, strict=True)] == cases


def test_an_average_speed_may_be_absent_only_without_vehicles(tmp_path: Path) -> None:
    rows = [{"vehicle_count": count, "average_speed_kmh": None} for count in (0, 1, -1)]
    found = reasons(tmp_path, "traffic_sensors", *rows)
    assert found == [None, "average_speed_missing", "vehicle_count_out_of_range"]


def test_the_first_broken_rule_in_the_order_of_the_definitions_is_the_reason(tmp_path: Path) -> None:
    broken: dict[str, Any] = {
        "event_time": NOON - 8 * DAY,
        "location": "91,181",
        "speed_kmh": -1.0,
        "heading": 360.0,
        "year": 1,
        "fuel_type": "coal",
    }
    repairs: dict[str, Any] = {"event_time": NOON, "speed_kmh": 1.0, "heading": 1.0, "year": 2000}
    order = ["event_time", "location", "location", "speed_kmh", "heading", "year"]
    places = iter(["0,181", "0,0"])
    rows = []
    for column in order:
        rows.append({"_kafka_timestamp": NOON, **broken})
        broken[column] = next(places) if column == "location" else repairs[column]
    rows.append({"_kafka_timestamp": NOON, **broken})
    assert reasons(tmp_path, "vehicle_telemetry", *rows) == [
        *("event_time_out_of_range", "latitude_out_of_range", "longitude_out_of_range", "speed_out_of_range"),
        *("heading_out_of_range", "year_out_of_range", "fuel_type_unknown"),
    ]


def statuses(folder: Path, *rows: dict[str, Any]) -> list[str]:
    sample = Sample(folder, {"weather": [{"event_id": "same", **row} for row in rows]})
    return sample.column("int_weather_received", "row_status", "_kafka_offset")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"_landed_at": at(0), "_kafka_partition": 1}, {"_landed_at": at(1), "_kafka_partition": 0}),
        ({"_kafka_partition": 0, "_kafka_offset": 9}, {"_kafka_partition": 1, "_kafka_offset": 0}),
        ({"_kafka_offset": 3}, {"_kafka_offset": 4}),
    ],
)
def test_the_first_landed_of_an_identity_is_clean(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    rows = [
        {"event_id": "same", **second, "station_id": "second"},
        {"event_id": "same", **first, "station_id": "first"},
    ]
    received = Sample(tmp_path, {"weather": rows}).rows("int_weather_received", "station_id")
    assert [row["row_status"] for row in received] == ["clean", "duplicate"]


def test_an_invalid_row_neither_is_nor_makes_a_duplicate(tmp_path: Path) -> None:
    assert statuses(tmp_path, {"condition": "hail"}, {}, {"condition": "hail"}, {}) == [
        *("invalid", "clean", "invalid", "duplicate")
    ]


def test_the_same_id_at_another_time_is_another_reading(tmp_path: Path) -> None:
    assert statuses(tmp_path, {}, {"event_time": at(us=1)}) == ["clean", "clean"]


def test_a_zone_is_half_open(tmp_path: Path) -> None:
    places = ["30,-98", "31,-98", "30,-97", "32,-98", "30.9999996,-97.0000006", "29.9999995,-97.5", "29.999999,-97.5"]
    sample = Sample(tmp_path, {"traffic_cameras": [{"location": place} for place in places]})
    zones = sample.column("int_traffic_cameras_received", "zone_id", "_kafka_offset")
    assert zones == ["z-a", "z-b", None, None, "z-b", "z-a", None]


def test_a_record_in_two_files_is_one_row_and_an_unfinished_batch_waits(tmp_path: Path) -> None:
    again = {"_kafka_offset": 0, "event_id": "a"}
    rows: list[dict[str, Any]] = [
        {**again, "_landed_at": at(0)},
        {**again, "_landed_at": at(60)},
        {"_landed_at": at(120)},
    ]
    batch = {
        "_kafka_topic": "weather",
        "_kafka_generation": "g-1",
        "_kafka_partition": 0,
        "first_offset": 0,
        "end_offset": 1,
        "row_count": 1,
        "dead_letter_count": 0,
        "_landed_at": at(60),
    }
    row = Sample(tmp_path, {"weather": rows}, batches=[batch]).row("int_weather_received")
    assert (row["event_id"], row["_landed_at"], row["row_status"]) == ("a", NOON, "clean")


def test_overlapping_zones_a_missing_constant_and_the_projects_own(tmp_path: Path) -> None:
    zones = [*SEEDS["zones"], {**SEEDS["zones"][0], "zone_id": "z-c", "min_latitude": 30.9}]
    with pytest.raises(ValueError, match=r"z-[abc] and z-[abc] overlap: correct zones\.csv"):
        Sample(tmp_path, {}, seeds={"zones": zones}).rows("int_weather_received")
    with pytest.raises(ValueError, match="Declare alert_rpm as a number"):
        Oracle(write_landing(tmp_path / "l", {}), write_seeds(tmp_path / "s"), {**CONSTANTS, "alert_rpm": None})
    project = tmp_path / "dbt_project.yml"
    project.write_text("name: p\nvars: {alert_rpm: 1, p: {alert_rpm: 2}}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Declare event_ahead_ms as a number"):
        read_constants(project)
    assert set(read_constants(Path("dbt_project/dbt_project.yml"))) == set(CONSTANTS)
