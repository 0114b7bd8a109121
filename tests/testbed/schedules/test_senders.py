"""What senders do wrong in a schedule, and files that appear late: each kind is there, and nothing else is touched."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from testbed.schedules.hidden import Hidden
from testbed.schedules.senders import FAR, FAST, SENSORS, wronged

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _record(topic: str, number: int) -> dict[str, Any]:
    time = START + timedelta(seconds=number)
    payload = {"event_id": f"{topic}-{number}", "event_time": time.isoformat(), "location": "30.5,-97.5"}
    value = b"{" if number % 50 == 0 else json.dumps(payload).encode()
    return {"timestamp": int(time.timestamp()) * 1_000_000, "key": b"%d" % (number % 20), "value": value}


RECORDS = {topic: [_record(topic, n) for n in range(7200)] for topic in (SENSORS, "vehicle-gps", "weather")}


def _said(row: dict[str, Any], name: str) -> str | None:
    return None if row["value"] == b"{" else str(json.loads(row["value"])[name])


def test_fast_clocks_silence_and_far_places_come_to_some_cities() -> None:
    fast, silent = [], []
    for seed in range(12):
        rows = wronged(RECORDS, random.Random(seed))
        assert rows == wronged(RECORDS, random.Random(seed))
        assert rows["weather"] == RECORDS["weather"]
        ahead = {
            row["key"]
            for row in rows[SENSORS]
            if (said := _said(row, "event_time"))
            and datetime.fromisoformat(said) == datetime.fromtimestamp(row["timestamp"] / 1e6, UTC) + FAST
        }
        fast.append(len(ahead))
        silent.append(len(RECORDS[SENSORS]) - len(rows[SENSORS]))
        far = [row for row in rows["vehicle-gps"] if _said(row, "location") in FAR]
        assert 30 < len(far) < 120
        assert len(rows["vehicle-gps"]) == len(RECORDS["vehicle-gps"])
    assert 0 in fast
    assert max(fast) > 1
    assert 0 in silent
    assert max(silent) > 1800


def test_a_file_with_rows_is_hidden_for_some_runs(tmp_path: Path) -> None:
    def written(name: str, rows: int) -> Path:
        file = tmp_path / "landing" / "raw" / "weather" / "landed_hour=08" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"x": list(range(rows))}), file)
        return file

    hidden, draw = Hidden(tmp_path / "landing", tmp_path / "aside"), random.Random(1)
    old = written("old.parquet", 2)
    with hidden.hiding("weather", 0, draw):
        shown = written("shown.parquet", 2)
    with hidden.hiding("weather", 2, draw):
        empty, late = written("empty.parquet", 0), written("late.parquet", 3)
    assert [file.exists() for file in (old, shown, empty, late)] == [True, True, True, False]
    assert (hidden.reveal(), late.exists()) == (0, False)
    assert (hidden.reveal(), late.exists()) == (1, True)
    with hidden.hiding("weather", 9, draw):
        later = written("later.parquet", 1)
    assert not later.exists()
    assert (hidden.reveal(all_of_them=True), later.exists()) == (1, True)
