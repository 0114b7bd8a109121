"""The truth: what the simulator did, one JSON line each, so that tests can measure precision and recall."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any, TextIO

from simulator.causes import Causes, Incident, SensorFault
from simulator.city import Sensor
from simulator.traffic import effects

# The minimum effects of docs/definitions.md, section 4 (vars of dbt_project.yml).
SPEED_DROP_MIN_KMH = 12
CONGESTION_MIN_POINTS = 15
CONGESTION_MIN_VOLUME_RATIO = 3
CONGESTION_MIN_VEHICLES = 20


def iso(epoch_ms: int) -> str:
    """A time as it stands in the payloads: UTC with milliseconds."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{epoch_ms % 1000:03d}Z"


class Truth:
    """Writes the lines of a run, or only counts them if there is no file."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file
        self.counts: Counter[str] = Counter()

    def write(self, kind: str, **facts: Any) -> None:
        """Write one line."""
        self.counts[kind] += 1
        if self._file:
            self._file.write(json.dumps({"kind": kind, **facts}, separators=(",", ":")) + "\n")

    def write_causes(self, causes: Causes, sensors: tuple[Sensor, ...], car_ids: list[str], end_minute: int) -> None:
        """Write what happened before `end_minute` (since 1970); a span that goes on then ends there."""
        for incident in causes.incidents:
            if incident.begin < end_minute:
                piece = incident.piece
                facts = {"incident_id": incident.incident_id, "road_id": piece.road.road_id, "zone_id": piece.zone_id}
                self.write("incident", **facts, **_span(incident.begin, incident.end, end_minute))
                for sensor in sensors:
                    if sensor.piece is piece:
                        self._episodes(incident, sensor, "incident", end_minute)
        for fault in causes.heavy_rain + causes.faults:
            if fault.begin >= end_minute:
                continue
            if fault.way == "outage":
                self.write("outage", sensor_id=fault.sensor.sensor_id, **_span(fault.begin, fault.end, end_minute))
            else:
                cause = "heavy_rain" if fault.way == "heavy_rain" else "sensor_fault"
                self._episodes(fault, fault.sensor, cause, end_minute)
        for gear in causes.gear_faults:
            if gear.begin < end_minute:
                span = _span(gear.begin, gear.end, end_minute)
                self.write("gear_fault", vehicle_id=car_ids[gear.vehicle], gear_shift=gear.shift, **span)

    def _episodes(self, cause: Incident | SensorFault, sensor: Sensor, name: str, end_minute: int) -> None:
        for metric, (effect, vehicles) in effects(cause, sensor).items():
            if _is_episode(metric, effect, vehicles):
                span = _span(cause.begin, cause.end, end_minute)
                facts = {"sensor_id": sensor.sensor_id, "cause": name, "effect": round(effect, 3)}
                self.write("episode", metric=metric, **facts, **span)


def _is_episode(metric: str, effect: float, vehicles: float) -> bool:
    if metric == "speed":
        return effect <= -SPEED_DROP_MIN_KMH
    if metric == "occupancy":
        return effect >= CONGESTION_MIN_POINTS
    return effect >= CONGESTION_MIN_VOLUME_RATIO and vehicles >= CONGESTION_MIN_VEHICLES


def _span(begin: int, end: int, end_minute: int) -> dict[str, str]:
    return {"from": iso(begin * 60_000), "to": iso(min(end, end_minute) * 60_000)}
