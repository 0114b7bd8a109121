"""What the oracle reads: raw Parquet files by the contract's columns, and the seeds' CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from contract.model import Column, Contract, Topic
from contract.reading import load_contract

_TEXT, _NUMBER = "varchar", "double"
_BOUNDS = ("min_latitude", "max_latitude", "min_longitude", "max_longitude")
SEEDS = {
    "zones": {"zone_id": _TEXT, **dict.fromkeys(_BOUNDS, _NUMBER)},
    "roads": {"road_id": _TEXT, "speed_limit_kmh": _NUMBER},
    "routes": {
        **dict.fromkeys(("route_id", "origin_city", "destination_city"), _TEXT),
        **dict.fromkeys(("distance_km", "free_flow_minutes", "destination_latitude", "destination_longitude"), _NUMBER),
    },
    "sensors": {
        "sensor_id": _TEXT,
        "road_id": _TEXT,
        "latitude": _NUMBER,
        "longitude": _NUMBER,
        "sample_interval_s": "bigint",
    },
    "cars": dict.fromkeys(("car_id", "driver_id", "model_id", "color_id"), _TEXT),
    "car_models": dict.fromkeys(("model_id", "brand", "model"), _TEXT),
    "car_colors": dict.fromkeys(("color_id", "color"), _TEXT),
}
_SQL_TYPES = {"binary": "blob"}


@cache
def project_contract() -> Contract:
    """The project's contract, read once: tests make many oracles."""
    return load_contract()


def load_seeds(db: duckdb.DuckDBPyConnection, seeds: Path) -> None:
    """Make a table `seed_<name>` of each seed. ValueError if zones overlap, since a point then has no one zone."""
    for name, columns in SEEDS.items():
        with (seeds / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            rows = [{column: value or None for column, value in row.items()} for row in csv.DictReader(file)]
        db.register("rows", pa.Table.from_pylist(rows))
        casts = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns.items())
        db.execute(f"create table seed_{name} as select {casts} from rows")
    overlap = db.execute(
        """
        select a.zone_id, b.zone_id from seed_zones a join seed_zones b
        on a.zone_id < b.zone_id and a.min_latitude < b.max_latitude and b.min_latitude < a.max_latitude
        and a.min_longitude < b.max_longitude and b.min_longitude < a.max_longitude
        """
    ).fetchone()
    if overlap:
        raise ValueError(f"Zones {overlap[0]} and {overlap[1]} overlap: correct zones.csv.")


def load_batches(db: duckdb.DuckDBPyConnection, landing: Path, contract: Contract) -> None:
    """Make the table `raw_landed_batches`, the landing's ledger."""
    _load(db, landing, "landed_batches", contract.landed_batches.columns, "raw_landed_batches")


def load_topic(db: duckdb.DuckDBPyConnection, landing: Path, contract: Contract, topic: Topic) -> None:
    """Make `raw_<table>`: each Kafka record once, as first landed, up to the topic's newest batch in the ledger.

    Texts have no trailing blanks there, and only U+0020 is one: DuckDB's rtrim of one argument takes others for such.
    """
    texts = [column for column in topic.columns if column.kind == "varchar" and column.name != "location"]
    trimmed = ", ".join(f"{_without_blanks(column)} as {column.name}" for column in texts)
    _load(db, landing, topic.table, (*topic.columns, *contract.landing_columns), f"files_{topic.table}")
    db.execute(
        f"""
        create table raw_{topic.table} as select * replace ({trimmed}) from files_{topic.table}
        where _landed_at <= (select max(_landed_at) from raw_landed_batches where _kafka_topic = '{topic.topic}')
        qualify row_number() over (
            partition by _kafka_topic, _kafka_generation, _kafka_partition, _kafka_offset order by _landed_at
        ) = 1
        """
    )
    db.execute(f"drop table files_{topic.table}")


def _without_blanks(column: Column) -> str:
    """Of an id that may be absent nothing is left if it is blank."""
    trimmed = f"rtrim({column.name}, ' ')"
    optional_id = column.name.endswith("_id") and not column.required
    return f"case when not is_blank({column.name}) then {trimmed} end" if optional_id else trimmed


def _load(db: duckdb.DuckDBPyConnection, landing: Path, table: str, columns: Iterable[Column], target: str) -> None:
    """A file that was landed under an older contract lacks the newer columns: they are NULL."""
    files = sorted(str(path) for path in (landing / "raw" / table).rglob("*.parquet"))
    if not files:
        fields = ", ".join(f"{column.name} {_sql_type(column)}" for column in columns)
        db.execute(f"create table {target} ({fields})")
        return
    source = "read_parquet($files, union_by_name = true, hive_partitioning = false)"
    found = {row[0] for row in db.execute(f"describe select * from {source}", {"files": files}).fetchall()}
    fields = ", ".join(f"{_as_contract(column, found)} as {column.name}" for column in columns)
    db.execute(f"create table {target} as select {fields} from {source}", {"files": files})


def _as_contract(column: Column, found: set[str]) -> str:
    if column.name not in found:
        return f"cast(null as {_sql_type(column)})"
    if column.kind == "timestamp":
        return f"make_timestamp(epoch_us({column.name}))"  # from any timestamp type, by the instant, in UTC
    return f"cast({column.name} as {_sql_type(column)})"


def _sql_type(column: Column) -> str:
    return _SQL_TYPES.get(column.kind, column.kind)
