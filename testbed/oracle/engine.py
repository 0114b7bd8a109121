"""Runs the oracle's steps in DuckDB, each at most once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

import duckdb
import pyarrow as pa
import yaml

from contract.place import PROJECT_DIR
from testbed.oracle import (
    audit,
    cameras,
    cars,
    emergency,
    environment,
    nearby,
    scores,
    sensor_hours,
    sensor_minutes,
    tracks,
    trips,
    vehicles,
    weather_impact,
)
from testbed.oracle.inputs import load_batches, load_seeds, load_topic, project_contract
from testbed.oracle.received import received_step
from testbed.oracle.step import MACROS, Step

CONSTANTS = (
    *("event_ahead_ms", "event_behind_ms", "weather_tolerance_ms", "incident_longest_ms"),
    *("baseline_hours", "minute_min_vehicles", "trailing_min_minutes", "baseline_min_minutes"),
    *("watched_min_sensors", "watched_min_share", "watched_gap_hours", "season_weeks", "season_min_minutes"),
    *("speed_drop_z", "speed_drop_min_kmh"),
    *("congestion_z", "congestion_min_points", "congestion_min_volume_ratio", "congestion_min_vehicles"),
    *("trip_longest_hours", "track_max_accuracy_m", "track_max_speed_kmh", "stop_max_kmh", "stop_min_ms"),
    *("arrival_radius_m", "on_time_ratio", "planning_min_trips"),
    *("free_flow_ratio", "moderate_ratio", "heavy_ratio", "alert_speed_kmh", "alert_rpm"),
    *("camera_tolerance_ms", "sensor_complete_pct", "clear_normal_days", "clear_normal_min_minutes"),
)


# What the oracle computes for comparison, and the columns that name one of its rows.
_RECORD = ("_kafka_topic", "_kafka_generation", "_kafka_partition", "_kafka_offset")
KEYS: dict[str, tuple[str, ...]] = {
    **{f"int_{table}_received": _RECORD for table in audit.TABLES},
    "int_sensor_minutes": ("sensor_id", "minute_start"),
    "int_sensor_minutes_scored": ("sensor_id", "minute_start"),
    "int_zone_condition_hours": ("zone_id", "event_hour", "weather_condition"),
    "fct_vehicle_readings": ("event_id", "event_time"),
    "fct_camera_observations": ("event_id", "event_time"),
    "fct_traffic_anomalies": ("sensor_id", "minute_start"),
    "agg_traffic_road_hours": ("road_id", "event_hour"),
    "agg_sensor_hours": ("sensor_id", "event_hour"),
    "fct_car_samples": ("event_id", "event_time"),
    "fct_car_alerts": ("event_id", "event_time"),
    "agg_car_alerts_15min": ("minute_start",),
    "fct_trips": ("vehicle_id", "trip_id", "event_hour"),
    "agg_route_hours": ("route_id", "event_hour"),
    "agg_zone_demand_hours": ("origin_zone_id", "destination_zone_id", "event_hour"),
    "fct_emergency_incidents": ("incident_id",),
    "agg_environment_zone_hours": ("zone_id", "event_hour"),
    "agg_weather_impact_zone_hours": ("zone_id", "event_hour", "weather_condition"),
    "audit_landing": ("topic", "generation", "partition_id", "landing_hour"),
    "audit_quarantine": ("topic", "generation", "partition_id", "record_offset"),
}


def read_constants(project_file: Path) -> dict[str, float]:
    """Read the constants of docs/definitions.md from the vars of a `dbt_project.yml`.

    Vars may stand at the top or under the project's name. Raises ValueError if one is missing or is no number.
    """
    project = yaml.safe_load(project_file.read_text(encoding="utf-8"))
    declared = project.get("vars") or {}
    return _check_constants({**declared, **(declared.get(project.get("name")) or {})})


def _check_constants(constants: Mapping[str, object]) -> dict[str, float]:
    checked: dict[str, float] = {}
    for name in CONSTANTS:
        value = constants.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(f"Declare {name} as a number under vars in dbt_project.yml; it is {value!r}.")
        checked[name] = value
    return checked


class Oracle:
    """The marts and intermediates of docs/definitions.md, computed from raw Parquet and the seeds' CSV files.

    landing: the folder that holds `raw/<table>/**/*.parquet`. seeds: the folder of the CSV files. constants: the vars
    of dbt_project.yml; ValueError if one is missing. Nothing is read before the first mart is asked for.
    """

    def __init__(self, landing: Path, seeds: Path, constants: Mapping[str, object]) -> None:
        self._constants = _check_constants(constants)
        self._landing = landing
        self._seeds = seeds
        self._contract = project_contract()
        self._db = duckdb.connect(config={"threads": 1})  # a second one costs more than it gives over so few rows
        self._db.execute("set TimeZone = 'UTC'")
        self._db.execute(MACROS)
        self._steps: dict[str, Step] = {
            f"int_{topic.table}_received": received_step(topic) for topic in self._contract.topics
        }
        for module in (
            nearby,
            sensor_minutes,
            sensor_hours,
            scores,
            vehicles,
            tracks,
            trips,
            cameras,
            cars,
            emergency,
            environment,
            weather_impact,
            audit,
        ):
            self._steps.update(module.STEPS)
        self._steps["audit_quarantine"] = audit.quarantine_step(self._contract)
        self._built: set[str] = set()

    def give(self, name: str, rows: pa.Table) -> None:
        """Take `rows` as that mart or intermediate. What is asked for then must need no seed and no raw table."""
        self._db.register("given", rows)
        self._db.execute(f"create table {name} as select * from given")
        self._built.add(name)

    def mart(self, name: str) -> pa.Table:
        """All rows of a mart or intermediate, in no order; times are timestamp[us, tz=UTC]. KeyError if unknown."""
        self._build(name)
        table: pa.Table = self._db.sql(f"select * from {name}").to_arrow_table()
        fields = [
            pa.field(field.name, pa.timestamp("us", tz="UTC") if pa.types.is_timestamp(field.type) else field.type)
            for field in table.schema
        ]
        return table.cast(pa.schema(fields))

    def _build(self, name: str) -> None:
        if not self._built:
            load_seeds(self._db, self._seeds)
            load_batches(self._db, self._landing, self._contract)
            self._built.add("seeds")
        if name in self._built:
            return
        step = self._steps[name]
        for need in step.needs:
            self._build(need)
        for topic in self._contract.topics:
            if name == f"int_{topic.table}_received":
                load_topic(self._db, self._landing, self._contract, topic)
        self._db.execute(f"create table {name} as {Template(step.sql).substitute(self._constants)}")
        self._built.add(name)


def project_oracle(landing: Path, project: Path = PROJECT_DIR) -> Oracle:
    """The oracle over a landing, with the seeds and the constants of a dbt project."""
    return Oracle(landing, project / "seeds", read_constants(project / "dbt_project.yml"))
