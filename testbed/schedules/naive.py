"""Sections 3, 6 and 7 of docs/definitions.md once more, as plainly as their words: every pair is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from testbed.schedules.moments import STATUSES

Event = Mapping[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def epoch_ms(time: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (time - _EPOCH) // timedelta(milliseconds=1)


def latest_weather(weather: Iterable[Event], zone: str | None, time: datetime) -> tuple[str, int] | None:
    """The observation that counts at a time in a zone, and its age in ms."""
    before = [seen for seen in weather if zone is not None and seen["zone"] == zone and seen["event_time"] <= time]
    if not before:
        return None
    newest = max(seen["event_time"] for seen in before)
    age_ms = epoch_ms(time) - epoch_ms(newest)
    least = min(seen["event_id"] for seen in before if seen["event_time"] == newest)
    return (least, age_ms) if age_ms <= 3_600_000 else None


def in_force(messages: Iterable[Event], zone: str | None, time: datetime) -> list[Event]:
    """Of each incident that is in force in a zone at a time its latest message, the one that counts first."""
    latest: dict[str, Event] = {}
    for message in sorted(messages, key=lambda m: (m["event_time"], STATUSES.index(m["status"]), m["event_id"])):
        if message["event_time"] <= time:
            latest[message["incident_id"]] = message
    there = [
        message
        for message in latest.values()
        if message["status"] != "resolved"
        and time - message["event_time"] < timedelta(hours=6)
        and zone is not None
        and message["zone"] == zone
    ]
    return sorted(there, key=lambda m: (-m["severity"], _EPOCH - m["event_time"], m["incident_id"]))


def vehicles_affected(messages: list[Event], readings: Iterable[Event]) -> dict[str, int]:
    """Of each incident the distinct vehicles that were where and when it was in force."""
    affected: dict[str, set[str]] = {message["incident_id"]: set() for message in messages}
    for reading in readings:
        for message in in_force(messages, reading["zone"], reading["event_time"]):
            affected[message["incident_id"]].add(reading["vehicle_id"])
    return {incident: len(vehicles) for incident, vehicles in affected.items()}


def alert_windows(samples: Iterable[Event], colors: Mapping[str, str]) -> dict[datetime, dict[str, Any]]:
    """Of each minute whose window holds an alert what agg_car_alerts_15min says; `colors` by car."""
    alerts = [
        sample
        for sample in samples
        if sample["speed"] > 120 or sample["rpm"] > 6000 or (sample["speed"] + 15) // 30 != sample["gear"]
    ]
    around = {
        alert["event_time"].replace(second=0, microsecond=0) + shift * _MINUTE
        for alert in alerts
        for shift in range(-20, 21)
    }
    windows = {}
    for minute in around:
        inside = [alert for alert in alerts if minute - 14 * _MINUTE <= alert["event_time"] < minute + _MINUTE]
        if inside:
            windows[minute] = _counted(inside, colors)
    return windows


def _counted(alerts: list[Event], colors: Mapping[str, str]) -> dict[str, Any]:
    counts: dict[str, Any] = {"alert_count": len(alerts), "car_count": len({alert["car_id"] for alert in alerts})}
    for color in ("black", "white", "silver"):
        of_color = [alert["car_id"] for alert in alerts if colors.get(alert["car_id"], "").lower() == color]
        counts[f"{color}_alert_count"] = len(of_color)
        counts[f"{color}_car_count"] = len(set(of_color))
    for value in ("speed", "gear", "rpm"):
        counts[f"max_{value}"] = max(alert[value] for alert in alerts)
    return counts
