"""Every mart of the oracle over one mixed landing: its columns, its keys and its times."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from testbed.oracle import KEYS, Oracle, assert_same_rows
from testbed.oracle.sample_landing import CONSTANTS, NOON, VALID, at, write_landing, write_seeds

NEARBY = (
    "weather_event_id weather_condition weather_temperature_c weather_precipitation_mm weather_age_ms"
    " incident_id incident_type incident_severity"
)
MINUTE = "sensor_id road_id zone_id minute_start event_hour"
SCORES = (
    "rolling_speed_kmh rolling_vehicle_count speed_z speed_effect_kmh speed_status occupancy_robust_z"
    " occupancy_effect_points occupancy_status occupancy_basis volume_robust_z volume_ratio volume_status volume_basis"
)
CAR = "event_id car_id event_time event_hour driver_id model_id brand model color_id color speed rpm gear expected_gear"
COLUMNS = {
    "int_sensor_minutes": f"{MINUTE} is_watched sample_count samples_due vehicle_count speed_milli_kmh"
    " occupancy_milli_pct",
    "int_sensor_minutes_scored": f"{MINUTE} sample_count samples_due vehicle_count speed_milli_kmh occupancy_milli_pct"
    f" {SCORES} is_speed_drop is_unexpected_congestion",
    "int_zone_condition_hours": "zone_id event_hour weather_condition minute_count vehicle_count speed_sum",
    "fct_vehicle_readings": "event_id vehicle_id event_time event_hour latitude longitude zone_id speed_kmh heading"
    f" make model year fuel_type trip_id route_id {NEARBY}",
    "fct_camera_observations": "event_id camera_id vehicle_id event_time event_hour latitude longitude zone_id"
    " snapshot_uri detected_vehicles reading_event_id reading_time reading_age_ms reading_latitude reading_longitude"
    " reading_speed_kmh reading_heading trip_id route_id",
    "fct_traffic_anomalies": f"{MINUTE} kind vehicle_count mean_speed_kmh mean_occupancy_pct {SCORES} {NEARBY}",
    "agg_traffic_road_hours": "road_id event_hour vehicle_count sample_count samples_due completeness_pct"
    " mean_speed_kmh p85_speed_kmh mean_occupancy_pct speed_ratio congestion_level",
    "agg_sensor_hours": "sensor_id event_hour road_id zone_id watched_minutes sample_count samples_due completeness_pct"
    " outage_minutes longest_outage_minutes last_sample_minute sensor_status",
    "fct_car_samples": CAR,
    "fct_car_alerts": f"{CAR} is_speeding is_wrong_gear is_high_rpm reasons",
    "agg_car_alerts_15min": "minute_start event_hour window_start window_end alert_count black_alert_count"
    " white_alert_count silver_alert_count black_car_count white_car_count silver_car_count car_count max_speed"
    " max_gear max_rpm",
    "fct_trips": "vehicle_id trip_id event_hour route_id origin_city destination_city vehicle_type origin_zone_id"
    " destination_zone_id last_zone_id departed_at last_seen_at arrived_at has_arrived duration_minutes planned_minutes"
    " delay_minutes distance_km progress_pct mean_speed_kmh stop_count stopped_minutes reading_count"
    " implausible_reading_count fix_count implausible_fix_count",
    "agg_route_hours": "route_id event_hour origin_city destination_city planned_minutes departure_count arrived_count"
    " mean_minutes p50_minutes p90_minutes p95_minutes mean_delay_minutes on_time_pct planning_time_index"
    " alternative_count route_rank",
    "agg_zone_demand_hours": "origin_zone_id destination_zone_id event_hour trip_count arrived_count vehicle_count"
    " bus_trip_count route_count mean_minutes mean_delay_minutes stop_count",
    "fct_emergency_incidents": "incident_id incident_type severity zone_id latitude longitude first_seen_at"
    " last_seen_at reported_at dispatched_at on_scene_at resolved_at response_minutes clearance_minutes is_open"
    " message_count vehicles_affected",
    "agg_environment_zone_hours": "zone_id event_hour observation_count station_count mean_temperature_c"
    " min_temperature_c max_temperature_c mean_humidity_pct mean_precipitation_mm mean_wind_speed_kmh"
    " max_wind_speed_kmh mean_air_quality_index max_air_quality_index main_condition",
    "agg_weather_impact_zone_hours": "zone_id event_hour weather_condition minute_count vehicle_count mean_speed_kmh"
    " normal_basis normal_minute_count normal_speed_kmh speed_change_kmh speed_change_pct",
    "audit_landing": "topic generation partition_id landing_hour first_offset end_offset offsets_landed row_count"
    " dead_letter_count offsets_without_record offsets_never_landed offsets_given_up clean_count duplicate_count"
    " invalid_count reused_id_count event_to_kafka_p50_ms event_to_kafka_p95_ms event_to_kafka_p99_ms"
    " kafka_to_landed_p50_ms kafka_to_landed_p95_ms kafka_to_landed_p99_ms",
    "audit_quarantine": "topic generation partition_id record_offset landing_hour event_id event_time event_hour"
    " invalid_reason invalid_field event_to_kafka_ms",
}


def mixed_rows(draw: random.Random) -> dict[str, list[dict[str, Any]]]:
    """About 300 rows of each topic in one day and two zones, with duplicates, invalid rows and late landings."""
    topics: dict[str, list[dict[str, Any]]] = {}
    for table in VALID:
        topics[table] = []
        for number in range(300):
            row: dict[str, Any] = {
                "event_id": f"e-{draw.randrange(280)}",
                "event_time": at(draw.randrange(600)),
                "_kafka_timestamp": at(draw.randrange(600, 640)),
                "_landed_at": at(640 + 60 * (number // 100)),
            }
            if table == "sensors_sample":
                row |= {"speed": draw.randrange(-5, 160), "rpm": draw.randrange(5000, 7000)}
            else:
                row["location"] = f"{draw.uniform(29.9, 32.0):.7f}, {draw.uniform(-98.0, -97.0):.6f}"
            if table == "vehicle_telemetry":
                row |= {"trip_id": f"t-{draw.randrange(40)}", "route_id": draw.choice(["r-1", "r-2", "unknown"])}
            if table == "traffic_sensors":
                row |= {"average_speed_kmh": draw.uniform(20, 80), "vehicle_count": draw.randrange(30)}
            if table == "emergency_incidents":
                row |= {"incident_id": f"i-{draw.randrange(30)}", "severity": draw.randrange(1, 6)}
                row["status"] = draw.choice(["reported", "dispatched", "on_scene", "resolved"])
            topics[table].append(row)
    return topics


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    folder = tmp_path_factory.mktemp("mixed")
    few = {"trailing_min_minutes": 3, "baseline_min_minutes": 5, "speed_drop_z": 1, "congestion_z": 1}
    oracle = Oracle(
        write_landing(folder, mixed_rows(random.Random(1))), write_seeds(folder / "seeds"), {**CONSTANTS, **few}
    )
    return {name: oracle.mart(name) for name in KEYS}


@pytest.mark.parametrize("name", KEYS)
def test_a_mart_has_rows_a_key_and_utc_times(marts: dict[str, pa.Table], name: str) -> None:
    table = marts[name]
    assert table.num_rows > 0
    assert_same_rows(name, table, table, KEYS[name])
    times = [field.type for field in table.schema if pa.types.is_timestamp(field.type)]
    assert times == [pa.timestamp("us", tz="UTC")] * len(times)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_mart_has_the_columns_of_the_definitions(marts: dict[str, pa.Table], name: str) -> None:
    assert sorted(marts[name].column_names) == sorted(COLUMNS[name].split())


def test_received_holds_each_raw_row_once(marts: dict[str, pa.Table]) -> None:
    for table in VALID:
        rows = marts[f"int_{table}_received"].to_pylist()
        assert len(rows) == 300
        clean = [(row["event_id"], row["event_time"]) for row in rows if row["row_status"] == "clean"]
        valid = {(row["event_id"], row["event_time"]) for row in rows if row["row_status"] != "invalid"}
        assert len(clean) == len(set(clean))
        assert set(clean) == valid


def test_the_audit_counts_what_the_marts_hold(marts: dict[str, pa.Table]) -> None:
    audit = marts["audit_landing"].to_pylist()
    counts = {name: sum(row[f"{name}_count"] for row in audit) for name in ("row", "clean", "duplicate", "invalid")}
    assert counts["row"] == 300 * len(VALID) == counts["clean"] + counts["duplicate"] + counts["invalid"]
    assert min(counts.values()) > 0
    vehicles = [row["clean_count"] for row in audit if row["topic"] == "vehicle-telemetry"]
    assert marts["fct_vehicle_readings"].num_rows == sum(vehicles)
    assert {row["landing_hour"] for row in audit} == {NOON + timedelta(hours=hour) for hour in (10, 11, 12)}


def test_the_windows_add_up_to_fifteen_times_the_alerts(marts: dict[str, pa.Table]) -> None:
    windows = marts["agg_car_alerts_15min"].to_pylist()
    assert sum(row["alert_count"] for row in windows) == 15 * marts["fct_car_alerts"].num_rows
