"""The city's parts: zones, roads cut at zone borders, sensors, cameras, routes and cars."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float]


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
    """All of the seeds. `exits` are the drives of a city that leave a node, `hubs` the nodes where its routes start."""

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
