"""How fast and how densely traffic moves on each piece of road, minute by minute, and what the sensors make of it."""

from __future__ import annotations

import math
from random import Random

from simulator.causes import HALF_SPEED, INCIDENT_FLOW, MULTI_COUNT, Causes, Incident, SensorFault
from simulator.city import City, Piece, Sensor
from simulator.weather import FLOW_FACTOR, HEAVY_RAIN_OCCUPANCY, SPEED_FACTOR, Weather

FREE_SPEED_SHARE = 0.95  # of the limit, where nothing hinders
RUSH_SPEED_LOSS = 0.08
NIGHT_FLOW = 0.5
BASE_OCCUPANCY, RUSH_OCCUPANCY = 8.0, 5.0  # %, and points
VEHICLE_SPEED_SD = 6.0  # km/h, one vehicle against the mean
FLOW_VARIANCE = 0.35  # of a Poisson's: dense traffic passes more evenly than at random
OCCUPANCY_SD = 1.2  # points, one sample


def rush(minute: int) -> float:
    """How much of a rush hour (0 to 1) it is in that minute since 1970; the city's clock is UTC."""
    hour, day = minute % 1440 / 60, (minute // 1440 + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    morning, evening = math.exp(-(((hour - 8.0) / 1.7) ** 2)), math.exp(-(((hour - 17.3) / 2.0) ** 2))
    return max(morning, evening) * (1.0 if day < 5 else 0.4)


def usual_flow(piece: Piece, minute: int) -> float:
    """Vehicles a minute that pass a sensor when nothing disturbs: fewest at night, most in the rush hours."""
    hour = minute % 1440 / 60
    daytime = 0.5 * max(0.0, math.sin((hour - 5) / 17 * math.pi)) if 5 <= hour <= 22 else 0.0
    return (12 + 6 * piece.road.lanes) * (NIGHT_FLOW + (1 - NIGHT_FLOW) * max(rush(minute), daytime))


def usual_speed(piece: Piece, minute: int) -> float:
    """The mean speed on the piece when nothing but the hour hinders, in km/h."""
    return piece.road.speed_limit * FREE_SPEED_SHARE * (1 - RUSH_SPEED_LOSS * rush(minute))


class Traffic:
    """The state of every piece of road in the current minute: what is left of speed and flow, and the occupancy.

    `rush_occupancy`: the points of occupancy that a full rush hour adds.
    """

    def __init__(self, city: City, weather: Weather, causes: Causes, rush_occupancy: float = RUSH_OCCUPANCY) -> None:
        self._city, self._weather, self._causes = city, weather, causes
        self._rush_occupancy = rush_occupancy
        self.speed = [1.0] * len(city.pieces)  # share of the usual limit, by piece index
        self.flow = [1.0] * len(city.pieces)
        self.occupancy = [0.0] * len(city.pieces)
        self.faults: dict[str, str] = {}
        self.minute = 0

    def update(self, minute: int) -> None:
        """Move to that minute (since 1970)."""
        self.minute = minute
        busy = rush(minute)
        conditions = {zone.zone_id: self._weather.condition(zone.zone_id, minute) for zone in self._city.zones}
        for piece in self._city.pieces:
            condition = conditions[piece.zone_id]
            self.speed[piece.index] = (1 - RUSH_SPEED_LOSS * busy) * SPEED_FACTOR[condition]
            self.flow[piece.index] = FLOW_FACTOR[condition]
            heavy = HEAVY_RAIN_OCCUPANCY if condition == "heavy_rain" else 0.0
            self.occupancy[piece.index] = BASE_OCCUPANCY + self._rush_occupancy * busy + heavy
        for incident in self._now(self._causes.incidents):
            index = incident.piece.index
            self.speed[index] *= incident.speed_factor
            self.flow[index] *= INCIDENT_FLOW
            self.occupancy[index] += incident.occupancy
        self.faults = {fault.sensor.sensor_id: fault.way for fault in self._now(self._causes.faults)}

    def _now(self, happenings: list) -> list:
        return [each for each in happenings if each.begin <= self.minute < each.end]

    def sample(self, sensor: Sensor, random: Random) -> str | None:
        """One sample's measured fields as JSON text (without braces), or None while the sensor is out."""
        way = self.faults.get(sensor.sensor_id)
        if way == "outage":
            return None
        piece = sensor.piece
        mean = usual_flow(piece, self.minute) * self.flow[piece.index] * sensor.interval_s / 60
        count = max(0, round(random.gauss(mean, math.sqrt(FLOW_VARIANCE * mean))))
        occupancy = min(100.0, max(0.0, random.gauss(self.occupancy[piece.index], OCCUPANCY_SD)))
        if count == 0:
            return f'"vehicle_count":0,"occupancy_pct":{occupancy:.2f}'
        speed = piece.road.speed_limit * FREE_SPEED_SHARE * self.speed[piece.index]
        speed = max(2.0, random.gauss(speed, VEHICLE_SPEED_SD / math.sqrt(count)))
        if way == "half_speed":
            speed *= HALF_SPEED
        elif way == "multi_count":
            count *= MULTI_COUNT
        return f'"vehicle_count":{count},"average_speed_kmh":{speed:.2f},"occupancy_pct":{occupancy:.2f}'


def effects(cause: Incident | SensorFault, sensor: Sensor) -> dict[str, tuple[float, float]]:
    """What a cause does to a sensor at its onset, without noise: metric -> (effect, vehicles a minute that it reads).

    The effect on speed is in km/h (negative), on occupancy in points, on volume the ratio to what it would be.
    """
    speed, flow = usual_speed(sensor.piece, cause.begin), usual_flow(sensor.piece, cause.begin)
    if isinstance(cause, Incident):
        flow *= INCIDENT_FLOW
        return {"speed": (speed * (cause.speed_factor - 1), flow), "occupancy": (cause.occupancy, flow)}
    if cause.way == "heavy_rain":
        flow *= FLOW_FACTOR["heavy_rain"]
        loss = speed * (SPEED_FACTOR["heavy_rain"] - 1)
        return {"speed": (loss, flow), "occupancy": (HEAVY_RAIN_OCCUPANCY, flow)}
    if cause.way == "half_speed":
        return {"speed": (speed * (HALF_SPEED - 1), flow)}
    if cause.way == "multi_count":
        return {"volume": (float(MULTI_COUNT), flow * MULTI_COUNT)}
    return {}
