"""The constants of the samples: the values that docs/definitions.md names."""

from __future__ import annotations

from testbed.oracle import sample_trips

CONSTANTS = {
    "event_ahead_ms": 3_600_000,
    "event_behind_ms": 604_800_000,
    "weather_tolerance_ms": 3_600_000,
    "incident_longest_ms": 21_600_000,
    "watched_min_sensors": 2,
    "watched_min_share": 0.1,
    "watched_gap_hours": 72,
    "baseline_hours": 24,
    "season_weeks": 4,
    "season_min_minutes": 135,
    "minute_min_vehicles": 5,
    "trailing_min_minutes": 20,
    "baseline_min_minutes": 45,
    "speed_drop_z": 3,
    "speed_drop_min_kmh": 12,
    "congestion_z": 4,
    "congestion_min_points": 15,
    "congestion_min_volume_ratio": 3,
    "congestion_min_vehicles": 20,
    **sample_trips.CONSTANTS,
    "free_flow_ratio": 0.8,
    "moderate_ratio": 0.6,
    "heavy_ratio": 0.4,
    "camera_tolerance_ms": 5000,
    "sensor_complete_pct": 95,
    "clear_normal_days": 7,
    "clear_normal_min_minutes": 30,
    "alert_speed_kmh": 120,
    "alert_rpm": 6000,
}
