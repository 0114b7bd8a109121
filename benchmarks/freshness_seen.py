"""What a reader of the mart got, and when: by questions to the door, or by the commits of a Delta table."""

from __future__ import annotations

import bisect
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import psycopg2  # type: ignore[import-untyped]
import pyarrow.compute as pc
import pyarrow.parquet as pq

from testbed.warehouse.live import Live

MART = "fct_vehicle_readings"
_ASKED = f"select vehicle_id, epoch_ms(max(event_time)) from {MART} where event_time > {{}} group by 1"


@dataclass
class Seen:
    """What a reader got of each vehicle: at which times (epoch s) it had how much (epoch ms of the newest reading)."""

    at: dict[str, list[float]] = field(default_factory=dict)
    through: dict[str, list[int]] = field(default_factory=dict)
    asked: int = 0

    def add(self, now: float, newest: Sequence[tuple[str, int]]) -> None:
        """Note one answer."""
        self.asked += 1
        for vehicle, through in newest:
            if through > self.through.setdefault(vehicle, [0])[-1]:
                self.through[vehicle].append(through)
                self.at.setdefault(vehicle, [0.0]).append(now)

    def age(self, vehicle: str, event_ms: int) -> float | None:
        """Seconds from an event to the first answer that had it; None if none had."""
        through = self.through.get(vehicle, [])
        place = bisect.bisect_left(through, event_ms)
        return self.at[vehicle][place] - event_ms / 1000 if place < len(through) else None


def ask_door(up: Live, began: float, seconds: float) -> Seen:
    """Ask the door twice a second, from `began` (epoch s) on."""
    seen, question = Seen(), _ASKED.format(f"to_timestamp({began - 60:.0f})::timestamp")
    with contextlib.closing(psycopg2.connect(**up.login())) as connected, connected.cursor() as cursor:
        connected.autocommit = True
        while time.time() < began + seconds:
            assert up.process.poll() is None, up.said()[-2000:]
            cursor.execute(question)
            newest = cursor.fetchall()
            seen.add(time.time(), newest)
            time.sleep(0.5)
    return seen


def commits(warehouse: Path) -> Seen:
    """What each commit of the mart's Delta table below `warehouse` added, at the time at which its file was there.

    https://github.com/delta-io/delta/blob/master/PROTOCOL.md#delta-log-entries
    """
    seen, table = Seen(), warehouse / "junction.db" / MART
    for commit in sorted((table / "_delta_log").glob("*.json")):
        newest: dict[str, int] = {}
        for action in map(json.loads, commit.read_text().splitlines()):
            file = table / unquote(action["add"]["path"]) if "add" in action else None
            if file and file.exists():  # a table that is maintained loses its old files
                rows = pq.read_table(file, columns=["vehicle_id", "event_time"], partitioning=None)
                of_vehicles = rows.group_by("vehicle_id").aggregate([("event_time", "max")])
                times = pc.cast(of_vehicles["event_time_max"], "timestamp[ms]", safe=False).cast("int64").to_pylist()
                for vehicle, through in zip(of_vehicles["vehicle_id"].to_pylist(), times, strict=True):
                    newest[vehicle] = max(through, newest.get(vehicle, 0))
        seen.add(commit.stat().st_mtime, [*newest.items()])
    return seen
