"""A run opens the files that are new, each topic at its own pace, and of compacted hours the large ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.options import Place
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.retention.compact import compact
from ingest.retention.expire import expire
from testbed.bucket.server import new_bucket
from testbed.city.pieces import City, city
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

RAW = "select count(*), count(distinct (_kafka_partition, _kafka_offset)), max(_landed_at) from raw.vehicle_telemetry"
RECEIVED = "select count(*), max(_built_ms) from int_vehicle_telemetry_received"
MODELS = ("run", "--select", "+fct_vehicle_readings")


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    options = ("--seed", "43", "--hours", "0.5", "--vehicles", "1", "--malformed", "0.02")
    return city(tmp_path_factory.mktemp("city"), *options)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Embedded]:
    with embedded(tmp_path) as started:
        yield started


@pytest.fixture(params=["a disk", "a bucket"])
def place(request: pytest.FixtureRequest, running: Embedded, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Where the warehouse's landing folder is."""
    if request.param == "a disk":
        return running.landing
    request.getfixturevalue("s3_server")
    bucket = new_bucket()
    monkeypatch.setenv("JUNCTION_LANDING", str(bucket))
    return bucket


def test_a_run_and_its_tests_open_no_file_of_an_earlier_landing(running: Embedded, sent: City) -> None:
    start = datetime.now(UTC).replace(minute=10) - timedelta(days=5)
    running.build("seed")
    for piece in range(3):
        sent.land(running.landing, piece, 4, start + timedelta(hours=piece))
        running.build("run")
    running.build("test", "--exclude-resource-type", "unit_test")
    for table in (running.landing / "raw").iterdir():
        hours = sorted(table.glob("*/*"))
        # A test compares a topic from the hour of its newest landing on.
        read = [] if table.name == "dead_letters" else hours if table.name == "landed_batches" else hours[-1:]
        for file in [file for hour in hours if hour not in read for file in hour.iterdir()]:
            file.write_bytes(b"not Parquet")
    sent.land(running.landing, 3, 4, datetime.now(UTC) - timedelta(minutes=5))
    running.build("run")
    running.build("test", "--exclude-resource-type", "unit_test")
    ((held,),) = running.query("select count(*) from int_vehicle_telemetry_received")
    ((landed,),) = running.query(
        "select sum(row_count) from raw.landed_batches where _kafka_topic = 'vehicle-telemetry'"
    )
    assert held == landed > 0


def test_a_run_reads_compacted_hours_from_the_large_files_and_nothing_again(
    running: Embedded, sent: City, place: Place
) -> None:
    contract, folder = load_contract(), place
    start = datetime.now(UTC).replace(minute=10) - timedelta(hours=5)
    for piece in range(3):
        sent.land(folder, piece, 3, start + timedelta(hours=piece))
    running.build("seed")
    running.build(*MODELS)
    before, held = running.query(RAW), running.query(RECEIVED)
    assert before[0][0] == before[0][1] == held[0][0] > 0

    assert {hour.hour[-2:] for hour in compact(LandingFolder.at(folder), contract)} == {
        f"{start + timedelta(hours=n):%H}" for n in (0, 1)
    }
    running.build(*MODELS)
    assert running.query(RAW) == before
    assert running.query(RECEIVED) == held
    assert (
        dict(running.query("select raw_table, count(*) from raw.compacted_hours group by 1"))["vehicle_telemetry"] == 2
    )
    running.build(*MODELS)
    assert running.query("select count(*) = count(distinct compacted_at) from raw.compacted_hours") == [(True,)]

    assert expire(LandingFolder.at(folder), contract, timedelta(days=1), datetime.now(UTC) + timedelta(days=2)) > 0
    assert running.query(RAW) == before
    running.build("run", "--full-refresh", "--select", "+fct_vehicle_readings")
    assert running.query(RECEIVED)[0][0] == held[0][0]
    assert running.query(RAW) == before


def test_a_topic_whose_first_batch_is_published_late_is_read(running: Embedded, sent: City, place: Place) -> None:
    early, late = City({**sent.records, "weather": []}), City({"weather": sent.records["weather"]})
    now = datetime.now(UTC)
    for part, number, landed_at in (
        (early, 0, now - timedelta(days=5)),
        (early, 1, now),
        (late, 0, now - timedelta(days=3)),
    ):
        part.land(place, number, 2 if part is early else 1, landed_at)
        running.build("run", "--select", "stg_raw__weather", "stg_raw__vehicle_gps")
    for table, topic in (("weather", "weather"), ("vehicle_gps", "vehicle-gps")):
        assert running.query(f"select count(*) from raw.{table}") == running.query(
            f"select sum(row_count) from raw.landed_batches where _kafka_topic = '{topic}'"
        )
    (count,) = running.query(
        "select sum(row_count + dead_letter_count) from raw.landed_batches where _kafka_topic = 'weather'"
    )
    assert count == (len(sent.records["weather"]),)


def test_a_quiet_topic_is_read_when_its_batch_is_published_days_late(
    running: Embedded, sent: City, place: Place
) -> None:
    running.build("seed")
    weather, rest = City({"weather": sent.records["weather"]}), City({**sent.records, "weather": []})
    now = datetime.now(UTC)
    for part, number, landed_at in (
        (weather, 0, now - timedelta(days=4)),
        (rest, 0, now - timedelta(days=1)),
        (rest, 1, now),
        (weather, 1, now - timedelta(days=2)),
    ):
        part.land(place, number, 2, landed_at)
        running.build("run", "--select", "+int_weather_received", "+int_vehicle_gps_received")
    assert running.query("select count(*) from int_weather_received") == running.query(
        "select sum(row_count) from raw.landed_batches where _kafka_topic = 'weather'"
    )


@pytest.mark.parametrize("more", [(), ("--full-refresh",)])
def test_a_landing_folder_that_is_gone_empties_no_table(
    running: Embedded, sent: City, place: Place, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ("run", "--select", "+int_weather_received")
    running.build("seed")
    running.build(*model)  # nothing was ever landed: there is nothing to lose
    sent.land(place, 0, 1, datetime.now(UTC) - timedelta(hours=1))
    running.build(*model)
    before = running.query("select count(*) from int_weather_received")
    elsewhere = f"{place}/elsewhere"
    monkeypatch.setenv("JUNCTION_LANDING", elsewhere)
    for _ in range(2):
        refusal = failures(running.dbt(*model, *more))
        assert f"There is no ledger in the landing folder {elsewhere}" in refusal
    assert running.query("select count(*) from int_weather_received") == before != [(0,)]
    monkeypatch.setenv("JUNCTION_LANDING", str(place))
    running.build(*model, *more)
    assert running.query("select count(*) from int_weather_received") == before
