"""A warehouse for a test: dbt in a warm Spark session over a landing folder, and its tables as Arrow."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from dbt.cli.main import dbtRunner, dbtRunnerResult
from pyspark.sql import SparkSession

from local import paths, spark

# The tables that the oracle computes too, with their keys.
RECEIVED_KEY = ["_kafka_topic", "_kafka_generation", "_kafka_partition", "_kafka_offset"]
KEYS: dict[str, list[str]] = {
    "int_vehicle_telemetry_received": RECEIVED_KEY,
    "int_vehicle_gps_received": RECEIVED_KEY,
    "int_traffic_sensors_received": RECEIVED_KEY,
    "int_traffic_cameras_received": RECEIVED_KEY,
    "int_weather_received": RECEIVED_KEY,
    "int_emergency_incidents_received": RECEIVED_KEY,
    "int_sensors_sample_received": RECEIVED_KEY,
    "int_sensor_minutes": ["sensor_id", "minute_start"],
    "int_sensor_minutes_scored": ["sensor_id", "minute_start"],
    "fct_vehicle_readings": ["event_id", "event_time"],
    "fct_traffic_anomalies": ["sensor_id", "minute_start"],
    "agg_traffic_road_hours": ["road_id", "event_hour"],
    "fct_car_samples": ["event_id", "event_time"],
    "fct_car_alerts": ["event_id", "event_time"],
    "agg_car_alerts_15min": ["minute_start"],
    "fct_emergency_incidents": ["incident_id"],
    "audit_landing": ["topic", "generation", "partition_id", "landing_hour"],
}


class Warehouse:
    """The project built by dbt in `session`, from `landing`; all of its state lives below `folder`."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self.session = session
        self.folder = folder
        self.landing = folder / "landing"

    def dbt(self, *arguments: str) -> dbtRunnerResult:
        """Run one dbt command; its success is the caller's to judge."""
        return dbtRunner().invoke([
            "--quiet", *arguments, "--project-dir", str(paths.PROJECT), "--profiles-dir", str(paths.PROFILES),
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ])  # fmt: skip

    def build(self, *arguments: str) -> None:
        """`dbt …`, or an AssertionError that tells what failed."""
        outcome = self.dbt(*arguments)
        assert outcome.success, failures(outcome)

    def table(self, name: str) -> pa.Table:
        """All rows of a model, times in UTC to the microsecond."""
        return self.session.table(f"junction.{name}").toArrow()


def failures(outcome: dbtRunnerResult) -> str:
    """What went wrong in a dbt command, a line for each node."""
    if outcome.exception:
        return str(outcome.exception)
    results: Sequence = getattr(outcome.result, "results", [])
    return "\n".join(f"{r.node.name}: {r.message}" for r in results if r.status in ("error", "fail"))


@contextlib.contextmanager
def warehouse(folder: Path) -> Iterator[Warehouse]:
    """A warehouse of its own below `folder`, with a Spark session that ends with it."""
    before = {name: os.environ.get(name) for name in ("JUNCTION_VAR", "JUNCTION_LANDING", "JUNCTION_JARS")}
    os.environ.pop("JUNCTION_LANDING", None)
    paths.use(folder)
    try:
        with spark.session() as session:
            yield Warehouse(session, folder)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
