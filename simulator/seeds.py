"""Reads the city from the dbt seeds, so that simulator and warehouse cannot disagree about it."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

from contract.place import PROJECT_DIR
from simulator.city import Car, City, Drive, Leg, Piece, Point, Road, Route, Sensor, Zone, along

SEEDS_DIR = PROJECT_DIR / "seeds"
CAMERA_EVERY = 2  # every second sensor's place has a camera too


class SeedError(ValueError):
    """A seed file is missing or contradicts another; the message says which one and what to correct."""


def load_city(seeds_dir: Path = SEEDS_DIR) -> City:
    """Read the seeds. Raises SeedError if a file is missing or does not fit the others."""
    zones = tuple(
        Zone(row["zone_id"], row["city"], *(float(row[name]) for name in list(row)[3:7]))
        for row in rows(seeds_dir, "zones")
    )
    roads = {row["road_id"]: _road(row) for row in rows(seeds_dir, "roads")}
    pieces: list[Piece] = []
    of_road: dict[str, list[Piece]] = {}
    for road in roads.values():
        of_road[road.road_id] = _cut(road, zones, len(pieces))
        pieces += of_road[road.road_id]
    sensors = tuple(_sensor(row, of_road) for row in rows(seeds_dir, "sensors"))
    drives = [
        drive
        for road in roads.values()
        for drive in (_drive(road, of_road, sensors), _drive(road, of_road, sensors, True))
    ]
    exits: dict[tuple[str, Point], tuple[Drive, ...]] = {}
    for drive in drives:
        exits[drive.city, drive.start] = (*exits.get((drive.city, drive.start), ()), drive)
    routes = _routes(seeds_dir, {(drive.legs[0].piece.road.road_id, drive.start): drive for drive in drives}, roads)
    hubs = {route.destination: route.end for route in routes}
    return City(zones, tuple(pieces), sensors, routes, _cars(seeds_dir), exits, hubs)


def rows(seeds_dir: Path, name: str) -> list[dict[str, str]]:
    """The rows of one seed file. Raises SeedError if there is none."""
    path = seeds_dir / f"{name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise SeedError(f"Cannot read the seed {path}: restore it from git.") from error


def _road(row: dict[str, str]) -> Road:
    start = float(row["start_latitude"]), float(row["start_longitude"])
    end = float(row["end_latitude"]), float(row["end_longitude"])
    km, limit = float(row["length_km"]), int(row["speed_limit_kmh"])
    return Road(row["road_id"], row["city"], start, end, km, limit, int(row["lanes"]))


def _cut(road: Road, zones: tuple[Zone, ...], first_index: int) -> list[Piece]:
    cuts = {0.0, 1.0}
    for axis, borders in enumerate(("latitude", "longitude")):
        length = road.end[axis] - road.start[axis]
        if length:
            edges = {getattr(zone, f"{side}_{borders}") for zone in zones for side in ("min", "max")}
            cuts |= {share for edge in edges if 0 < (share := (edge - road.start[axis]) / length) < 1}
    shares = sorted(cuts)
    pieces: list[Piece] = []
    for begin, end in itertools.pairwise(shares):
        middle = along(road, (begin + end) / 2)
        zone_id = next((zone.zone_id for zone in zones if zone.holds(middle)), None)
        if zone_id is None:
            raise SeedError(f"Road {road.road_id} leaves all zones at {middle}: add a zone there or move the road.")
        if pieces and pieces[-1].zone_id == zone_id:
            pieces[-1] = Piece(pieces[-1].index, road, zone_id, pieces[-1].from_share, end)
        else:
            pieces.append(Piece(first_index + len(pieces), road, zone_id, begin, end))
    return pieces


def _sensor(row: dict[str, str], of_road: dict[str, list[Piece]]) -> Sensor:
    if row["road_id"] not in of_road:
        raise SeedError(f"Sensor {row['sensor_id']} stands on the unknown road {row['road_id']}: correct sensors.csv.")
    pieces = of_road[row["road_id"]]
    point = float(row["latitude"]), float(row["longitude"])
    road = pieces[0].road
    axis = 0 if abs(road.end[0] - road.start[0]) > abs(road.end[1] - road.start[1]) else 1
    share = (point[axis] - road.start[axis]) / (road.end[axis] - road.start[axis])
    piece = next((piece for piece in pieces if piece.from_share <= share < piece.to_share), pieces[-1])
    return Sensor(row["sensor_id"], piece, *point, share, int(row["sample_interval_s"]))


def _drive(road: Road, of_road: dict[str, list[Piece]], sensors: tuple[Sensor, ...], back: bool = False) -> Drive:
    cameras = [sensor for sensor in sensors[::CAMERA_EVERY] if sensor.piece.road is road]
    legs = []
    for piece in of_road[road.road_id][:: -1 if back else 1]:
        begin, end = (piece.to_share, piece.from_share) if back else (piece.from_share, piece.to_share)
        (lat_a, lon_a), (lat_b, lon_b) = along(road, begin), along(road, end)
        km = road.km * abs(end - begin)
        heading = math.degrees(math.atan2((lon_b - lon_a) * math.cos(math.radians(lat_a)), lat_b - lat_a)) % 360
        leg = Leg(piece, km, lat_a, lon_a, (lat_b - lat_a) / km, (lon_b - lon_a) / km, heading)
        for camera in cameras:
            if camera.piece is piece:
                place = f"{camera.latitude:.6f},{camera.longitude:.6f}"
                leg.cameras.append((road.km * abs(camera.share - begin), f"cam-{camera.sensor_id[7:]}", place))
        leg.cameras.sort()
        legs.append(leg)
    start, end_node = (road.end, road.start) if back else (road.start, road.end)
    return Drive(start, end_node, road.city, tuple(legs))


def _routes(seeds_dir: Path, drives: dict[tuple[str, Point], Drive], roads: dict[str, Road]) -> tuple[Route, ...]:
    legs_of: dict[str, list[str]] = {}
    for row in sorted(rows(seeds_dir, "route_roads"), key=lambda row: int(row["leg"])):
        legs_of.setdefault(row["route_id"], []).append(row["road_id"])
    routes = []
    for row in rows(seeds_dir, "routes"):
        names = legs_of[row["route_id"]]
        second = {roads[names[1]].start, roads[names[1]].end}
        node = roads[names[0]].start if roads[names[0]].end in second else roads[names[0]].end
        legs: list[Leg] = []
        for name in names:
            if (name, node) not in drives:
                raise SeedError(
                    f"Route {row['route_id']}: road {name} does not go on at {node}; correct route_roads.csv."
                )
            legs += drives[name, node].legs
            node = drives[name, node].end
        routes.append(Route(row["route_id"], row["origin_city"], row["destination_city"], tuple(legs), node))
    return tuple(routes)


def _cars(seeds_dir: Path) -> tuple[Car, ...]:
    models = {row["model_id"]: row for row in rows(seeds_dir, "car_models")}
    cars = []
    for row in rows(seeds_dir, "cars"):
        model = models[row["model_id"]]
        car = (model["brand"], model["model"], int(model["year"]), model["fuel_type"], model["vehicle_type"])
        cars.append(Car(row["car_id"], *car))
    return tuple(cars)
