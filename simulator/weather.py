"""The weather: fronts that move over the zones, morning fog, and what the stations observe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from simulator.city import City, Zone

# What a condition leaves of the speed: light weather stays far below the minimum effect, heavy rain is far above it.
SPEED_FACTOR = {"clear": 1.0, "cloudy": 1.0, "fog": 0.97, "rain": 0.97, "snow": 0.96, "heavy_rain": 0.62}
FLOW_FACTOR = {"clear": 1.0, "cloudy": 1.0, "fog": 0.97, "rain": 0.97, "snow": 0.9, "heavy_rain": 0.9}
HEAVY_RAIN_OCCUPANCY = 3.0  # points of occupancy that heavy rain adds
PRECIPITATION = {"clear": (0.0, 0.0), "cloudy": (0.0, 0.0), "fog": (0.0, 0.2), "rain": (1.0, 5.0)}
PRECIPITATION |= {"heavy_rain": (18.0, 45.0), "snow": (0.5, 3.0)}  # mm/h, from and to
MONTH_TEMPERATURE = (10, 12, 16, 20, 24, 28, 30, 30, 26, 21, 15, 11)  # °C, January to December
KM_PER_DEGREE = 111.2
OBSERVE_EVERY_S = 300
PLAN_AHEAD_MIN = 360  # fronts are known that long before, so that other causes can keep clear of heavy rain


@dataclass(frozen=True)
class Spell:
    """A condition over a zone for the minutes (since 1970) from `begin` to `end`, end excluded."""

    begin: int
    end: int
    condition: str


class Weather:
    """The condition of every zone at every minute; the same for the same seed and start, whenever it is asked."""

    def __init__(self, city: City, seed: int, start_minute: int) -> None:
        self.zones = {zone.zone_id: zone for zone in city.zones}
        self.spells: dict[str, list[Spell]] = {zone_id: [] for zone_id in self.zones}
        self._seed = seed
        self._fronts = 0
        self._next_front = start_minute + Random(f"{seed}:front").randint(20, 35)
        self._middle = (
            sum(zone.centre[0] for zone in city.zones) / len(city.zones),
            sum(zone.centre[1] for zone in city.zones) / len(city.zones),
        )
        self._fog: dict[tuple[str, int], int] = {}

    def extend(self, until_minute: int) -> Iterator[tuple[str, Spell]]:
        """Plan the fronts up to `PLAN_AHEAD_MIN` after that minute; yields the new spells of heavy rain by zone."""
        while self._next_front < until_minute + PLAN_AHEAD_MIN:
            random = Random(f"{self._seed}:front:{self._fronts}")
            for zone_id, spells in self._front(random, self._next_front).items():
                self.spells[zone_id] += spells
                yield from ((zone_id, spell) for spell in spells if spell.condition == "heavy_rain")
            self._fronts += 1
            self._next_front += random.randint(240, 420)

    def _front(self, random: Random, begin: int) -> dict[str, list[Spell]]:
        """A front enters at `begin` from the west; its strong core reaches only the zones near its axis."""
        angle = math.radians(random.uniform(80, 140))  # where it goes, clockwise from north
        km_per_minute = random.uniform(45, 70) / 60
        axis, half_width = random.uniform(-35, 35), random.uniform(15, 26)  # km
        heavy, light = random.randint(18, 40), random.randint(15, 25)  # minutes
        places = {zone_id: self._track(zone, angle) for zone_id, zone in self.zones.items()}
        first = min(ahead for ahead, _ in places.values())
        freezing = self.temperature(begin) < 0
        spells: dict[str, list[Spell]] = {}
        for zone_id, (ahead, aside) in places.items():
            core = begin + round((ahead - first) / km_per_minute)
            stages = [("cloudy", 40), ("rain", light), ("rain", heavy), ("rain", 15), ("cloudy", 30)]
            if abs(aside - axis) <= half_width:
                stages[2] = ("heavy_rain", heavy)
            at, spells[zone_id] = core - light - 40, []
            for condition, minutes in stages:
                name = "snow" if freezing and condition.endswith("rain") else condition
                spells[zone_id].append(Spell(at, at + minutes, name))
                at += minutes
        return spells

    def _track(self, zone: Zone, angle: float) -> tuple[float, float]:
        """How far ahead and aside of the region's middle the zone lies on a front's track, in km."""
        north = (zone.centre[0] - self._middle[0]) * KM_PER_DEGREE
        east = (zone.centre[1] - self._middle[1]) * KM_PER_DEGREE * math.cos(math.radians(self._middle[0]))
        return north * math.cos(angle) + east * math.sin(angle), north * math.sin(angle) - east * math.cos(angle)

    def condition(self, zone_id: str, minute: int) -> str:
        """The condition over the zone in that minute (since 1970)."""
        for spell in reversed(self.spells[zone_id]):
            if spell.begin <= minute < spell.end:
                return spell.condition
        day, of_day = divmod(minute, 1440)
        if (zone_id, day) not in self._fog:
            random = Random(f"{self._seed}:fog:{zone_id}:{day}")
            self._fog[zone_id, day] = random.randint(360, 510) if random.random() < 0.15 else 0
        return "fog" if 240 <= of_day < self._fog[zone_id, day] else "clear"

    def temperature(self, minute: int) -> float:
        """The region's temperature of that minute (since 1970), in °C, before the front's cooling."""
        day, of_day = divmod(minute, 1440)
        month = int(day % 365.2425 // 30.4369)
        swing = 5 * math.cos((of_day / 60 - 15) / 24 * 2 * math.pi)
        return MONTH_TEMPERATURE[month] + swing + Random(f"{self._seed}:day:{day}").gauss(0, 2)

    def observation(self, zone_id: str, minute: int, rush: float, random: Random) -> str:
        """The measured fields of one observation as JSON text (without braces); `rush` (0 to 1) is traffic's share."""
        condition = self.condition(zone_id, minute)
        wet = condition in ("rain", "heavy_rain", "snow")
        temperature = self.temperature(minute) - 3 * wet + random.gauss(0, 0.3)
        low, high = PRECIPITATION[condition]
        precipitation = random.uniform(low, high)
        wind = {"clear": 9, "cloudy": 14, "fog": 4, "rain": 22, "snow": 18}.get(condition, 38) * random.uniform(
            0.7, 1.3
        )
        humidity = min(100.0, {"clear": 52, "cloudy": 66, "fog": 96}.get(condition, 91) + random.gauss(0, 3))
        quality = max(5, round(42 + 30 * rush - 20 * wet + random.gauss(0, 4)))
        return (
            f'"temperature_c":{temperature:.1f},"condition":"{condition}","precipitation_mm":{precipitation:.1f},'
            f'"wind_speed_kmh":{wind:.1f},"humidity_pct":{humidity:.1f},"air_quality_index":{quality}'
        )
