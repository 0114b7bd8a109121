"""What disturbs the city: incidents, sensors that read wrong or not at all, gearboxes that shift wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from simulator.city import City, Piece, Point, Sensor
from simulator.weather import Weather

INCIDENTS_PER_HOUR = 3.0
GEAR_FAULTS_PER_VEHICLE_HOUR = 0.12
# Two disturbances of one sensor keep this distance, in minutes: within the trailing hour of the first one no method
# that compares with that hour can tell the second.
APART_MIN = 75
OUTAGE_MIN = (5, 30)
FAULT_MIN = (10, 40)
HALF_SPEED, MULTI_COUNT = 0.45, 5
INCIDENT_FLOW = 0.75
# What an incident takes of the speed (a share) and adds to the occupancy (points), from and to. A usual one is far
# above the minimum effects of the definitions; of the weak ones some are just above, and some below.
INCIDENT_EFFECTS = (0.5, 0.8), (32.0, 50.0)
WEAK_EFFECTS = (0.1, 0.5), (5.0, 30.0)
DESCRIPTIONS = {
    "accident": ("Collision of two vehicles", "Vehicle in the barrier", "Truck and car collided"),
    "fire": ("Vehicle on fire", "Brush fire beside the road"),
    "medical": ("Driver needs help, lane closed", "Ambulance in the lane"),
    "hazard": ("Lost load in the lane", "Tree on the road", "Oil on the road"),
}


@dataclass(frozen=True)
class Incident:
    """A disturbance of a piece of road. Minutes since 1970, end excluded; `messages` are (epoch ms, status)."""

    incident_id: str
    piece: Piece
    begin: int
    end: int
    speed_factor: float
    occupancy: float
    incident_type: str
    severity: int
    place: Point
    description: str
    messages: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class SensorFault:
    """A sensor that reads wrong (`half_speed`, `multi_count`) or not at all (`outage`) from minute `begin` to `end`."""

    sensor: Sensor
    begin: int
    end: int
    way: str


@dataclass(frozen=True)
class GearFault:
    """A gearbox that engages a gear `shift` off the expected one, from `begin` to `end` minute."""

    vehicle: int
    begin: int
    end: int
    shift: int


class Causes:
    """Plans, hour by hour, what happens; `fault_share` and `outage_share` are shares of all sensor-minutes.

    `hard`: incidents are weak, heavy rain overlaps with all else, and one disturbance of a sensor may follow another.
    """

    def __init__(
        self, city: City, weather: Weather, seed: int, tag: str, start_minute: int, vehicles: int,
        fault_share: float, outage_share: float, hard: bool = False,
    ) -> None:  # fmt: skip
        self._city, self._weather, self._seed, self._tag, self._start = city, weather, seed, tag, start_minute
        self._vehicles = vehicles
        self._hard, self._apart = hard, 0 if hard else APART_MIN
        self._shares = {"fault": fault_share, "outage": outage_share}
        self._hours = 0
        self._busy: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._sensors: dict[int, list[Sensor]] = defaultdict(list)
        for sensor in city.sensors:
            self._sensors[sensor.piece.index].append(sensor)
        self.incidents: list[Incident] = []
        self.faults: list[SensorFault] = []
        self.gear_faults: list[GearFault] = []
        self.heavy_rain: list[SensorFault] = []

    def extend(self) -> Iterator[Incident]:
        """Plan the next hour; yields its incidents."""
        begin = self._start + 60 * self._hours
        for zone_id, spell in self._weather.extend(begin + 60):
            for sensor in self._city.sensors:
                if sensor.piece.zone_id == zone_id:
                    if not self._hard:
                        self._busy[sensor.sensor_id].append((spell.begin, spell.end))
                    self.heavy_rain.append(SensorFault(sensor, spell.begin, spell.end, "heavy_rain"))
        planned = len(self.incidents)
        self._plan_incidents(begin, Random(f"{self._seed}:incidents:{self._hours}"))
        for name, ways, minutes in (
            ("fault", ("half_speed", "multi_count"), FAULT_MIN),
            ("outage", ("outage",), OUTAGE_MIN),
        ):
            random = Random(f"{self._seed}:{name}:{self._hours}")
            mean = self._shares[name] * len(self._city.sensors) * 60 * 2 / sum(minutes)
            for _ in range(_about(mean, random)):
                self._plan_sensor_fault(begin, random, ways, minutes)
        self._plan_gear_faults(begin, Random(f"{self._seed}:gears:{self._hours}"))
        self._hours += 1
        yield from self.incidents[planned:]

    def _free(self, sensor: Sensor, begin: int, end: int) -> bool:
        taken, apart = self._busy[sensor.sensor_id], self._apart
        return all(end + apart <= other_begin or other_end + apart <= begin for other_begin, other_end in taken)

    def _plan_incidents(self, hour_begin: int, random: Random) -> None:
        pieces = [piece for piece in self._city.pieces if self._sensors[piece.index]]
        for _ in range(_about(INCIDENTS_PER_HOUR, random)):
            for _try in range(20):
                piece = random.choice(pieces)
                begin = hour_begin + random.randrange(60)
                end = begin + random.randint(15, 60)
                if all(self._free(sensor, begin, end) for sensor in self._sensors[piece.index]):
                    for sensor in self._sensors[piece.index]:
                        self._busy[sensor.sensor_id].append((begin, end))
                    self.incidents.append(self._incident(piece, begin, end, random))
                    break

    def _incident(self, piece: Piece, begin: int, end: int, random: Random) -> Incident:
        kind = random.choices(list(DESCRIPTIONS), (6, 1, 2, 3))[0]
        speed, occupancy = WEAK_EFFECTS if self._hard else INCIDENT_EFFECTS
        lost = random.uniform(*speed)
        reported = begin * 60_000 + random.randint(15_000, 80_000)
        dispatched = reported + random.randint(40_000, 150_000)
        on_scene = dispatched + random.randint(180_000, 540_000)
        resolved = end * 60_000 + random.randint(0, 50_000)
        messages = (reported, "reported"), (dispatched, "dispatched"), (on_scene, "on_scene"), (resolved, "resolved")
        return Incident(
            incident_id=f"inc-{self._tag}-{len(self.incidents) + 1:05d}",
            piece=piece,
            begin=begin,
            end=end,
            speed_factor=1 - lost,
            occupancy=random.uniform(*occupancy),
            incident_type=kind,
            severity=max(1, min(5, 1 + int((lost - 0.5) / 0.08) + random.randint(0, 1))),
            place=piece.at(random.uniform(0.1, 0.9)),
            description=random.choice(DESCRIPTIONS[kind]),
            messages=messages,
        )

    def _plan_sensor_fault(
        self, hour_begin: int, random: Random, ways: tuple[str, ...], minutes: tuple[int, int]
    ) -> None:
        for _try in range(20):
            sensor = random.choice(self._city.sensors)
            begin = hour_begin + random.randrange(60)
            end = begin + random.randint(*minutes)
            if self._free(sensor, begin, end):
                self._busy[sensor.sensor_id].append((begin, end))
                self.faults.append(SensorFault(sensor, begin, end, random.choice(ways)))
                return

    def _plan_gear_faults(self, hour_begin: int, random: Random) -> None:
        for vehicle in range(self._vehicles):
            if random.random() < GEAR_FAULTS_PER_VEHICLE_HOUR:
                begin = hour_begin + random.randrange(60)
                self.gear_faults.append(
                    GearFault(vehicle, begin, begin + random.randint(5, 20), random.choice((-2, 1)))
                )


def _about(mean: float, random: Random) -> int:
    """`mean` as a whole number: rounded down, or up as often as its fraction says."""
    return int(mean) + (random.random() < mean % 1)
