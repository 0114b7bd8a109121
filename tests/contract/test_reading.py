"""What the contract says, and how it complains."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.model import Column, ContractError
from contract.reading import load_contract

LANDING = """
sources:
  - name: raw
    tables:
      - name: dead_letters
        config: {meta: {landing_columns: [{name: _kafka_offset, data_type: bigint}]}}
        columns: [{name: _kafka_offset, data_type: bigint, config: {meta: {required: true}}}]
      - name: landed_batches
        columns: [{name: _kafka_topic, data_type: varchar(249), config: {meta: {required: true}}}]
      - name: compacted_hours
        columns: [{name: raw_table, data_type: varchar(128), config: {meta: {required: true}}}]
"""
GOOD = """
sources:
  - name: raw
    tables:
      - name: bus_stops
        config: {meta: {topic: bus-stops, key: stop_id}}
        columns:
          - {name: stop_id, data_type: varchar(8), config: {meta: {required: true}}}
          - {name: waiting, data_type: integer, config: {meta: {unit: persons}}}
"""


def project(folder: Path, *sources: str) -> Path:
    for number, text in enumerate((LANDING, *sources)):
        path = folder / "models" / "staging" / f"d{number}" / f"_d{number}__sources.yml"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return folder


def test_the_projects_own_contract_has_the_seven_topics() -> None:
    contract = load_contract()
    assert {topic.topic: topic.key for topic in contract.topics} == {
        "vehicle-telemetry": "vehicle_id",
        "vehicle-gps": "vehicle_id",
        "traffic-sensors": "sensor_id",
        "weather": "station_id",
        "emergency-incidents": "incident_id",
        "traffic-cameras": "camera_id",
        "sensors-sample": "car_id",
    }
    assert [column.name for column in contract.landing_columns] == [
        "_kafka_topic",
        "_kafka_generation",
        "_kafka_partition",
        "_kafka_offset",
        "_kafka_timestamp",
        "_landed_at",
        "_rescued",
    ]
    speed = next(column for column in contract.topic("vehicle-telemetry").columns if column.name == "speed_kmh")
    assert (speed.data_type, speed.required, speed.unit) == ("double", True, "km/h")


def test_a_new_topic_needs_yaml_only(tmp_path: Path) -> None:
    contract = load_contract(project(tmp_path, GOOD))
    (topic,) = contract.topics
    assert (topic.table, topic.topic, topic.key) == ("bus_stops", "bus-stops", "stop_id")
    assert topic.columns == (Column("stop_id", "varchar(8)", True), Column("waiting", "integer", False, "persons"))
    assert topic.columns[0].max_bytes == 8


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("integer", "number"), "table bus_stops, column waiting: data_type number is unknown"),
        (GOOD.replace("varchar(8)", "varchar"), "table bus_stops, column stop_id: give the text a length"),
        (GOOD.replace("varchar(8)", "varchar(0)"), "column stop_id: data_type varchar(0) is unknown"),
        (GOOD.replace("varchar(8)", "varchar(65536)"), "column stop_id: data_type varchar(65536) is unknown"),
        (GOOD.replace(", key: stop_id", ""), "table bus_stops: set config.meta.key"),
        (GOOD.replace("key: stop_id", "key: waiting"), "table bus_stops, column waiting: the key must be one of"),
        (GOOD.replace("key: stop_id", "key: nobody"), "table bus_stops, column nobody: the key must be one of"),
        (GOOD.replace("topic: bus-stops, ", ""), "table bus_stops: set config.meta.topic"),
        (GOOD.replace("topic: bus-stops", "topic: bus/stops"), "table bus_stops: set config.meta.topic"),
        (GOOD.replace("waiting", "stop_id"), "table bus_stops, column stop_id: it stands there twice"),
        (GOOD.replace("waiting", "_kafka_offset"), "column _kafka_offset: landing adds this name itself"),
        (GOOD.replace("waiting", "landed_hour"), "column landed_hour: landing adds this name itself"),
        (GOOD.replace("required: true", "required: 'yes'"), "column stop_id: config.meta.required must be"),
        (GOOD.replace("name: bus_stops", "name: Bus-Stops"), "table Bus-Stops: name the table in snake_case"),
        (GOOD.replace("tables:", "tables: : :"), "correct the YAML"),
        (
            GOOD.replace("topic: bus-stops", f"topic: {'b' * 179}"),
            "has 179 characters and names of landed files have room for 178: land a topic with a shorter name.",
        ),
        (
            GOOD.replace("topic: bus-stops", "topic: _bus-stops"),
            "topic _bus-stops begins with _, and every engine",
        ),
        (
            GOOD.replace("topic: bus-stops", "topic: .bus-stops"),
            "topic .bus-stops begins with ., and every engine",
        ),
    ],
)
def test_a_broken_contract_names_file_table_and_column(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(ContractError) as complaint:
        load_contract(project(tmp_path, wrong))
    assert said in str(complaint.value)
    assert str(complaint.value).startswith("d1/_d1__sources.yml: ")


def test_names_at_their_bounds_are_taken(tmp_path: Path) -> None:
    text = GOOD.replace("topic: bus-stops", f"topic: {'b' * 178}").replace("name: bus_stops", f"name: {'t' * 100}")
    (topic,) = load_contract(project(tmp_path, text.replace("waiting", "w" * 127))).topics
    assert (len(topic.topic), len(topic.table), len(topic.columns[1].name)) == (178, 100, 127)


@pytest.mark.parametrize("name", ["_events", ".events", "__consumer_offsets", "..x", "_"])
def test_a_topic_whose_files_no_reader_sees_is_refused(tmp_path: Path, name: str) -> None:
    """A landed file's name begins with its topic's, and names that begin so are hidden."""
    with pytest.raises(ContractError, match=f"topic {name} begins with {name[0]}, and every engine passes over files"):
        load_contract(project(tmp_path, GOOD.replace("topic: bus-stops", f"topic: '{name}'")))


def test_two_tables_cannot_share_a_topic_or_a_name(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"topic bus-stops belongs to table bus_stops already"):
        load_contract(project(tmp_path / "a", GOOD, GOOD.replace("name: bus_stops", "name: other")))
    with pytest.raises(ContractError, match=r"d2/_d2__sources.yml: table bus_stops stands in d1/_d1__sources.yml too"):
        load_contract(project(tmp_path / "b", GOOD, GOOD))


def test_landings_own_tables_must_be_there(tmp_path: Path) -> None:
    folder = project(tmp_path, GOOD)
    landing = folder / "models" / "staging" / "d0" / "_d0__sources.yml"
    landing.write_text(LANDING.replace("landed_batches", "landed"))
    with pytest.raises(ContractError, match=r"table landed: set config\.meta\.topic"):
        load_contract(folder)
    landing.unlink()
    with pytest.raises(ContractError, match="declare the table dead_letters"):
        load_contract(folder)


def test_an_unknown_topic_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="Topic trams is not in the contract: choose from bus-stops"):
        load_contract(project(tmp_path, GOOD)).topic("trams")


def test_check_says_what_landing_would() -> None:
    topic = load_contract().topic("sensors-sample")
    good = {
        "event_id": "e", "event_time": "2026-01-01T08:00:00.123Z", "car_id": "c", "speed": 90, "rpm": 3000, "gear": 3,
    }  # fmt: skip
    assert topic.check(good) == []
    assert topic.check(good | {"more": [1]}) == []
    assert topic.check(good | {"speed": "90", "gear": None}) == ["wrong_type speed", "missing_field gear"]
    assert topic.check(good | {"car_id": "ü" * 17}) == ["too_long car_id"]
