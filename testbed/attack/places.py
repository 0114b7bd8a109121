"""Kinds of hostile input: places, and values beside each bound of the row rules."""

from __future__ import annotations

import csv
import math
from functools import cache
from typing import Any

from contract.place import PROJECT_DIR
from testbed.attack.case import Maker, Sent

_LOCATED = ("vehicle_telemetry", "vehicle_gps", "traffic_sensors", "weather", "emergency_incidents", "traffic_cameras")
_WHOLE = {
    ("sensors_sample", "speed"): (0, 200, "speed"),
    ("sensors_sample", "rpm"): (0, 8000, "rpm"),
    ("sensors_sample", "gear"): (1, 7, "gear"),
    ("vehicle_telemetry", "year"): (1950, 2100, "year"),
    ("traffic_sensors", "vehicle_count"): (0, 1000, "vehicle_count"),
    ("emergency_incidents", "severity"): (1, 5, "severity"),
    ("weather", "air_quality_index"): (0, 500, "air_quality_index"),
    ("traffic_cameras", "detected_vehicles"): (0, 1000, "detected_vehicles"),
}
_DOUBLE = {
    ("vehicle_telemetry", "speed_kmh"): (0, 250, "speed"),
    ("vehicle_gps", "speed_kmh"): (0, 250, "speed"),
    ("vehicle_gps", "accuracy_m"): (0, 10_000, "accuracy"),
    ("traffic_sensors", "average_speed_kmh"): (0, 250, "average_speed"),
    ("traffic_sensors", "occupancy_pct"): (0, 100, "occupancy"),
    ("weather", "temperature_c"): (-60, 60, "temperature"),
    ("weather", "precipitation_mm"): (0, 500, "precipitation"),
    ("weather", "wind_speed_kmh"): (0, 400, "wind_speed"),
    ("weather", "humidity_pct"): (0, 100, "humidity"),
}


def thresholds(make: Maker) -> list[Sent]:
    """Each bound of a row rule: on it, and one number beside it."""
    sent = []
    for (table, name), (low, high, stem) in make.some([*_WHOLE.items()], 3):
        for number in (low - 1, low, high, high + 1):
            reason = None if low <= number <= high else f"{stem}_out_of_range"
            sent.append(make.fits(table, invalid=reason, **{name: number}))
    for (table, name), (low, high, stem) in make.some([*_DOUBLE.items()], 3):
        ends: list[Any] = [math.nextafter(low, -math.inf), float(low), float(high), math.nextafter(high, math.inf)]
        for value in ends:
            reason = None if low <= value <= high else f"{stem}_out_of_range"
            sent.append(make.fits(table, invalid=reason, **{name: value}))
    for heading in (math.nextafter(0, -1), 0.0, math.nextafter(360, 0), 360.0):
        reason = None if 0 <= heading < 360 else "heading_out_of_range"
        sent.append(make.fits("vehicle_gps", heading=heading, invalid=reason))
    return sent


def poles(make: Maker) -> list[Sent]:
    """The poles, the antimeridian and the null island, exactly and beside them, as texts of many spellings."""
    sent = []
    for _ in range(10):
        latitude = make.draw.choice([90.0, -90.0, math.nextafter(90, 91), math.nextafter(-90, 0), 0.0, -0.0, 90.000001])
        longitude = make.draw.choice([180.0, -180.0, math.nextafter(180, 181), math.nextafter(-180, 0), 0.0, 180.5])
        reason = None if abs(latitude) <= 90 else "latitude_out_of_range"
        reason = reason or (None if abs(longitude) <= 180 else "longitude_out_of_range")
        texts = [make.draw.choice([repr(x), f"{x:.20f}", f"{x:.17e}"]) for x in (latitude, longitude)]
        location = (", " if make.draw.random() < 0.3 else ",").join(texts)
        if len(location) <= 64:
            sent.append(make.fits(make.draw.choice(_LOCATED), location=location, invalid=reason))
    return sent


def changed_over(make: Maker) -> list[Sent]:
    """Longitude before latitude: out of range where it can be seen, and a place elsewhere where it cannot."""
    sent = []
    for latitude, longitude in make.some(
        [(30.267153, -97.743057), (51.5, -0.12), (1.35, 103.82), (-33.9, 151.2), (64.1, -21.9)], 5
    ):
        reason = "latitude_out_of_range" if abs(longitude) > 90 else None
        sent.append(make.fits(make.draw.choice(_LOCATED), location=f"{longitude},{latitude}", invalid=reason))
    return sent


def malformed(make: Maker) -> list[Sent]:
    """Texts that a person takes for a place and the definition does not."""
    texts = [
        "30.2;-97.7",
        "30.2 -97.7",
        "N30.2,W97.7",
        "30.2N,97.7W",
        "30°15'N,97°44'W",
        "POINT(-97.7 30.2)",
        "[30.2,-97.7]",
        "30.2,-97.7,120",
        "30,2,-97,7",
        "geo:30.2,-97.7",
        "\u221230.2,-97.7",
        "30.2,\u00a0-97.7",
        "30.2,-97.7\n",
        "30.2,\n-97.7",
        "30.2,-97.7\u2028",
        "30.2,-97.7\u0085",
        "30.2,-97.7\r",
        "30.2,-97.7 ",
        "٣٠.٢,-97.7",
        "null,null",
        "NaN,NaN",
        ",",
        "0x1e,-97",
        "30.2,-97.7'",
        "30.2,- 97.7",
        "30.2, -97.7, ",
        "1e3,1",
        "+30.2,-97.7",
        "30.2,-97.7\t",
        "30.2,-97.7\x0b",
        "30.2,-97.7\\n",
    ]
    chosen = [text for text in make.some(texts, 10) if text != "1e3,1"]
    return [make.fits(make.draw.choice(_LOCATED), location=text, invalid="location_malformed") for text in chosen]


@cache
def _zones() -> list[dict[str, str]]:
    with (PROJECT_DIR / "seeds" / "zones.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def zone_edges(make: Maker) -> list[Sent]:
    """Places on the edges of zones, a number beside them, and where rounding leads over them."""
    sent = []
    for _ in range(8):
        zone = make.draw.choice(_zones())
        latitude, longitude = (
            _beside(make, float(zone[make.draw.choice([f"min_{axis}", f"max_{axis}"])]))
            for axis in ("latitude", "longitude")
        )
        sent.append(make.fits(make.draw.choice(_LOCATED), location=f"{latitude!r},{longitude!r}"))
    return sent


def _beside(make: Maker, edge: float) -> float:
    return make.draw.choice(
        [edge, math.nextafter(edge, math.inf), math.nextafter(edge, -math.inf), edge - 4e-7, edge - 6e-7]
    )


KINDS = {
    "values on and beside each bound of the row rules": thresholds,
    "poles, antimeridian and null island": poles,
    "latitude and longitude changed over": changed_over,
    "places that only a person can read": malformed,
    "places at the edges of zones": zone_edges,
}
