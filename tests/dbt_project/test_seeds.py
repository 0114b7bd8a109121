"""The seeds are one consistent city, in the plain CSV that dbt-spark's session method can load."""

from __future__ import annotations

import csv
import itertools
import re

import pytest

from contract.place import PROJECT_DIR

SEEDS = PROJECT_DIR / "seeds"
KEYS = {
    "zones": ("zone_id",),
    "roads": ("road_id",),
    "routes": ("route_id",),
    "route_roads": ("route_id", "leg"),
    "sensors": ("sensor_id",),
    "cars": ("car_id",),
    "car_models": ("model_id",),
    "car_colors": ("color_id",),
}
FOREIGN_KEYS = [
    ("route_roads", "route_id", "routes"),
    ("route_roads", "road_id", "roads"),
    ("sensors", "road_id", "roads"),
    ("cars", "model_id", "car_models"),
    ("cars", "color_id", "car_colors"),
]


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rectangles() -> dict[str, tuple[float, float, float, float]]:
    names = ("min_latitude", "max_latitude", "min_longitude", "max_longitude")
    return {row["zone_id"]: tuple(float(row[name]) for name in names) for row in _rows("zones")}  # type: ignore[misc]


def _zones_of(latitude: float, longitude: float) -> list[str]:
    return [
        zone_id
        for zone_id, (south, north, west, east) in _rectangles().items()
        if south <= latitude < north and west <= longitude < east
    ]


def _ends(road: dict[str, str]) -> tuple[tuple[float, float], tuple[float, float]]:
    start, end = ((float(road[f"{side}_latitude"]), float(road[f"{side}_longitude"])) for side in ("start", "end"))
    return start, end


def test_every_seed_has_its_key_tested_here() -> None:
    assert {path.stem for path in SEEDS.glob("*.csv")} == set(KEYS)


@pytest.mark.parametrize("name", KEYS)
def test_no_quotes_no_empty_values_and_plain_headers(name: str) -> None:
    text = (SEEDS / f"{name}.csv").read_text(encoding="utf-8")
    assert not re.search("[\"'\\r]", text)
    assert text.endswith("\n")
    header, *lines = text.splitlines()
    assert re.fullmatch(r"[a-z_]+(,[a-z_]+)*", header)
    assert lines
    for line in lines:
        values = line.split(",")
        assert len(values) == header.count(",") + 1, line
        assert all(value and value == value.strip() and value.lower() not in ("null", "none") for value in values), line


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_unique(name: str) -> None:
    keys = [tuple(row[column] for column in KEYS[name]) for row in _rows(name)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("name", "column", "parent"), FOREIGN_KEYS)
def test_foreign_keys_hold(name: str, column: str, parent: str) -> None:
    assert {row[column] for row in _rows(name)} <= {row[column] for row in _rows(parent)}


def test_zones_do_not_overlap() -> None:
    rectangles = _rectangles()
    for south, north, west, east in rectangles.values():
        assert south < north
        assert west < east
    for (a, first), (b, second) in itertools.combinations(rectangles.items(), 2):
        apart = first[1] <= second[0] or second[1] <= first[0] or first[3] <= second[2] or second[3] <= first[2]
        assert apart, (a, b)


def test_roads_run_through_zones_all_along() -> None:
    for road in _rows("roads"):
        (lat_a, lon_a), (lat_b, lon_b) = _ends(road)
        for step in range(101):
            point = lat_a + step / 100 * (lat_b - lat_a), lon_a + step / 100 * (lon_b - lon_a)
            assert len(_zones_of(*point)) == 1, (road["road_id"], point)
        assert road["city"] in ("austin", "san_antonio", "corridor")
        assert 30 <= int(road["speed_limit_kmh"]) <= 140
        assert 1 <= int(road["lanes"]) <= 6
        metres = ((lat_b - lat_a) * 111_195) ** 2 + ((lon_b - lon_a) * 111_195 * 0.8677) ** 2
        assert float(road["length_km"]) == pytest.approx(metres**0.5 / 1000, rel=0.01)


def test_every_sensor_lies_on_its_road_and_in_a_zone() -> None:
    roads = {road["road_id"]: _ends(road) for road in _rows("roads")}
    for sensor in _rows("sensors"):
        latitude, longitude = float(sensor["latitude"]), float(sensor["longitude"])
        (lat_a, lon_a), (lat_b, lon_b) = roads[sensor["road_id"]]
        across = (latitude - lat_a) * (lon_b - lon_a) - (longitude - lon_a) * (lat_b - lat_a)
        length = ((lat_b - lat_a) ** 2 + (lon_b - lon_a) ** 2) ** 0.5
        assert abs(across) / length < 0.0002, sensor  # about 20 m
        share = ((latitude - lat_a) * (lat_b - lat_a) + (longitude - lon_a) * (lon_b - lon_a)) / length**2
        assert 0 < share < 1, sensor
        assert len(_zones_of(latitude, longitude)) == 1, sensor


def test_sample_intervals_divide_the_minute() -> None:
    assert {60 % int(sensor["sample_interval_s"]) for sensor in _rows("sensors")} == {0}


def test_routes_join_the_cities_road_by_road() -> None:
    roads = {road["road_id"]: road for road in _rows("roads")}
    ways: dict[tuple[str, str], int] = {}
    for route in _rows("routes"):
        parts = [row for row in _rows("route_roads") if row["route_id"] == route["route_id"]]
        parts.sort(key=lambda row: int(row["leg"]))
        assert [int(row["leg"]) for row in parts] == list(range(1, len(parts) + 1))
        ends = [set(_ends(roads[row["road_id"]])) for row in parts]
        assert all(before & after for before, after in itertools.pairwise(ends)), route
        # A road touches the one before and the one after at different ends.
        assert all(not (a & b & c) for a, b, c in zip(ends, ends[1:], ends[2:], strict=False)), route
        assert roads[parts[0]["road_id"]]["city"] == route["origin_city"]
        assert roads[parts[-1]["road_id"]]["city"] == route["destination_city"]
        (end,) = ends[-1] - ends[-2]
        assert (float(route["destination_latitude"]), float(route["destination_longitude"])) == end
        km = sum(float(roads[row["road_id"]]["length_km"]) for row in parts)
        assert float(route["distance_km"]) == pytest.approx(km, abs=0.01)
        hours = sum(
            float(roads[row["road_id"]]["length_km"]) / int(roads[row["road_id"]]["speed_limit_kmh"]) for row in parts
        )
        assert float(route["free_flow_minutes"]) == pytest.approx(60 * hours, abs=0.06)
        way = route["origin_city"], route["destination_city"]
        ways[way] = ways.get(way, 0) + 1
    assert ways == {("austin", "san_antonio"): 3, ("san_antonio", "austin"): 3}


def test_cars_are_of_known_kinds() -> None:
    models = _rows("car_models")
    assert {model["fuel_type"] for model in models} == {"petrol", "diesel", "hybrid", "electric"}
    assert {model["vehicle_type"] for model in models} == {"car", "van", "truck", "bus"}
    assert all(1950 <= int(model["year"]) <= 2100 for model in models)
    assert {"black", "white", "silver"} <= {row["color"].lower() for row in _rows("car_colors")}
