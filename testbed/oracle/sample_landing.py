"""Writes small landings and seeds for tests: each row states only what its case is about."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from contract.model import Column
from testbed.oracle import sample_trips
from testbed.oracle.engine import Oracle
from testbed.oracle.inputs import project_contract
from testbed.oracle.sample_constants import CONSTANTS as CONSTANTS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Rows = Mapping[str, Sequence[Any]]  # dicts of column values, by topic table

# A valid row of each topic. Event time, Kafka timestamp and landing time are NOON unless a row says otherwise.
VALID: dict[str, dict[str, Any]] = {
    "vehicle_telemetry": {
        "vehicle_id": "car-0001",
        "location": "30.5,-97.5",
        "speed_kmh": 50.0,
        "heading": 0.0,
        "make": "Ford",
        "model": "Focus",
        "year": 2021,
        "fuel_type": "petrol",
        "trip_id": None,
        "route_id": None,
    },
    "vehicle_gps": {
        "vehicle_id": "car-0001",
        "location": "30.5,-97.5",
        "speed_kmh": 50.0,
        "heading": 0.0,
        "vehicle_type": "car",
        "accuracy_m": 5.0,
    },
    "traffic_sensors": {
        "sensor_id": "s-1",
        "road_id": "road-1",
        "location": "30.5,-97.5",
        "vehicle_count": 10,
        "average_speed_kmh": 60.0,
        "occupancy_pct": 10.0,
    },
    "weather": {
        "station_id": "w-1",
        "location": "30.5,-97.5",
        "temperature_c": 20.0,
        "condition": "clear",
        "precipitation_mm": 0.0,
        "wind_speed_kmh": 5.0,
        "humidity_pct": 40.0,
        "air_quality_index": 30,
    },
    "emergency_incidents": {
        "incident_id": "i-1",
        "incident_type": "accident",
        "location": "30.5,-97.5",
        "status": "reported",
        "severity": 3,
        "description": None,
    },
    "traffic_cameras": {
        "camera_id": "c-1",
        "vehicle_id": "car-0001",
        "location": "30.5,-97.5",
        "snapshot_uri": "s3://x/1.jpg",
        "detected_vehicles": 1,
    },
    "sensors_sample": {"car_id": "car-0001", "speed": 60, "rpm": 2000, "gear": 2},
}

SEEDS: dict[str, list[dict[str, Any]]] = {
    "zones": [
        {"zone_id": "z-a", "min_latitude": 30, "max_latitude": 31, "min_longitude": -98, "max_longitude": -97},
        {"zone_id": "z-b", "min_latitude": 31, "max_latitude": 32, "min_longitude": -98, "max_longitude": -97},
    ],
    "roads": [{"road_id": "road-1", "speed_limit_kmh": 100}, {"road_id": "road-2", "speed_limit_kmh": 50}],
    "routes": sample_trips.ROUTES,
    "sensors": [
        {"sensor_id": "s-1", "road_id": "road-1", "latitude": 30.5, "longitude": -97.5, "sample_interval_s": 20}
    ],
    "cars": [{"car_id": "car-0001", "driver_id": "d-1", "model_id": "m-1", "color_id": "k-1"}],
    "car_models": [{"model_id": "m-1", "brand": "Ford", "model": "Focus"}],
    "car_colors": [{"color_id": "k-1", "color": "Black"}],
}

_ARROW = {
    "varchar": pa.string(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "double": pa.float64(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
}


def at(minutes: float = 0, *, ms: float = 0, us: int = 0) -> datetime:
    """NOON and so much later, in UTC."""
    return NOON + timedelta(minutes=minutes, milliseconds=ms, microseconds=us)


def write_seeds(folder: Path, **changed: list[dict[str, Any]]) -> Path:
    """Write SEEDS as CSV files, with the tables in `changed` instead of theirs, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**SEEDS, **changed}.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_landing(folder: Path, topics: Rows, batches: Sequence[Mapping[str, Any]] | None = None) -> Path:
    """Write rows to `raw/<table>` and the ledger, one batch per topic, partition and landing time; return the folder.

    Rows get offsets in their order and event ids of their own where they have none. `batches` replaces the ledger.
    """
    contract = project_contract()
    ledger: list[Mapping[str, Any]] = []
    for topic in contract.topics:
        rows = [
            _complete(topic.table, topic.topic, number, row) for number, row in enumerate(topics.get(topic.table, ()))
        ]
        _write(folder, topic.table, (*topic.columns, *contract.landing_columns), rows)
        ledger += _ledger(rows)
    _write(folder, "landed_batches", contract.landed_batches.columns, ledger if batches is None else batches)
    return folder


class Sample:
    """The oracle over a small landing: `rows` by topic table, CONSTANTS but for `constants`, SEEDS but for `seeds`."""

    def __init__(
        self,
        folder: Path,
        rows: Rows,
        *,
        constants: Mapping[str, float] | None = None,
        seeds: dict[str, list[dict[str, Any]]] | None = None,
        batches: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        landing = write_landing(folder / "landing", rows, batches)
        self._oracle = Oracle(
            landing, write_seeds(folder / "seeds", **(seeds or {})), {**CONSTANTS, **(constants or {})}
        )

    def rows(self, mart: str, *order: str) -> list[dict[str, Any]]:
        """The rows of a mart as dicts, ordered by the columns `order`."""
        rows: list[dict[str, Any]] = self._oracle.mart(mart).to_pylist()
        return sorted(rows, key=lambda row: [row[column] for column in order])

    def column(self, mart: str, column: str, *order: str) -> list[Any]:
        """One column of a mart, its rows ordered by the columns `order`."""
        return [row[column] for row in self.rows(mart, *order)]

    def row(self, mart: str) -> dict[str, Any]:
        """The only row of a mart."""
        (row,) = self.rows(mart)
        return row


def _complete(table: str, topic: str, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    event_time = row.get("event_time", NOON)
    return {
        "event_id": f"e-{number:06d}",
        "event_time": event_time,
        **VALID[table],
        "_rescued": None,
        "_kafka_topic": topic,
        "_kafka_generation": "g-1",
        "_kafka_partition": 0,
        "_kafka_offset": number,
        "_kafka_timestamp": event_time,
        "_landed_at": NOON,
        **row,
    }


def _ledger(rows: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    batches = defaultdict(list)
    for row in rows:
        names = ("_kafka_topic", "_kafka_generation", "_kafka_partition", "_landed_at")
        batches[tuple(row[name] for name in names)].append(row["_kafka_offset"])
    return [
        {
            "_kafka_topic": topic,
            "_kafka_generation": generation,
            "_kafka_partition": partition,
            "first_offset": min(offsets),
            "end_offset": max(offsets) + 1,
            "row_count": len(offsets),
            "dead_letter_count": 0,
            "_landed_at": landed_at,
        }
        for (topic, generation, partition, landed_at), offsets in batches.items()
    ]


def _write(folder: Path, table: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> None:
    schema = pa.schema([pa.field(column.name, _ARROW[column.kind]) for column in columns])
    hours = defaultdict(list)
    for row in rows:
        unknown = set(row) - set(schema.names)
        if unknown:
            raise ValueError(f"Take {sorted(unknown)} out of the row: {table} has no such columns.")
        hours[row["_landed_at"].astimezone(UTC).strftime("landed_date=%Y-%m-%d/landed_hour=%H")].append(dict(row))
    for hour, members in hours.items():
        target = folder / "raw" / table / hour
        target.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(members, schema), target / "rows.parquet")
