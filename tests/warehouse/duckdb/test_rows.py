"""A fact whose rows each come from one event: a run writes the new and changed ones and leaves the rest of the hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testbed.city.by_hand import READING, SNAPSHOT, WEATHER, city_of
from testbed.oracle import KEYS, assert_same_rows, project_oracle
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

READINGS, SNAPSHOTS, SAMPLES = "fct_vehicle_readings", "fct_camera_observations", "fct_car_samples"
FACTS = (READINGS, SNAPSHOTS, SAMPLES)
HOUR = datetime(2026, 3, 9, 8, tzinfo=UTC)
SAMPLE = {"car_id": "car-0001", "speed": 50, "rpm": 2000, "gear": 2}
CAR = {**READING, "speed_kmh": 50.0}
MINUTES = 60
_IN_PLACE = re.compile(r'insert into .*"(\w+)" by name')


def _at(minute: float, event: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"event_time": HOUR + timedelta(minutes=minute), **event, **more}


# Each topic's events; a third is landed at a time. The second weather is late, and so is the last reading, which is
# the nearest to the first snapshot.
EVENTS = {
    "vehicle-telemetry": [*(_at(minute, CAR) for minute in range(MINUTES - 1)), _at(5.005, CAR)],
    "traffic-cameras": [_at(minute + 0.01, SNAPSHOT, detected_vehicles=1) for minute in (5, 25, 45)],
    "weather": [_at(minute, WEATHER, condition=sky) for minute, sky in ((0, "rain"), (10, "fog"), (45, "clear"))],
    "sensors-sample": [_at(minute, SAMPLE) for minute in range(MINUTES)],
}


@dataclass
class Built:
    """A warehouse that was built after each third, and the minutes of the rows that each run wrote."""

    warehouse: Embedded
    written: list[dict[str, list[float]]] = field(default_factory=list)
    in_place: list[set[str]] = field(default_factory=list)

    def run(self) -> None:
        """One run; note what it wrote, and which tables in place."""
        in_place = set()

        def note(event: Any) -> None:
            if event.info.name == "SQLQuery" and (found := _IN_PLACE.search(event.data.sql)):
                in_place.add(found[1])

        outcome = self.warehouse.dbt("run", callbacks=[note])
        assert outcome.success, failures(outcome)
        self.in_place.append(in_place)
        self.written.append({fact: self.newest(fact) for fact in FACTS})

    def newest(self, fact: str) -> list[float]:
        """The minutes of the rows that the last run wrote."""
        since = "(select max(through_ms) from junction.build_log)"
        rows = self.warehouse.query(f"select event_time from junction.{fact} where _built_ms >= {since} order by 1")
        return [round((row[0] - HOUR.replace(tzinfo=None)).total_seconds() / 60, 3) for row in rows]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("rows")
    sent = city_of(EVENTS)
    with embedded(folder) as warehouse:
        warehouse.build("seed")
        found = Built(warehouse)
        for piece in range(3):
            sent.land(warehouse.landing, piece, 3, datetime.now(UTC) - timedelta(minutes=90 - 20 * piece))
            found.run()
        yield found


def test_the_rows_of_new_events_are_written_and_the_hour_is_left(built: Built) -> None:
    assert [written[SAMPLES] for written in built.written] == [
        [float(minute) for minute in range(first, first + 20)] for first in (0, 20, 40)
    ]


def test_an_input_that_is_landed_late_changes_the_rows_from_its_own_time_on(built: Built) -> None:
    first, second, third = (written[READINGS] for written in built.written)
    assert first == [float(minute) for minute in range(20)]
    assert second == [float(minute) for minute in range(10, 40)]
    assert third == [5.005, *(float(minute) for minute in range(40, 59))]
    assert [written[SNAPSHOTS] for written in built.written] == [[5.01], [25.01], [5.01, 45.01]]


def test_a_process_writes_in_place_what_it_has_compared_with_its_sql(built: Built) -> None:
    anew, _, in_place = built.in_place[:3]
    assert anew == set()
    assert {*FACTS, "int_vehicle_telemetry_received", "int_landing_hours"} <= in_place


def test_rows_that_a_broken_run_left_are_written_once(built: Built) -> None:
    before = {fact: built.warehouse.query(f"select count(*) from junction.{fact}") for fact in FACTS}
    built.warehouse.query(
        "delete from junction.build_log where model like 'fct%'"
        " and through_ms = (select max(through_ms) from junction.build_log)"
    )
    built.run()
    assert built.written[-1] == built.written[2]
    assert {fact: built.warehouse.query(f"select count(*) from junction.{fact}") for fact in FACTS} == before


@pytest.mark.parametrize("fact", FACTS)
def test_they_equal_the_oracle(built: Built, fact: str) -> None:
    assert_same_rows(fact, built.warehouse.table(fact), project_oracle(built.warehouse.landing).mart(fact), KEYS[fact])


@pytest.mark.parametrize("fact", FACTS)
def test_an_hour_that_is_rebuilt_is_replaced_as_a_whole(built: Built, fact: str) -> None:
    before = built.warehouse.query(f"select count(*) from junction.{fact}")
    hours = f"{{from: '{HOUR:%Y-%m-%d %H}:00', to: '{HOUR + timedelta(hours=1):%Y-%m-%d %H}:00'}}"
    built.warehouse.build("run", "--select", fact, "--vars", hours)
    after = built.warehouse.query(f"select count(*), count(distinct _built_ms) from junction.{fact}")
    assert after == [(*before[0], 1)]
