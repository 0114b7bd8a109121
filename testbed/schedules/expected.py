"""What marts must say of events at exact times, in the shape in which their rows are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from testbed.schedules import naive
from testbed.schedules.moments import Events

# Of each mart its key, then what is compared.
COLUMNS = {
    "fct_vehicle_readings": ("event_id", "weather_event_id", "weather_age_ms", "incident_id", "incident_severity"),
    "fct_emergency_incidents": ("incident_id", "vehicles_affected"),
    "agg_car_alerts_15min": (
        *("minute_start", "alert_count", "car_count", "black_alert_count", "black_car_count", "white_alert_count"),
        *("white_car_count", "silver_alert_count", "silver_car_count", "max_speed", "max_gear", "max_rpm"),
    ),
}
Rows = dict[Any, tuple[Any, ...]]


def expected(events: Events, colors: Mapping[str, str]) -> dict[str, Rows]:
    """By mart and key the values that the definitions want; `colors` by car."""
    readings: Rows = {}
    for reading in events["vehicle_telemetry"]:
        zone, time = reading["zone"], reading["event_time"]
        weather = naive.latest_weather(events["weather"], zone, time) or (None, None)
        incidents = naive.in_force(events["emergency_incidents"], zone, time)
        first = (incidents[0]["incident_id"], incidents[0]["severity"]) if incidents else (None, None)
        readings[reading["event_id"]] = (*weather, *first)
    affected = naive.vehicles_affected(list(events["emergency_incidents"]), events["vehicle_telemetry"])
    windows = naive.alert_windows(events["sensors_sample"], colors)
    return {
        "fct_vehicle_readings": readings,
        "fct_emergency_incidents": {incident: (count,) for incident, count in affected.items()},
        "agg_car_alerts_15min": {
            minute: tuple(counts[column] for column in COLUMNS["agg_car_alerts_15min"][1:])
            for minute, counts in windows.items()
        },
    }


def found(mart: str, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """The same of a mart's rows; AssertionError if a key is there twice."""
    keys = [_utc(row[COLUMNS[mart][0]]) for row in rows]
    assert len(set(keys)) == len(keys), f"{mart} has a key twice"
    return {key: tuple(row[name] for name in COLUMNS[mart][1:]) for key, row in zip(keys, rows, strict=True)}


def _utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
