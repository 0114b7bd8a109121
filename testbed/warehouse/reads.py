"""A reader of the door: says that it is connected, reads until a file is there, checks each answer, prints all.

`python -m testbed.warehouse.reads PORT PASSWORD STOP`. `Reads.java` is the same through JDBC.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]

# Of an hourly table (not of a fact) a run replaces an hour's rows together: all of them have its _built_ms.
MARTS = ("fct_vehicle_readings", "fct_car_samples", "agg_traffic_road_hours", "agg_car_alerts_15min")
QUESTION = (
    "select count(*), coalesce(max(_built_ms), 0), (select coalesce(max(runs), 0) from"
    " (select count(distinct _built_ms) as runs from {mart} group by event_hour)) from {mart}"
)


def main() -> None:
    """Read; any error, any hour of two runs and any row that vanishes ends it with a message."""
    port, password, stop = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    connection = psycopg2.connect(host="127.0.0.1", port=port, user="reader", password=password, dbname="warehouse")
    connection.autocommit = True
    cursor, reads = connection.cursor(), 0
    seen: dict[str, dict[str, int]] = {mart: {} for mart in MARTS}
    print("connected", flush=True)
    while not stop.exists():
        for mart in MARTS:
            cursor.execute(QUESTION.format(mart=mart))
            rows, built, runs = cursor.fetchone()
            reads += 1
            if runs > 1 and not mart.startswith("fct_"):
                sys.exit(f"{mart}: an hour has rows of {runs} runs")
            if rows < max(seen[mart].values(), default=0):
                sys.exit(f"{mart}: {rows} rows after {max(seen[mart].values())}")
            if seen[mart].setdefault(str(built), rows) != rows:
                sys.exit(f"{mart}: {rows} rows and {seen[mart][str(built)]} of the same run")
    print(json.dumps({"by": "psycopg2", "reads": reads, "seen": seen}))


if __name__ == "__main__":
    main()
