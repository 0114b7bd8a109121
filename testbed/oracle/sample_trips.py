"""What the samples of trips stand on: two routes from 'here' to 'there', and the constants of definitions.md."""

from __future__ import annotations

from typing import Any

_END = {"destination_latitude": 31.5, "destination_longitude": -97.5}
_BETWEEN = {"origin_city": "here", "destination_city": "there", **_END}
ROUTES: list[dict[str, Any]] = [
    {"route_id": "r-1", "distance_km": 100.5, "free_flow_minutes": 60.5, **_BETWEEN},
    {"route_id": "r-2", "distance_km": 120, "free_flow_minutes": 90, **_BETWEEN},
]
CONSTANTS = {
    "trip_longest_hours": 6,
    "track_max_accuracy_m": 50,
    "track_max_speed_kmh": 250,
    "stop_max_kmh": 1,
    "stop_min_ms": 60_000,
    "arrival_radius_m": 500,
    "on_time_ratio": 1.2,
    "planning_min_trips": 20,
}
