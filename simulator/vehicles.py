"""The vehicles: trips between the cities, driving within them, engines and gears, GPS fixes and camera snapshots."""

from __future__ import annotations

from collections import deque
from random import Random

from simulator.causes import Causes
from simulator.city import Car, City, Drive, Leg, Point, Route
from simulator.faults import Outlet
from simulator.traffic import FREE_SPEED_SHARE, Traffic, usual_flow
from simulator.truth import iso

SPEED_UP, SLOW_DOWN = 5.0, 9.0  # km/h in one second
GPS_EVERY_S = 5
LOCAL_MINUTES = (12, 45)  # driving within a city between two trips
HURRIED_EVERY = 6  # every sixth driver drives far above the limit
TRUCK_LIMIT = 100.0  # km/h, also of buses
RED_LIGHT_SHARE, RED_LIGHT_S = 0.35, (10, 45)  # at the end of a city road
REST_SHARE, REST_S = 0.04, (240, 720)  # at the end of a piece of a trip


class Vehicle:
    """One car on its way. Speeds in km/h, `km` along the current leg, times in seconds since 1970."""

    __slots__ = (
        "car", "car_id", "city", "fixed", "gear_shift", "gps_at", "km", "leg", "legs", "local_until", "millis",
        "node", "noise", "on_trip", "phase", "random", "speed", "stop_until", "top", "trip", "wish",
    )  # fmt: skip

    def __init__(self, car: Car, index: int, of: int, seed: int) -> None:
        self.car, self.car_id, self.random = car, car.car_id, Random(f"{seed}:vehicle:{car.car_id}")
        self.phase = index * 1000 // of
        self.millis = f".{self.phase:03d}Z"
        self.gps_at = index % GPS_EVERY_S
        hurried = index % HURRIED_EVERY == HURRIED_EVERY // 2
        self.wish = self.random.uniform(1.22, 1.38) if hurried else self.random.uniform(0.92, 1.08)
        self.top = TRUCK_LIMIT if car.vehicle_type in ("truck", "bus") else 190.0
        self.fixed = f'"make":"{car.brand}","model":"{car.model}","year":{car.year},"fuel_type":"{car.fuel_type}"'
        self.km = self.speed = self.noise = 0.0
        self.stop_until = self.local_until = self.gear_shift = 0
        self.on_trip, self.trip = False, ""
        self.legs: deque[Leg] = deque()
        self.leg: Leg
        self.city: str
        self.node: Point


