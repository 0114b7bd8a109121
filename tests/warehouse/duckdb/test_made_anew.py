"""A table that is made anew alone takes what is below it along, also what it no longer has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testbed.city.by_hand import READING, SNAPSHOT, WEATHER, city_of
from testbed.city.pieces import City
from testbed.schedules.live import differences
from testbed.warehouse.embedded import Embedded, embedded

pytestmark = pytest.mark.embedded

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
CAR, SHOT = {**READING, "speed_kmh": 50.0}, {**SNAPSHOT, "detected_vehicles": 1}
# The third event of each topic is three quarters of an hour ahead of Kafka's time, which this var forbids.
STRICTER = ("--vars", "{event_ahead_ms: 1800000}")
RECEIVED = ("int_vehicle_telemetry_received", "int_traffic_cameras_received", "int_weather_received")
TABLES = ("fct_vehicle_readings", "fct_camera_observations", "int_zone_weather_hours", "agg_weather_impact_zone_hours")
MODELS = ("run", "--select", *(f"+{table}" for table in TABLES))


def _city() -> City:
    events = {"vehicle-telemetry": CAR, "traffic-cameras": SHOT, "weather": {**WEATHER, "condition": "rain"}}
    times = [NOON + timedelta(minutes=minute) for minute in (0, 70, 190, 1)]
    sent = city_of({topic: [{"event_time": time, **event} for time in times] for topic, event in events.items()})
    for rows in sent.records.values():
        rows[2]["timestamp"] -= 45 * 60 * 1_000_000
    return sent


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("anew")) as started:
        started.build("seed")
        started.keep("seeded")
        yield started


def alone(running: Embedded) -> None:
    running.build("run", "--full-refresh", "--select", *(f"+{table}" for table in RECEIVED), *STRICTER)


def gone(running: Embedded) -> None:
    for table in RECEIVED:
        running.query(f"drop table {table}")


def without_what_is_below(running: Embedded) -> None:
    """As a run that dies leaves it."""
    running.build(*MODELS, "--full-refresh", "--exclude", *TABLES, *STRICTER)


@pytest.mark.parametrize("made_anew", [alone, gone, without_what_is_below])
def test_what_is_below_holds_no_row_twice_and_none_that_is_gone(
    made_anew: Callable[[Embedded], None], running: Embedded
) -> None:
    running.begin("seeded")
    sent, landed_at = _city(), datetime.now(UTC) - timedelta(hours=2)
    sent.land(running.landing, 0, 2, landed_at)
    running.build(*MODELS)
    sent.land(running.landing, 1, 2, landed_at + timedelta(hours=1))
    running.build(*MODELS)
    assert running.query("select count(*) from fct_vehicle_readings") == [(4,)]
    made_anew(running)
    running.build(*MODELS, *STRICTER)
    found = {table: running.table(table) for table in TABLES}
    assert [found[fact].num_rows for fact in TABLES[:2]] == [3, 3]
    running.build(*MODELS, "--full-refresh", *STRICTER)
    assert differences("a full refresh", found, {table: running.table(table) for table in TABLES}) == []


def test_a_run_that_makes_nothing_anew_forgets_nothing(running: Embedded) -> None:
    running.begin("seeded")
    _city().land(running.landing, 0, 1, datetime.now(UTC) - timedelta(hours=1))
    running.build(*MODELS)
    logged = "select model, count(*) from build_log group by all order by all"
    before = running.query(logged)
    running.build("run", "--full-refresh", "--select", "fct_vehicle_readings")  # nothing is below it
    assert dict(running.query(logged)) == {**dict(before), "fct_vehicle_readings": 2}


@pytest.mark.parametrize(("count", "minutes", "ranges"), [(200, 2, 200), (201, 2, 1), (3000, 2 * 24 * 60, 1)])
def test_rows_strewn_over_months_are_found_by_some_hundred_conditions(
    running: Embedded, count: int, minutes: int, ranges: int
) -> None:
    each = f"{{% for n in range({count}) %}}{{% do times.append([n * {minutes * 60_000_000}] * 2) %}}{{% endfor %}}"
    inline = "{% set times = [] %}" + each + "{{ ranges_of(times) | length }}"
    outcome: Any = running.dbt("compile", "--inline", inline).result
    assert outcome.results[0].node.compiled_code == str(ranges)
