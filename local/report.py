"""What the demo shows of the finished warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local import build, paths, warehouse
from local.warehouse import Query

_TOP = 5
_DOORS = {
    "duckdb": "make serve, then PostgreSQL on 127.0.0.1:5433 for psql, DBeaver and others (docs/serving.md);\n"
    "            or in a notebook duckdb.connect('{file}', read_only=True), schema junction",
    "spark": "make thrift, then jdbc:hive2://127.0.0.1:10000/junction in DBeaver or another BI tool",
}


def marts(manifest: dict[str, Any]) -> dict[str, str]:
    """The models below models/marts: name → relation, in order of name."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    found = {node["name"]: node["relation_name"] for node in nodes if Path(node["path"]).parts[0] == "marts"}
    return dict(sorted(found.items()))


def show(query: Query) -> None:
    """Print each mart with its number of rows, then the largest anomalies and the latest alerts."""
    relations = marts(build.manifest())
    width = max(map(len, relations), default=0)
    print(f"\n{'mart':{width}}  {'rows':>10}")
    for name, relation in relations.items():
        _, ((count,),) = query(f"select count(*) from {relation}")
        print(f"{name:{width}}  {count:10}")
    # An anomaly counts by the z score that speaks loudest.
    anomalies = relations["fct_traffic_anomalies"]
    scores = [f"abs(coalesce({score}, 0))" for score in ("speed_z", "occupancy_robust_z", "volume_robust_z")]
    _rows(
        query,
        f"The {_TOP} largest anomalies",
        f"select minute_start, sensor_id, road_id, kind, round(greatest({', '.join(scores)}), 1) as abs_z, speed_z, "
        f"occupancy_robust_z, volume_robust_z from {anomalies} order by abs_z desc limit {_TOP}",
    )
    _rows(
        query,
        f"The {_TOP} fastest of the cars that raised an alert",
        "select event_time, car_id, speed, rpm, gear, reasons from "
        f"(select *, row_number() over (partition by car_id order by speed desc, event_time) as nth "
        f"from {relations['fct_car_alerts']}) where nth = 1 order by speed desc, car_id limit {_TOP}",
    )


def where_next() -> None:
    """Print where the docs site, the raw files and the warehouse are."""
    raw = f"{paths.landing()}/raw"
    print(
        f"\nDocs site   {build.DOCS_SITE}\n"
        f"Warehouse   {_DOORS[paths.engine()].format(file=paths.var() / warehouse.FILE)}\n"
        "            cd dbt_project && ../.venv/bin/dbt show --inline 'select * from {{ ref(\"audit_landing\") }}' "
        "--profiles-dir ../profiles\n"
        f"Raw files   {raw}, for instance in DuckDB:\n"
        f"            select * from read_parquet('{raw}/weather/**/*.parquet', hive_partitioning = true) limit 10\n"
        f"Truth       {paths.var() / 'truth.jsonl'}: what the simulator did to the city and to the records"
    )


def _rows(query: Query, title: str, sql: str) -> None:
    columns, rows = query(sql)
    table = [columns, *([_text(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(columns))]
    print(f"\n{title}")
    for row in table:
        print("  ".join(f"{value:{width}}" for value, width in zip(row, widths, strict=True)).rstrip())


def _text(value: object) -> str:
    return "" if value is None else str(value)
