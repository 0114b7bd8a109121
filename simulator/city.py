"""The city as the dbt seeds describe it: zones, roads cut at zone borders, sensors, cameras, routes and cars."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path

SEEDS_DIR = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds"
EARTH_RADIUS_KM = 6371.0088
CAMERA_EVERY = 3  # every third sensor's place has a camera too

Point = tuple[float, float]


class SeedError(ValueError):
    """A seed file is missing or contradicts another; the message says which one and what to correct."""


@dataclass(frozen=True)
class Zone:
    """A half-open rectangle of latitude and longitude, in degrees."""

    zone_id: str
    city: str
    min_latitude: float
    max_latitude: float
    min_longitude: float
    max_longitude: float

    @property
    def centre(self) -> Point:
        """Latitude and longitude of its middle, in degrees."""
        return (self.min_latitude + self.max_latitude) / 2, (self.min_longitude + self.max_longitude) / 2

    def holds(self, point: Point) -> bool:
        """Whether the point lies in the rectangle."""
        latitude, longitude = point
        return (
            self.min_latitude <= latitude < self.max_latitude and self.min_longitude <= longitude < self.max_longitude
        )


@dataclass(frozen=True)
class Road:
    """A straight road. `speed_limit` is in km/h, `km` its length."""

    road_id: str
    city: str
    start: Point
    end: Point
    km: float
    speed_limit: int
    lanes: int


@dataclass(frozen=True)
class Piece:
    """The part of a road that lies in one zone: what weather and incidents act on. `index` counts all pieces."""

    index: int
    road: Road
    zone_id: str
    from_share: float
    to_share: float

    def at(self, share: float) -> Point:
        """The point at that share (0 to 1) of the piece, in degrees."""
        return along(self.road, self.from_share + share * (self.to_share - self.from_share))


@dataclass(frozen=True)
class Sensor:
    """A roadside sensor. `interval_s` is the time between two samples, in seconds."""

    sensor_id: str
    piece: Piece
    latitude: float
    longitude: float
    share: float
    interval_s: int


@dataclass
class Leg:
    """A piece as driven: `dlat` and `dlon` are degrees per km, `cameras` (km, camera_id, location) in driving order."""

    piece: Piece
    km: float
    latitude: float
    longitude: float
    dlat: float
    dlon: float
    heading: float
    cameras: list[tuple[float, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Drive:
    """A road as driven in one direction: from one node to another by its legs."""

    start: Point
    end: Point
    city: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True)
class Route:
    """A way from one city to the other."""

    route_id: str
    origin: str
    destination: str
    legs: tuple[Leg, ...]
    end: Point


@dataclass(frozen=True)
class Car:
    """A seeded car with its model."""

    car_id: str
    brand: str
    model: str
    year: int
    fuel_type: str
    vehicle_type: str


@dataclass(frozen=True)
class City:
    """Everything of the seeds. `exits` lists the drives of a city that leave a node; `hubs` is where its routes start."""

    zones: tuple[Zone, ...]
    pieces: tuple[Piece, ...]
    sensors: tuple[Sensor, ...]
    routes: tuple[Route, ...]
    cars: tuple[Car, ...]
    exits: dict[tuple[str, Point], tuple[Drive, ...]]
    hubs: dict[str, Point]


def along(road: Road, share: float) -> Point:
    """The point at that share (0 to 1) of the road, in degrees."""
    return (
        road.start[0] + share * (road.end[0] - road.start[0]),
        road.start[1] + share * (road.end[1] - road.start[1]),
    )


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance of two points given in degrees, in km."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    chord = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


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
    for begin, end in zip(shares, shares[1:], strict=False):
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