class Fleet:
    """All vehicles. `outlets` are those of vehicle-telemetry, sensors-sample, vehicle-gps and traffic-cameras."""

    def __init__(
        self, city: City, traffic: Traffic, causes: Causes, outlets: dict[str, Outlet], count: int, seed: int,
        tag: str, start_s: int,
    ) -> None:  # fmt: skip
        self._city, self._traffic, self._causes, self._tag = city, traffic, causes, tag
        self._telemetry, self._samples = outlets["vehicle-telemetry"].emit, outlets["sensors-sample"].emit
        self._gps, self._cameras = outlets["vehicle-gps"].emit, outlets["traffic-cameras"].emit
        self._readings = self._fixes = self._snapshots = self._trips = 0
        self.vehicles = [Vehicle(car, index, count, seed) for index, car in enumerate(city.cars[:count])]
        cities = sorted(city.hubs)
        for vehicle in self.vehicles:
            vehicle.city = vehicle.random.choice(cities)
            vehicle.node = city.hubs[vehicle.city]
            if vehicle.random.random() < 0.5:
                vehicle.local_until = start_s + 60 * vehicle.random.randint(*LOCAL_MINUTES)
            self._plan(vehicle, start_s)

    def update(self, minute: int) -> None:
        """Take over the gear faults of that minute (since 1970)."""
        for vehicle in self.vehicles:
            vehicle.gear_shift = 0
        for fault in self._causes.gear_faults:
            if fault.begin <= minute < fault.end:
                self.vehicles[fault.vehicle].gear_shift = fault.shift

    def tick(self, now: int, prefix: str) -> None:
        """Move all vehicles by one second to `now` (seconds since 1970; `prefix` is the same as text) and report."""
        share, tag, of_five = self._traffic.speed, self._tag, now % GPS_EVERY_S
        telemetry, samples, number = self._telemetry, self._samples, self._readings
        for vehicle in self.vehicles:
            draw = vehicle.random.random
            vehicle.noise = noise = 0.95 * vehicle.noise + 2.4 * (draw() - 0.5)
            leg = vehicle.leg
            if vehicle.stop_until > now:
                change = -vehicle.speed
            else:
                piece = leg.piece
                wish = piece.road.speed_limit * FREE_SPEED_SHARE * vehicle.wish
                change = (wish if wish < vehicle.top else vehicle.top) * share[piece.index] + noise - vehicle.speed
            change = SPEED_UP if change > SPEED_UP else -SLOW_DOWN if change < -SLOW_DOWN else change
            speed = vehicle.speed + change
            vehicle.speed = speed = speed if speed > 0.05 else 0.0
            before = vehicle.km
            vehicle.km = km = before + speed / 3600
            event_ms = now * 1000 + vehicle.phase
            if leg.cameras:
                self._pass_cameras(vehicle, before, event_ms)
            if km >= leg.km:
                self._next_leg(vehicle, now)
                leg, km = vehicle.leg, vehicle.km
            latitude, longitude = leg.latitude + leg.dlat * km, leg.longitude + leg.dlon * km
            heading = int(leg.heading * 10 + 40 * draw()) % 3600 / 10
            number += 1
            time = f'"event_time":"{prefix}{vehicle.millis}"'
            telemetry(
                vehicle.car_id,
                f'{{"event_id":"vt-{tag}-{number:09d}","vehicle_id":"{vehicle.car_id}",{time},'
                f'"location":"{latitude:.6f},{longitude:.6f}","speed_kmh":{speed:.3f},"heading":{heading},'
                f"{vehicle.fixed}{vehicle.trip}}}".encode(),
                event_ms,
            )
            whole = int(speed + 0.5)
            gear = (whole + 15) // 30 + vehicle.gear_shift
            gear = 1 if gear < 1 else 7 if gear > 7 else gear
            rpm = 800 + whole * 95 // gear + int(150 * draw())
            samples(
                vehicle.car_id,
                f'{{"event_id":"ss-{tag}-{number:09d}",{time},"car_id":"{vehicle.car_id}","speed":{whole},'
                f'"rpm":{rpm if rpm < 8000 else 8000},"gear":{gear}}}'.encode(),
                event_ms,
            )
            if vehicle.gps_at == of_five:
                self._fix(vehicle, latitude, longitude, time, event_ms)
        self._readings = number

    def _fix(self, vehicle: Vehicle, latitude: float, longitude: float, time: str, event_ms: int) -> None:
        random = vehicle.random
        accuracy = random.uniform(2.5, 9.0)
        spread = accuracy / 2 / 111_200  # degrees
        latitude, longitude = latitude + random.gauss(0, spread), longitude + random.gauss(0, spread)
        heading = int(vehicle.leg.heading * 10 + random.uniform(0, 60)) % 3600 / 10
        speed = max(0.0, vehicle.speed + random.gauss(0, 0.8) * (vehicle.speed > 0))
        self._fixes += 1
        value = (
            f'{{"event_id":"vg-{self._tag}-{self._fixes:09d}","vehicle_id":"{vehicle.car_id}",{time},'
            f'"location":"{latitude:.6f},{longitude:.6f}","speed_kmh":{speed:.2f},"heading":{heading},'
            f'"vehicle_type":"{vehicle.car.vehicle_type}","accuracy_m":{accuracy:.1f}}}'
        )
        self._gps(vehicle.car_id, value.encode(), event_ms)

    def _pass_cameras(self, vehicle: Vehicle, before: float, event_ms: int) -> None:
        for km, camera_id, place in vehicle.leg.cameras:
            if before <= km < vehicle.km:
                taken_ms = event_ms + vehicle.random.randint(50, 400)
                self._snapshots += 1
                time = iso(taken_ms)
                in_view = usual_flow(vehicle.leg.piece, self._traffic.minute) / 12
                seen = 1 + int(vehicle.random.uniform(0, 2 * in_view))
                value = (
                    f'{{"event_id":"tc-{self._tag}-{self._snapshots:09d}","camera_id":"{camera_id}",'
                    f'"vehicle_id":"{vehicle.car_id}","event_time":"{time}","location":"{place}",'
                    f'"snapshot_uri":"s3://city-cameras/{camera_id}/{time[:10]}/{self._snapshots:09d}.jpg",'
                    f'"detected_vehicles":{seen}}}'
                )
                self._cameras(camera_id, value.encode(), taken_ms)

    def _next_leg(self, vehicle: Vehicle, now: int) -> None:
        """Carry on beyond the end of the leg: the next leg, or the next plan where there is none."""
        vehicle.km -= vehicle.leg.km
        if not vehicle.legs:
            self._plan(vehicle, now)
            return
        vehicle.leg = vehicle.legs.popleft()
        if vehicle.on_trip and vehicle.random.random() < REST_SHARE:
            vehicle.stop_until = now + vehicle.random.randint(*REST_S)

    def _plan(self, vehicle: Vehicle, now: int) -> None:
        """Decide at a node what comes next: go on within the city, go to its hub, or start a trip from there."""
        random = vehicle.random
        if vehicle.on_trip:
            vehicle.on_trip, vehicle.trip = False, ""
            vehicle.local_until = now + 60 * random.randint(*LOCAL_MINUTES)
        hub = self._city.hubs[vehicle.city]
        if now >= vehicle.local_until and vehicle.node == hub:
            routes = [route for route in self._city.routes if route.origin == vehicle.city]
            route = random.choices(routes, [5 if route.route_id.startswith("i35") else 2 for route in routes])[0]
            self._start_trip(vehicle, route)
            return
        exits = self._city.exits[vehicle.city, vehicle.node]
        to_hub = [drive for drive in exits if drive.end == hub] if now >= vehicle.local_until else []
        drive: Drive = random.choice(to_hub or exits)
        if random.random() < RED_LIGHT_SHARE:
            vehicle.stop_until = now + random.randint(*RED_LIGHT_S)
        vehicle.node = drive.end
        vehicle.legs.extend(drive.legs)
        vehicle.leg = vehicle.legs.popleft()

    def _start_trip(self, vehicle: Vehicle, route: Route) -> None:
        self._trips += 1
        vehicle.on_trip = True
        vehicle.trip = f',"trip_id":"trip-{self._tag}-{self._trips:06d}","route_id":"{route.route_id}"'
        vehicle.city, vehicle.node = route.destination, route.end
        vehicle.legs.extend(route.legs)
        vehicle.leg = vehicle.legs.popleft()
