"""The simulated city: same seed, same bytes; its records fit the contract; causes have effects."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from contract.place import ROOT
from contract.reading import load_contract
from simulator.__main__ import EXAMPLES, _parser, main
from simulator.city import Zone
from simulator.seeds import load_city
from testbed.city.simulated import Run, epoch_ms, simulate

CONTRACT = load_contract()
FAULTS = ["--late", "0.05", "--duplicated", "0.02", "--malformed", "0.02", "--out-of-order", "0.02"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three hours, four vehicles, no faults of records."""
    return simulate(tmp_path_factory.mktemp("run"), "--vehicles", "4", "--seed", "5")


def test_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    options = ["--hours", "0.3", "--vehicles", "3", "--seed", "9", *FAULTS]
    written = []
    for number in ("1", "2"):
        folder = tmp_path / number
        subprocess.run(
            [sys.executable, "-m", "simulator", "--to-files", folder, "--truth", folder / "truth", *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": number},
            check=True,
            capture_output=True,
        )
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {f"{topic.topic}.jsonl" for topic in CONTRACT.topics} | {"truth"}


def test_another_seed_is_another_life(run: Run, tmp_path: Path) -> None:
    other = simulate(tmp_path, "--vehicles", "4", "--seed", "6", "--hours", "0.4")
    for topic in CONTRACT.topics:
        assert {record["value"] for record in run.records(topic.topic)}.isdisjoint(
            record["value"] for record in other.records(topic.topic)
        ), topic.topic


def test_fewer_topics_are_the_same_records(run: Run, tmp_path: Path) -> None:
    part = simulate(tmp_path, "--vehicles", "4", "--seed", "5", "--topics", "weather,traffic-cameras")
    assert sorted(path.name for path in part.folder.glob("*.jsonl")) == ["traffic-cameras.jsonl", "weather.jsonl"]
    for topic in ("weather", "traffic-cameras"):
        assert part.records(topic) == run.records(topic)


@pytest.mark.parametrize("topic", CONTRACT.topics, ids=lambda topic: topic.topic)
def test_records_fit_the_contract(run: Run, topic: Any) -> None:
    records = run.records(topic.topic)
    named = {column.name for column in topic.columns}
    identities: Counter[str] = Counter()
    for record in records:
        payload = json.loads(record["value"])
        assert topic.check(payload) == []
        assert set(payload) <= named
        assert record["key"] == payload[topic.key]
        assert 50 <= record["timestamp_ms"] - epoch_ms(payload["event_time"]) <= 2000
        identities[payload["event_id"]] += 1
    assert records
    assert max(identities.values()) == 1


def test_every_topic_comes_at_its_pace(run: Run) -> None:
    seconds = 3 * 3600
    city = load_city()
    assert len(run.records("vehicle-telemetry")) == 4 * seconds
    assert len(run.records("sensors-sample")) == 4 * seconds
    assert len(run.records("vehicle-gps")) == 4 * seconds // 5
    assert len(run.records("traffic-sensors")) == sum(seconds // sensor.interval_s for sensor in city.sensors)
    assert len(run.records("weather")) == len(city.zones) * seconds // 300
    times = [epoch_ms(payload["event_time"]) for payload in run.payloads("vehicle-telemetry")]
    assert times == sorted(times)


def test_vehicles_move_as_fast_as_they_say(run: Run) -> None:
    tracks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for payload in run.payloads("vehicle-telemetry"):
        tracks[payload["vehicle_id"]].append(payload)
    region = Zone("region", "", 29.24, 30.46, -98.68, -97.56)
    for track in tracks.values():
        points = [tuple(map(float, payload["location"].split(","))) for payload in track]
        assert all(region.holds(point) for point in points)  # type: ignore[arg-type]
        for (lat_a, lon_a), (lat_b, lon_b), payload in zip(points, points[1:], track[1:], strict=False):
            metres = (((lat_b - lat_a) * 111_195) ** 2 + ((lon_b - lon_a) * 111_195 * 0.868) ** 2) ** 0.5
            # A corner cuts at most the way of one second; 2 km/h is the rounding of the coordinates.
            assert metres * 3.6 <= payload["speed_kmh"] * 1.02 + 2
        assert max(payload["speed_kmh"] for payload in track) <= 200


def test_trips_follow_their_route(run: Run) -> None:
    city = load_city()
    zones = {route.route_id: {leg.piece.zone_id for leg in route.legs} for route in city.routes}
    trips: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    with_trip = without = 0
    for payload in run.payloads("vehicle-telemetry"):
        assert ("trip_id" in payload) == ("route_id" in payload)
        if "trip_id" not in payload:
            without += 1
            continue
        with_trip += 1
        point = tuple(map(float, payload["location"].split(",")))
        zone = next((zone.zone_id for zone in city.zones if zone.holds(point)), None)  # type: ignore[arg-type]
        trips[payload["trip_id"], payload["route_id"]].add(zone)
    assert with_trip > 3600
    assert without > 3600
    # The last reading of a trip may already stand on the first road after it.
    assert all(passed <= zones[route_id] for (_, route_id), passed in trips.items())
    assert any(passed == zones[route_id] for (_, route_id), passed in trips.items())


def test_gear_follows_speed_unless_a_fault_says_otherwise(run: Run) -> None:
    spans = [(fact["vehicle_id"], fact["from"], fact["to"]) for fact in run.truth("gear_fault")]
    assert spans
    wrong_in_fault = 0
    for sample in run.payloads("sensors-sample"):
        expected = max(1, (sample["speed"] + 15) // 30)
        if any(car == sample["car_id"] and begin <= sample["event_time"] < end for car, begin, end in spans):
            wrong_in_fault += sample["gear"] != expected
        else:
            assert sample["gear"] == expected, sample
    assert wrong_in_fault > 60


def test_rush_hour_flow_is_smooth_and_busy(run: Run) -> None:
    minutes: dict[str, Counter[str]] = defaultdict(Counter)
    faulty = {fact["sensor_id"] for fact in run.truth("episode")}
    for sample in run.payloads("traffic-sensors"):
        minutes[sample["sensor_id"]][sample["event_time"][:16]] += sample["vehicle_count"]
    calm = [counts for sensor_id, counts in minutes.items() if sensor_id not in faulty]
    assert len(calm) > 20
    early, late = (
        sum(count for counts in calm for minute, count in counts.items() if minute[11:13] == hour)
        for hour in ("06", "08")
    )
    assert 1.1 < late / early < 2.0
    enough = [count >= 5 for counts in calm for count in counts.values()]
    assert sum(enough) > 0.999 * len(enough)


def test_cameras_see_the_vehicle_that_passes(run: Run) -> None:
    readings = {
        (payload["vehicle_id"], epoch_ms(payload["event_time"]) // 1000): payload["location"]
        for payload in run.payloads("vehicle-telemetry")
    }
    for snapshot in run.payloads("traffic-cameras"):
        second = epoch_ms(snapshot["event_time"]) // 1000
        place = tuple(map(float, snapshot["location"].split(",")))
        near = [
            (abs(place[0] - point[0]), abs(place[1] - point[1]))
            for at in (second - 1, second)
            if (key := (snapshot["vehicle_id"], at)) in readings
            for point in [tuple(map(float, readings[key].split(",")))]
        ]
        assert min(max(pair) for pair in near) < 0.001, snapshot
        assert snapshot["detected_vehicles"] >= 1


def test_start_is_respected(tmp_path: Path) -> None:
    run = simulate(tmp_path, "--vehicles", "1", "--hours", "0.05", "--start", "2026-07-04T10:00:00+02:00")
    times = [datetime.fromisoformat(payload["event_time"]) for payload in run.payloads("vehicle-telemetry")]
    assert min(times).isoformat() == "2026-07-04T08:00:00+00:00"
    assert max(times).isoformat() == "2026-07-04T08:02:59+00:00"


def test_a_run_leaves_the_signal_handlers_alone(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    simulate(tmp_path, "--vehicles", "1", "--hours", "0.01")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--vehicles", "201"], "the seeds hold 200 cars; choose 1 to 200"),
        (["--late", "0.6", "--malformed", "0.6"], "sum up to at most 1"),
        (["--topics", "weather,trains"], "Topic trains is not in the contract"),
        (["--real-time", "--start", "2026-03-02T06:00:00Z"], "leave --start out"),
    ],
)
def test_a_wrong_option_gets_one_line(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--to-files", str(tmp_path), *options]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_help_names_units_and_its_examples_are_valid(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 120
    examples = [line.split()[3:] for line in EXAMPLES.splitlines() if line.strip().startswith("python -m simulator")]
    assert len(examples) >= 4
    for arguments in examples:
        _parser(CONTRACT).parse_args(arguments)
