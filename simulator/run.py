"""A run: the city's clock from start to end, one second after the other."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contract.model import Contract
from simulator.causes import Causes
from simulator.city import City
from simulator.faults import Delayed, Outlet, Shares
from simulator.roadside import EmergencyDesk, Sensors, Stations
from simulator.sinks import Sink
from simulator.traffic import Traffic
from simulator.truth import Truth
from simulator.vehicles import Fleet
from simulator.weather import Weather


@dataclass(frozen=True)
class Options:
    """What to simulate. `seconds` None means until stopped; `topics` are those that are sent."""

    seed: int
    start: datetime
    seconds: int | None
    vehicles: int
    topics: tuple[str, ...]
    shares: Shares = field(default_factory=Shares)
    late_up_to_minutes: float = 120.0
    sensor_fault: float = 0.02
    sensor_outage: float = 0.0
    hard: bool = False
    real_time: bool = False

    @property
    def tag(self) -> str:
        """Part of every id, so that two different runs into one broker do not share ids."""
        text = f"{self.seed}|{self.start.isoformat()}|{self.vehicles}"
        return hashlib.sha256(text.encode()).hexdigest()[:6]


class _Silent:
    """Takes the records of the topics that nobody asked for."""

    def send(self, topic: str, key: str, value: bytes | None, timestamp_ms: int) -> None:
        """Drop it."""

    def close(self) -> None:
        """Nothing to do."""


def run(
    options: Options,
    city: City,
    contract: Contract,
    sink: Sink,
    truth: Truth,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Outlet]:
    """Simulate, send all records to `sink` and write the truth; returns the outlet of each sent topic.

    `progress` is told every simulated minute how many seconds and records are done. `stopped` is asked every
    simulated second: the run then ends early, as at its regular end. Raises SinkError.
    """
    start_s = int(options.start.timestamp())
    seed, tag = options.seed, options.tag
    delayed = Delayed(sink)
    outlets = {}
    for topic in contract.topics:
        required = {column.name: column.kind for column in topic.columns if column.required}
        sent = topic.topic in options.topics
        outlets[topic.topic] = Outlet(
            topic.topic, topic.key, required, sink if sent else _Silent(), delayed, truth,
            options.shares if sent else Shares(), options.late_up_to_minutes, seed,
        )  # fmt: skip
    weather = Weather(city, seed, start_s // 60)
    causes = Causes(
        city, weather, seed, tag, start_s // 60, options.vehicles,
        options.sensor_fault, options.sensor_outage, options.hard,
    )  # fmt: skip
    traffic = Traffic(city, weather, causes)
    fleet = Fleet(city, traffic, causes, outlets, options.vehicles, seed, tag, start_s)
    sensors = Sensors(city, traffic, outlets["traffic-sensors"], seed, tag)
    stations = Stations(city, weather, outlets["weather"], seed, tag)
    desk = EmergencyDesk(outlets["emergency-incidents"], tag)
    now = start_s
    while (options.seconds is None or now < start_s + options.seconds) and not stopped():
        if (now - start_s) % 3600 == 0:
            for incident in causes.extend():
                desk.open(incident)
        if now % 60 == 0 or now == start_s:
            traffic.update(now // 60)
            fleet.update(now // 60)
            progress(now - start_s, sum(outlet.records for outlet in outlets.values()))
        prefix = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        fleet.tick(now, prefix)
        sensors.tick(now, prefix)
        stations.tick(now, prefix)
        desk.tick(now)
        now += 1
        delayed.release(now * 1000)
        if options.real_time:
            time.sleep(max(0.0, now - time.time()))
    # After an early stop no Kafka timestamp may lie in the broker's future.
    delayed.send_all(now * 1000 if stopped() else None)
    truth.write_causes(causes, city.sensors, [car.car_id for car in city.cars], -(-now // 60))
    sink.close()
    return {name: outlet for name, outlet in outlets.items() if name in options.topics}
