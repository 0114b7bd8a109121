"""What is not visible yet, or is stamped ahead, is received in the end; a loss stays red until it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local import paths
from testbed.city.pieces import City, city
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

TABLE, RECEIVED = "vehicle_telemetry", "int_vehicle_telemetry_received"
BUILD = ("run", "--select", f"+{RECEIVED}")
# All that the data tests here read.
RUN = ("run", "--select", "+audit_landing", "+path:models/intermediate/clean", "+path:models/intermediate/quarantine")
PIECES = 5
LOSS = "each_landed_row_is_received_once"
WAITS = "no_landed_batch_waits_for_long"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    return city(tmp_path_factory.mktemp("city"), "--seed", "41", "--hours", "0.2", "--vehicles", "5")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("loss")) as started:
        started.build("seed")
        started.keep("seeded")
        yield started


def count(running: Embedded, relation: str) -> int:
    ((rows,),) = running.query(f"select count(*) from {relation}")
    return int(rows)


def hide_one(landing: Path, landed_at: datetime, aside: Path) -> Path:
    """Move one of the raw files of telemetry of that landing hour out of the folder; where it was."""
    files = sorted((landing / "raw" / TABLE).glob(f"{landed_at:landed_date=%Y-%m-%d/landed_hour=%H}/*.parquet"))
    assert len(files) > 1
    largest = max(files, key=lambda file: file.stat().st_size)
    largest.rename(aside)
    return largest


def test_a_batch_counts_when_raw_holds_its_rows(running: Embedded, sent: City, tmp_path: Path) -> None:
    running.begin("seeded")
    landing, first = running.landing, datetime.now(UTC) - timedelta(hours=PIECES)
    said: list[str] = []
    sent.land(landing, 0, PIECES, first)
    running.build(*BUILD)
    before = count(running, f"junction.{RECEIVED}")
    assert before == count(running, f"raw.{TABLE}") > 0

    sent.land(landing, 1, PIECES, first + timedelta(hours=1))
    place = hide_one(landing, first + timedelta(hours=1), tmp_path / "hidden")
    sent.land(landing, 2, PIECES, first + timedelta(hours=2))
    outcome = running.dbt(*BUILD, callbacks=[lambda event: said.append(event.info.msg)])
    assert outcome.success
    assert count(running, f"junction.{RECEIVED}") == before
    assert any(text.startswith("The batch of vehicle-telemetry that landed at ") for text in said)

    (tmp_path / "hidden").rename(place)
    running.build(*BUILD)
    assert count(running, f"junction.{RECEIVED}") == count(running, f"raw.{TABLE}")

    sent.land(landing, 3, PIECES, first + timedelta(hours=3))
    hide_one(landing, first + timedelta(hours=3), tmp_path / "lost")
    running.build(*BUILD)
    held = count(running, f"junction.{RECEIVED}")
    assert held < count(running, f"raw.{TABLE}")
    assert "would lose what landed since" in failures(running.dbt(*BUILD, "--full-refresh"))
    assert count(running, f"junction.{RECEIVED}") == held
    running.build(*BUILD, "--vars", "{wait_for_rows: false}")
    assert count(running, f"junction.{RECEIVED}") == count(running, f"raw.{TABLE}") > held


def test_a_batch_that_is_stamped_ahead_is_received_at_once(running: Embedded, sent: City, tmp_path: Path) -> None:
    running.begin("seeded")
    landing, now = running.landing, datetime.now(UTC)
    for number, landed_at in enumerate(
        (now - timedelta(hours=1), now + timedelta(hours=5), now + timedelta(hours=5.1))
    ):
        sent.land(landing, number, PIECES, landed_at)
        running.build(*BUILD)
        rows = count(running, f"raw.{TABLE}")
        assert count(running, f"junction.{RECEIVED}") == rows > 0


def test_a_batch_that_is_stamped_too_far_ahead_is_warned_of_and_has_a_way_back(running: Embedded, sent: City) -> None:
    running.begin("seeded")
    landing, ahead = running.landing, datetime.now(UTC) + timedelta(hours=20)
    sent.land(landing, 0, PIECES, datetime.now(UTC) - timedelta(hours=1))
    running.build(*BUILD)
    before = count(running, f"junction.{RECEIVED}")
    sent.land(landing, 1, PIECES, ahead)
    running.build(*BUILD)
    assert count(running, f"junction.{RECEIVED}") == before > 0
    said: list[str] = []
    # It does not end well here, where most tables were never built.
    running.dbt("run-operation", "maintain_tables", callbacks=[lambda event: said.append(event.info.msg)])
    assert any("1 batches of vehicle-telemetry are stamped up to " in text for text in said)

    running.build(*BUILD, "--vars", "{landing_ahead_hours: 24}")
    assert count(running, f"junction.{RECEIVED}") == count(running, f"raw.{TABLE}") > before
    sent.land(landing, 2, PIECES, ahead + timedelta(seconds=1))
    for more in ((), ("--full-refresh",)):
        running.build(*BUILD, *more)
        assert count(running, f"junction.{RECEIVED}") == count(running, f"raw.{TABLE}") > 2 * before


def test_a_loss_stays_red_until_it_is_mended(running: Embedded, sent: City, tmp_path: Path) -> None:
    running.begin("seeded")
    landing, first = running.landing, datetime.now(UTC) - timedelta(hours=PIECES)

    def ended(number: int) -> bool:
        sent.land(landing, number, PIECES, first + timedelta(hours=number))
        running.build(*RUN)
        return tested()

    def tested() -> bool:
        outcome: Any = running.dbt("test", "--select", LOSS)
        assert outcome.success or LOSS in failures(outcome)
        return bool(outcome.success)

    assert ended(0)
    running.query("create table main.lost as select * from junction.int_weather_received where false")
    sent.land(landing, 1, PIECES, first + timedelta(hours=1))
    running.build(*RUN)
    newest = "_built_ms = (select max(_built_ms) from junction.int_weather_received) and _kafka_partition = 0"
    running.query(f"insert into main.lost select * from junction.int_weather_received where {newest}")
    assert count(running, "main.lost") > 0
    running.query(f"delete from junction.int_weather_received where {newest}")
    assert not tested()
    assert not ended(2)  # a run later the loss is in nobody's last write
    assert not ended(3)
    running.query("insert into junction.int_weather_received select * from main.lost")
    assert tested()
    lost = "_kafka_partition = 0 and _kafka_offset in (select _kafka_offset from main.lost)"
    running.query(f"delete from junction.int_weather_received where {lost}")
    assert ended(4)  # what has passed is not looked at again, except with the var audit
    outcome = running.dbt("test", "--select", LOSS, "--vars", "{audit: full}")
    assert LOSS in failures(outcome)


def test_a_topic_that_waits_for_a_lost_file_is_red_until_it_is_passed_by(
    running: Embedded, sent: City, tmp_path: Path
) -> None:
    running.begin("seeded")
    landing, first = running.landing, datetime.now(UTC) - timedelta(hours=PIECES)

    def ended(*more: str) -> bool:
        running.build(*RUN, *more)
        outcome = running.dbt("test", "--select", WAITS)
        assert outcome.success or WAITS in failures(outcome)
        return bool(outcome.success)

    sent.land(landing, 0, PIECES, first)
    hide_one(landing, first, tmp_path / "lost")  # nothing of the topic is received
    assert not ended()
    assert count(running, f"junction.{RECEIVED}") == 0
    assert ended("--vars", "{wait_for_rows: false}")
    assert count(running, f"junction.{RECEIVED}") == count(running, f"raw.{TABLE}") > 0

    sent.land(landing, 1, PIECES, first + timedelta(hours=1))
    for file in (landing / "raw" / TABLE).glob(f"{first + timedelta(hours=1):*/landed_hour=%H}/*.parquet"):
        file.unlink()  # the whole of the newest batch
    assert not ended()
    assert ended("--vars", "{wait_for_rows: false}")
    audited = (
        "select row_count, clean_count + duplicate_count + invalid_count from junction.audit_landing"
        " where topic = 'vehicle-telemetry' order by landing_hour desc limit 1"
    )
    for more in ((), ("--full-refresh",)):
        assert ended(*more)  # once was enough
        ((landed, received),) = running.query(audited)
        assert landed > received == 0
    sent.land(landing, 2, PIECES, datetime.now(UTC) - timedelta(minutes=1))
    hide_one(landing, datetime.now(UTC) - timedelta(minutes=1), tmp_path / "young")
    assert ended()  # it may still come


def test_what_a_test_has_seen_ends_where_it_began(running: Embedded, sent: City, tmp_path: Path) -> None:
    """A run that ends while `dbt test` goes on has written rows that the test did not read."""
    running.begin("seeded")
    sent.land(running.landing, 0, PIECES, datetime.now(UTC) - timedelta(hours=1))
    running.build(*RUN)
    ((before,),) = running.query("select max(through_ms) from junction.build_log")

    def end(event: Any) -> None:
        if event.info.name == "NodeFinished":
            running.query(f"insert into junction.build_log values ('int_weather_received', {before + 1000}, 'other')")

    assert running.dbt("test", "--select", LOSS, callbacks=[end]).success
    assert running.query("select max(through_ms) from junction.tests_passed") == [(before,)]


def test_what_is_accepted_is_all_that_is_written(running: Embedded, sent: City, tmp_path: Path) -> None:
    """Also by a run that logs nothing as built: a range rebuild, or one that failed."""
    running.begin("seeded")
    sent.land(running.landing, 0, PIECES, datetime.now(UTC) - timedelta(hours=1))
    running.build("run")
    ((hour,),) = running.query("select max(event_hour) from junction.fct_vehicle_readings")
    hours = f"{{from: '{hour}', to: '{hour + timedelta(hours=1)}'}}"
    running.build("run", "--select", "fct_vehicle_readings", "--vars", hours)
    ((built, logged),) = running.query(
        "select (select max(_built_ms) from junction.fct_vehicle_readings), max(through_ms) from junction.build_log"
    )
    assert built > logged
    running.query(
        "insert into junction.fct_vehicle_readings select * from junction.fct_vehicle_readings"
        f" where _built_ms = {built} limit 1"
    )
    failed: Any = running.dbt("test", "--select", "fct_vehicle_readings")
    red = [str(result.node.unique_id) for result in failed.result.results if str(result.status) == "fail"]
    assert red
    running.build("run-operation", "accept_failures", "--args", f"{{tests: [{', '.join(red)}]}}")
    running.build("test", "--select", "fct_vehicle_readings")


def test_a_session_of_another_time_zone_is_refused(running: Embedded, tmp_path: Path) -> None:
    profile = (paths.PROFILES / "profiles.yml").read_text()
    (tmp_path / "profiles.yml").write_text(profile.replace("TimeZone: UTC", "TimeZone: America/Chicago"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(running, "profiles", tmp_path)
        refusal = failures(running.dbt(*BUILD))
    assert "TimeZone is America/Chicago" in refusal
    assert "settings of the target" in refusal
