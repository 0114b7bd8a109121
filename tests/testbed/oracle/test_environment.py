"""The oracle's environment of a zone-hour, on a case computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from testbed.oracle.sample_landing import Sample, at


def observed(minutes: float, temperature_c: float, condition: str, **more: Any) -> dict[str, Any]:
    return {"event_time": at(minutes), "temperature_c": temperature_c, "condition": condition, **more}


def test_a_zone_hour_averages_its_observations_and_names_its_main_condition(tmp_path: Path) -> None:
    rows = [
        observed(0, -0.001, "rain", air_quality_index=40, station_id="w-1"),
        observed(10, -0.002, "clear", air_quality_index=41, station_id="w-1"),  # -1.5 milli goes up, to -0.001
        observed(60, 20.0, "snow", station_id="w-1"),
        observed(70, 21.0, "fog", station_id="w-2"),
        observed(80, 23.0, "snow", station_id="w-2"),
        observed(90, 40.0, "snow", location="-45.0,10.0"),  # in no zone
        observed(95, 61.0, "snow"),  # invalid
    ]
    hours = Sample(tmp_path, {"weather": rows}).rows("agg_environment_zone_hours", "event_hour")
    columns = ("observation_count", "station_count", "mean_temperature_c", "min_temperature_c", "main_condition")
    assert [tuple(hour[column] for column in columns) for hour in hours] == [
        (2, 1, -0.001, -0.002, "clear"),  # as many say rain: the alphabet decides
        (3, 2, 21.333, 20.0, "snow"),
    ]
    assert hours[0]["mean_air_quality_index"] == 40.5
