"""Another topic is YAML and SQL, no Python: CONTRIBUTING's recipe, followed in a copy of the project."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from local import paths
from local.broker import Broker
from testbed.city import through_kafka as city
from testbed.warehouse.embedded import embedded

pytestmark = [pytest.mark.jvm, pytest.mark.embedded]

SOURCES = """
version: 2

sources:
  - name: raw
    schema: raw
    tables:
      - name: parking_events
        description: A car enters or leaves a car park.
        config:
          meta: {topic: parking-events, key: lot_id}
        columns:
          - {name: event_id, data_type: varchar(64), description: "{{ doc('event_id') }}", config: {meta: {required: true}}}
          - {name: lot_id, data_type: varchar(16), description: "{{ doc('lot_id') }}", config: {meta: {required: true}}}
          - {name: event_time, data_type: timestamp, description: "{{ doc('event_time') }}", config: {meta: {required: true}}}
          - {name: free_places, data_type: integer, description: "{{ doc('free_places') }}", config: {meta: {required: true}}}
"""  # noqa: E501
FIELDS = """
{% docs lot_id %}Id of the car park.{% enddocs %}

{% docs free_places %}Free places after the event.{% enddocs %}
"""
STAGING = """
with source as (
    select * from {{ source('raw', 'parking_events') }}
)

select
    {{ without_trailing_blanks('event_id') }} as event_id,
    {{ without_trailing_blanks('lot_id') }} as lot_id,
    event_time,
    free_places,
    landed_date as _landed_date,
    landed_hour as _landed_hour,
    _kafka_topic,
    _kafka_generation,
    _kafka_partition,
    _kafka_offset,
    _kafka_timestamp,
    _landed_at,
    _rescued
from source
"""
CHECKED = """
with events as (
    select * from {{ ref('stg_raw__parking_events') }}
),

judged as (
    select
        *,
        case
            when {{ event_time_is_off() }} then 'event_time_out_of_range'
            when free_places < 0 then 'free_places_out_of_range'
        end as invalid_reason
    from events
)

select
    *,
    {{ event_hour() }} as event_hour
from judged
"""
CLEAN = "select * from {{ ref('int_parking_events_received') }}\nwhere row_status = 'clean'\n"
QUARANTINE = CLEAN.replace("'clean'", "'invalid'")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with what the recipe adds."""
    copy = tmp_path_factory.mktemp("project") / "dbt_project"
    shutil.copytree(paths.PROJECT_DIR, copy, ignore=shutil.ignore_patterns("target", "logs"))
    models = copy / "models"
    (models / "staging" / "parking").mkdir()
    (models / "staging" / "parking" / "_parking__sources.yml").write_text(SOURCES)
    (models / "staging" / "parking" / "stg_raw__parking_events.sql").write_text(STAGING)
    (models / "_fields.md").write_text((models / "_fields.md").read_text() + FIELDS)
    intermediate = models / "intermediate"
    (intermediate / "checked" / "int_parking_events_checked.sql").write_text(CHECKED)
    (intermediate / "received" / "int_parking_events_received.sql").write_text("{{ receive('parking_events') }}\n")
    (intermediate / "clean" / "int_parking_events_clean.sql").write_text(CLEAN)
    (intermediate / "quarantine" / "int_parking_events_quarantine.sql").write_text(QUARANTINE)
    entities = copy / "macros" / "raw" / "common" / "entities.sql"
    text = entities.read_text()
    assert text.count("'emergency_incidents',\n") == 1
    entities.write_text(text.replace("'emergency_incidents',\n", "'emergency_incidents', 'parking_events',\n"))
    return copy


def _event(number: int, free_places: object) -> bytes:
    time = datetime(2026, 3, 2, 9, number, tzinfo=UTC).isoformat()
    event = {"event_id": f"p-{number}", "lot_id": "lot-1", "event_time": time, "free_places": free_places}
    return json.dumps(event).encode()


def test_a_topic_needs_yaml_and_sql_only(project: Path, broker: Broker, spark: SparkSession, tmp_path: Path) -> None:
    payloads = [_event(1, 12), _event(2, -1), _event(1, 12), _event(3, "many"), _event(4, 11)]
    timestamp = int(datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp() * 1000)
    records = [{"key": "lot-1", "value": payload, "timestamp_ms": timestamp} for payload in payloads]
    city.send(broker, {"parking-events": records})
    city.land(spark, broker, tmp_path, datetime.now(UTC) - timedelta(hours=1), project, ["parking-events"])
    with embedded(tmp_path, project) as built:
        built.build("run", "--select", "+int_parking_events_clean", "int_parking_events_quarantine")
        received = "select _kafka_offset, row_status, invalid_reason from int_parking_events_received order by 1"
        rows = built.query(received)
        clean = built.query("select free_places from int_parking_events_clean order by 1")
        quarantine = built.query("select invalid_reason from int_parking_events_quarantine")
    assert rows == [
        (0, "clean", None),
        (1, "invalid", "free_places_out_of_range"),
        (2, "duplicate", None),
        (4, "clean", None),
    ]
    assert clean == [(11,), (12,)]
    assert quarantine == [("free_places_out_of_range",)]
    assert city.landed(tmp_path, "dead_letters", "_kafka_offset, reason, field") == [(3, "wrong_type", "free_places")]
