"""The truth says what the city shows: every effect, and nothing far from normal that is not told."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import yaml

from contract.place import ROOT
from simulator import truth
from simulator.seeds import load_city
from simulator.weather import SPEED_FACTOR
from testbed.city.simulated import Run, epoch_ms, simulate

TOPICS = "traffic-sensors,emergency-incidents,weather,vehicle-telemetry"


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Six hours of sensors with reading faults and outages, but no faults of records."""
    options = ["--hours", "6", "--vehicles", "6", "--seed", "3", "--topics", TOPICS]
    options += ["--sensor-fault", "0.03", "--sensor-outage", "0.02"]
    return simulate(tmp_path_factory.mktemp("calm"), *options)


def _minutes(run: Run) -> dict[str, dict[int, dict[str, float]]]:
    """Per sensor and minute: `speed` (weighted), `occupancy` (mean), `volume` (sum), `samples`."""
    samples: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for sample in run.payloads("traffic-sensors"):
        samples[sample["sensor_id"]][epoch_ms(sample["event_time"]) // 60_000].append(sample)
    return {
        sensor_id: {minute: _measures(group) for minute, group in sorted(minutes.items())}
        for sensor_id, minutes in samples.items()
    }


def _measures(group: list[dict[str, Any]]) -> dict[str, float]:
    count = sum(sample["vehicle_count"] for sample in group)
    weighted = sum(sample["vehicle_count"] * sample.get("average_speed_kmh", 0) for sample in group)
    occupancy = fmean(sample["occupancy_pct"] for sample in group)
    return {"speed": weighted / max(1, count), "occupancy": occupancy, "volume": count, "samples": len(group)}


def _span(fact: dict[str, Any]) -> range:
    begin, end = epoch_ms(fact["from"]), epoch_ms(fact["to"])
    assert begin % 60_000 == end % 60_000 == 0
    return range(begin // 60_000, end // 60_000)


def test_episodes_have_the_effect_that_the_truth_says(calm: Run) -> None:
    minutes = _minutes(calm)
    causes = set()
    for episode in calm.truth("episode"):
        values, metric, span = minutes[episode["sensor_id"]], episode["metric"], _span(episode)
        before = [values[at][metric] for at in range(span.start - 15, span.start) if at in values]
        during = [values[at][metric] for at in span[:15]]
        if len(before) < 15 or len(during) < 10:
            continue
        causes.add((metric, episode["cause"]))
        if metric == "volume":
            assert fmean(during) / fmean(before) == pytest.approx(episode["effect"], rel=0.25), episode
        else:
            assert fmean(during) - fmean(before) == pytest.approx(episode["effect"], abs=6), episode
    assert causes == {
        ("speed", "incident"),
        ("speed", "heavy_rain"),
        ("speed", "sensor_fault"),
        ("occupancy", "incident"),
        ("volume", "sensor_fault"),
    }


def test_nothing_far_from_normal_is_missing_in_the_truth(calm: Run) -> None:
    told: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for episode in calm.truth("episode"):
        told[episode["sensor_id"]] |= {(episode["metric"], minute) for minute in _span(episode)}
    for sensor_id, values in _minutes(calm).items():
        for metric in ("speed", "occupancy", "volume"):
            normal = {at: row[metric] for at, row in values.items() if (metric, at) not in told[sensor_id]}
            for at, value in normal.items():
                around = fmean(normal[other] for other in range(at - 30, at + 31) if other in normal)
                if metric == "volume":
                    assert value < 3 * around, (sensor_id, at)
                else:
                    assert abs(value - around) < {"speed": 12, "occupancy": 15}[metric], (sensor_id, metric, at)


def test_outages_are_silent_and_all_else_is_complete(calm: Run) -> None:
    sensors = {sensor.sensor_id: 60 // sensor.interval_s for sensor in load_city().sensors}
    silent: dict[str, set[int]] = defaultdict(set)
    for outage in calm.truth("outage"):
        silent[outage["sensor_id"]] |= set(_span(outage))
    minutes = _minutes(calm)
    watched = {minute for values in minutes.values() for minute in values}
    assert len(watched) == 360
    for sensor_id, due in sensors.items():
        assert set(minutes[sensor_id]) == watched - silent[sensor_id]
        assert {row["samples"] for row in minutes[sensor_id].values()} == {due}
    lost = sum(map(len, silent.values())) / (len(sensors) * 360)
    assert lost == pytest.approx(0.02, rel=0.4)


def test_incidents_are_reported_where_and_when_they_are(calm: Run) -> None:
    messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in calm.payloads("emergency-incidents"):
        messages[message["incident_id"]].append(message)
    zones = {zone.zone_id: zone for zone in load_city().zones}
    incidents = calm.truth("incident")
    assert len(incidents) > 10
    for incident in incidents:
        told = messages[incident["incident_id"]]
        assert [message["status"] for message in told] == ["reported", "dispatched", "on_scene", "resolved"][
            : len(told)
        ]
        times = [epoch_ms(message["event_time"]) for message in told]
        assert times == sorted(times)
        if times:
            assert 0 < times[0] - epoch_ms(incident["from"]) < 90_000
        if len(told) == 4:
            assert 0 <= times[3] - epoch_ms(incident["to"]) < 60_000
            assert 15 <= len(_span(incident)) <= 60
        for message in told:
            latitude, longitude = map(float, message["location"].split(","))
            assert zones[incident["zone_id"]].holds((latitude, longitude))


def test_vehicles_slow_down_in_heavy_rain(calm: Run) -> None:
    """Against dry roads of the same limit: read only fast corridor roads, where no red light hides the effect."""
    city = load_city()
    heavy: dict[str, set[int]] = defaultdict(set)
    zone_of = {sensor.sensor_id: sensor.piece.zone_id for sensor in city.sensors}
    for episode in calm.truth("episode"):
        if episode["cause"] == "heavy_rain":
            heavy[zone_of[episode["sensor_id"]]] |= set(_span(episode))
    zones = [zone for zone in city.zones if zone.zone_id in heavy and zone.city == "corridor"]
    wet: list[float] = []
    dry: list[float] = []
    for reading in calm.payloads("vehicle-telemetry"):
        latitude, longitude = map(float, reading["location"].split(","))
        zone = next((zone for zone in zones if zone.holds((latitude, longitude))), None)
        if zone and reading["speed_kmh"] > 1:
            raining = epoch_ms(reading["event_time"]) // 60_000 in heavy[zone.zone_id]
            (wet if raining else dry).append(reading["speed_kmh"])
    assert len(wet) > 100
    assert fmean(wet) / fmean(dry) == pytest.approx(SPEED_FACTOR["heavy_rain"], abs=0.15)


def test_stations_observe_the_rain_that_slows_the_traffic(calm: Run) -> None:
    observed: dict[str, set[str]] = defaultdict(set)
    zone_of = {sensor.sensor_id: sensor.piece.zone_id for sensor in load_city().sensors}
    for payload in calm.payloads("weather"):
        minute = epoch_ms(payload["event_time"]) // 60_000
        observed[payload["station_id"].removeprefix("station-")].add(f"{minute} {payload['condition']}")
    spells = [episode for episode in calm.truth("episode") if episode["cause"] == "heavy_rain"]
    assert spells
    for episode in spells:
        at_zone = observed[zone_of[episode["sensor_id"]]]
        span = _span(episode)
        assert any(f"{minute} heavy_rain" in at_zone for minute in span)
        assert not any(f"{minute} {other}" in at_zone for minute in span for other in ("clear", "cloudy", "rain"))


def test_minimum_effects_are_the_warehouse_s() -> None:
    declared = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text())["vars"]
    for name in (
        "speed_drop_min_kmh",
        "congestion_min_points",
        "congestion_min_volume_ratio",
        "congestion_min_vehicles",
    ):
        assert getattr(truth, name.upper()) == declared[name], name


def test_in_a_hard_city_incidents_are_weak_and_rain_lies_over_them(tmp_path: Path) -> None:
    options = ["--hours", "12", "--vehicles", "1", "--seed", "5", "--topics", "weather"]
    hard = simulate(tmp_path / "hard", *options, "--hard")
    usual = simulate(tmp_path / "usual", *options)
    strong, effects = (
        [e["effect"] for e in run.truth("episode") if (e["cause"], e["metric"]) == ("incident", "occupancy")]
        for run in (usual, hard)
    )
    assert min(strong) >= 32
    assert min(effects) >= 15
    assert max(effects) <= 30
    assert len(effects) < 0.8 * len(strong)  # the others are too weak to be episodes
    assert not _overlapping(usual)
    assert {"incident", "sensor_fault"} <= _overlapping(hard)


def _overlapping(run: Run) -> set[str]:
    """The causes whose episodes share a sensor's minutes with heavy rain."""
    rain: dict[str, set[int]] = defaultdict(set)
    for episode in run.truth("episode"):
        if episode["cause"] == "heavy_rain":
            rain[episode["sensor_id"]] |= set(_span(episode))
    others = [e for e in run.truth("episode") if e["cause"] != "heavy_rain"]
    return {e["cause"] for e in others if rain[e["sensor_id"]] & set(_span(e))}
