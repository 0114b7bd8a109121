"""What stands beside the road and reports: sensors, weather stations, and the emergency desk."""

from __future__ import annotations

import heapq
import json
from random import Random

from simulator.causes import Incident
from simulator.city import City
from simulator.faults import Outlet
from simulator.traffic import Traffic, rush
from simulator.truth import iso
from simulator.weather import OBSERVE_EVERY_S, Weather


class Sensors:
    """Takes every sensor's samples: 60 / interval a minute, each at the sensor's own second of the interval."""

    def __init__(self, city: City, traffic: Traffic, outlet: Outlet, seed: int, tag: str) -> None:
        self._traffic, self._emit, self._tag, self._count = traffic, outlet.emit, tag, 0
        self._due: list[list[tuple]] = [[] for _ in range(60)]
        for index, sensor in enumerate(city.sensors):
            random = Random(f"{seed}:{sensor.sensor_id}")
            place = f"{sensor.latitude:.6f},{sensor.longitude:.6f}"
            for second in range(index % sensor.interval_s, 60, sensor.interval_s):
                self._due[second].append((sensor, random, index * 17 % 1000, place))

    def tick(self, now: int, prefix: str) -> None:
        """Report the samples of second `now` (since 1970; `prefix` is the same as text)."""
        for sensor, random, millis, place in self._due[now % 60]:
            measured = self._traffic.sample(sensor, random)
            if measured is not None:
                self._count += 1
                value = (
                    f'{{"event_id":"ts-{self._tag}-{self._count:09d}","sensor_id":"{sensor.sensor_id}",'
                    f'"road_id":"{sensor.piece.road.road_id}","event_time":"{prefix}.{millis:03d}Z",'
                    f'"location":"{place}",{measured}}}'
                )
                self._emit(sensor.sensor_id, value.encode(), now * 1000 + millis)


class Stations:
    """One weather station in the middle of each zone, an observation every five minutes."""

    def __init__(self, city: City, weather: Weather, outlet: Outlet, seed: int, tag: str) -> None:
        self._weather, self._emit, self._tag, self._count = weather, outlet.emit, tag, 0
        self._stations = [
            (index * 11 % OBSERVE_EVERY_S, zone, Random(f"{seed}:station:{zone.zone_id}"))
            for index, zone in enumerate(city.zones)
        ]

    def tick(self, now: int, prefix: str) -> None:
        """Report the observations of second `now` (since 1970; `prefix` is the same as text)."""
        for phase, zone, random in self._stations:
            if now % OBSERVE_EVERY_S == phase:
                self._count += 1
                station_id = f"station-{zone.zone_id}"
                latitude, longitude = zone.centre
                measured = self._weather.observation(zone.zone_id, now // 60, rush(now // 60), random)
                value = (
                    f'{{"event_id":"we-{self._tag}-{self._count:09d}","station_id":"{station_id}",'
                    f'"event_time":"{prefix}.000Z","location":"{latitude:.6f},{longitude:.6f}",{measured}}}'
                )
                self._emit(station_id, value.encode(), now * 1000)


class EmergencyDesk:
    """Reports the state of incidents, from reported to resolved."""

    def __init__(self, outlet: Outlet, tag: str) -> None:
        self._emit, self._tag, self._count = outlet.emit, tag, 0
        self._waiting: list[tuple[int, str, str, Incident]] = []

    def open(self, incident: Incident) -> None:
        """Take on an incident."""
        for at_ms, status in incident.messages:
            heapq.heappush(self._waiting, (at_ms, incident.incident_id, status, incident))

    def tick(self, now: int) -> None:
        """Report the changes of second `now` (since 1970)."""
        while self._waiting and self._waiting[0][0] < (now + 1) * 1000:
            at_ms, incident_id, status, incident = heapq.heappop(self._waiting)
            self._count += 1
            latitude, longitude = incident.place
            payload = {
                "event_id": f"ei-{self._tag}-{self._count:09d}",
                "incident_id": incident_id,
                "incident_type": incident.incident_type,
                "event_time": iso(at_ms),
                "location": f"{latitude:.6f},{longitude:.6f}",
                "status": status,
                "severity": incident.severity,
                "description": incident.description,
            }
            self._emit(incident_id, json.dumps(payload, separators=(",", ":")).encode(), at_ms)
