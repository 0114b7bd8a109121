"""The parts of the loop by themselves: whose turn it is, what the ledger's files say, what is shown."""

from __future__ import annotations

import io
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from contract.reading import load_contract
from local import profile
from local.checks import LocalError
from local.door.turns import Turns
from local.loop import view
from local.loop.figures import Figures, Mart, Topic
from local.loop.ledger import Landed, Ledger
from local.loop.runs import Run, Runs
from local.process import Child, all_alive
from testbed.bucket.faults import faulty
from testbed.bucket.server import new_bucket
from testbed.city.pieces import City, city

TABLES = {topic.topic: topic.table for topic in load_contract().topics}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    return city(
        tmp_path_factory.mktemp("events"), "--seed", "31", "--hours", "0.2", "--vehicles", "1", "--malformed", "0.05"
    )


def test_a_guest_waits_for_the_owners_run_and_the_owner_for_guests() -> None:
    turns, entered = Turns(), threading.Event()

    def guest() -> None:
        turns.enter()
        entered.set()

    with turns.owner_run() as mine:
        assert mine
        waiting = threading.Thread(target=guest)
        waiting.start()
        assert not entered.wait(0.3)
        assert turns.guests() == 1
    assert entered.wait(5)
    with turns.owner_run() as mine:
        assert not mine
    turns.enter()  # a second connection of the same command does not wait
    turns.leave()
    turns.leave()
    with turns.owner_run() as mine:
        assert not mine  # the command may open its next connection
    time.sleep(1.1)
    with turns.owner_run() as mine:
        assert mine


def test_the_ledger_counts_each_line_once_and_lists_only_what_has_changed(sent: City, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.follow() == set()
    at = datetime.now(UTC) - timedelta(hours=2)
    for piece in range(3):
        sent.land(tmp_path, piece, 4, at + timedelta(minutes=40 * piece))
        assert "weather" in ledger.follow()
    assert ledger.follow() == set()
    records = {topic: len(rows) * 3 // 4 for topic, rows in sent.records.items() if len(rows) > 1}
    assert {name: landed.rows + landed.dead_letters for name, landed in ledger.topics.items()} == records
    assert {name: sum(landed.ends.values()) for name, landed in ledger.topics.items()} == records
    assert sum(landed.dead_letters for landed in ledger.topics.values()) > 0
    time.sleep(1.1)  # the folders' times are settled
    ledger.follow()
    assert list(ledger.files.changed(ledger._known)) == []


def test_the_ledger_in_a_bucket_is_followed_and_waited_for(
    sent: City, s3_server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, now = new_bucket(), datetime.now(UTC)
    monkeypatch.setenv("JUNCTION_LANDING", str(place))
    with duckdb.connect() as warehouse:
        warehouse.execute(*profile.duckdb_secrets())
        times = iter([now.timestamp()] * 3 + [now.timestamp() + 601] * 4)
        ledger = Ledger(place, warehouse, clock=lambda: next(times))
        assert ledger.follow() == set()
        sent.land(place, 0, 4, now - timedelta(hours=5))  # before anything is known, all hours are listed
        assert "weather" in ledger.follow()
        sent.land(place, 1, 4, now - timedelta(hours=4))
        assert ledger.follow() == set(), "an hour that has passed is listed every ten minutes"
        assert "weather" in ledger.follow()
        with monkeypatch.context() as broken:
            broken.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
            warehouse.execute(*profile.duckdb_secrets())
            assert ledger.follow() == set()
            assert "127.0.0.1:9" in ledger.trouble
        warehouse.execute(*profile.duckdb_secrets())
        sent.land(place, 2, 4, now + timedelta(seconds=602))
        times = iter([now.timestamp() + 602])
        assert "weather" in ledger.follow()
        assert ledger.trouble == ""
    records = {topic: len(rows) * 3 // 4 for topic, rows in sent.records.items() if len(rows) > 1}
    assert {name: landed.rows + landed.dead_letters for name, landed in ledger.topics.items()} == records


@pytest.mark.parametrize("in_a_bucket", [False, True])
def test_what_was_landed_while_the_loop_was_down_for_days_is_found(
    in_a_bucket: bool, sent: City, s3_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = new_bucket() if in_a_bucket else tmp_path
    monkeypatch.setenv("JUNCTION_LANDING", str(place))
    now = datetime.now(UTC)
    with duckdb.connect() as warehouse:
        for statement in profile.duckdb_secrets():
            warehouse.execute(statement)
        sent.land(place, 0, 4, now - timedelta(days=6))
        before = Ledger(place, warehouse)
        before.follow()
        for piece, days in ((1, 4), (2, 2), (3, 1)):
            sent.land(place, piece, 4, now - timedelta(days=days))
        after = Ledger(place, warehouse)
        after._known, after.topics = before._known, before.topics
        after.follow()
    records = {topic: len(rows) for topic, rows in sent.records.items() if rows}
    assert {name: landed.rows + landed.dead_letters for name, landed in after.topics.items()} == records


def test_a_file_whose_name_has_404_in_it_is_read_again_after_a_fault(
    sent: City, s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty(s3_environment, 0) as (environment, faults), duckdb.connect() as warehouse:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        place, fails = new_bucket(), [True]
        monkeypatch.setattr(
            faults, "drawn",
            lambda method, path: ("503", "before") if fails[0] and path.endswith("404Z.parquet") else ("", ""),
        )  # fmt: skip
        monkeypatch.setenv("JUNCTION_LANDING", str(place))
        warehouse.execute(*profile.duckdb_secrets())
        warehouse.execute("set http_retries = 0")
        fails[0] = False
        sent.land(place, 0, 1, datetime.now(UTC).replace(microsecond=404))
        fails[0] = True
        ledger = Ledger(place, warehouse)
        assert ledger.follow() == set()
        assert "503" in ledger.trouble
        fails[0] = False
        assert "weather" in ledger.follow()


def test_a_ledger_that_the_warehouse_has_read_is_not_read_again(sent: City, tmp_path: Path) -> None:
    first = datetime.now(UTC) - timedelta(days=3)
    sent.land(tmp_path, 0, 2, first)
    files = sorted((tmp_path / "raw" / "landed_batches").rglob("*.parquet"))
    with duckdb.connect() as warehouse:
        warehouse.execute("set TimeZone = 'UTC'; create schema raw")
        pattern = str(tmp_path / "raw" / "landed_batches" / "**" / "*.parquet")
        warehouse.execute(f"create table raw.landed_batches as from read_parquet('{pattern}')")
        warehouse.execute("alter table raw.landed_batches alter _landed_at type timestamp")
        whole = {file: file.read_bytes() for file in files}
        for file in files:
            file.write_bytes(b"")  # who reads it fails
        ledger = Ledger(tmp_path)
        ledger.begin_with(warehouse)
        assert ledger.follow() == set()
        for file, content in whole.items():
            file.write_bytes(content)  # landing reads its ledger
        sent.land(tmp_path, 1, 2, datetime.now(UTC))
        assert "weather" in ledger.follow()
    assert ledger.topics["weather"].ends
    assert ledger.topics["weather"].rows == len(sent.records["weather"]) - ledger.topics["weather"].dead_letters


def test_a_damaged_line_of_the_ledger_is_named(sent: City, tmp_path: Path) -> None:
    sent.land(tmp_path, 0, 2, datetime.now(UTC))
    damaged = next((tmp_path / "raw" / "landed_batches").rglob("weather-*.parquet"))
    damaged.write_bytes(b"PAR1")
    with pytest.raises(LocalError, match=f"{damaged} cannot be read .*put it back from a backup"):
        Ledger(tmp_path).follow()


def test_a_topic_that_was_made_again_begins_at_its_new_offsets() -> None:
    landed = Landed()
    line = {"_kafka_partition": 0, "row_count": 5, "dead_letter_count": 1, "_landed_at": datetime(2026, 1, 1)}
    landed.add(line | {"_kafka_generation": "one", "end_offset": 60})
    landed.add(line | {"_kafka_generation": "two", "end_offset": 6, "_landed_at": datetime(2026, 1, 2)})
    assert landed.ends == {0: 6}
    assert (landed.rows, landed.dead_letters) == (10, 2)


def test_the_screen_shows_values_as_they_are_and_no_control_character() -> None:
    now = datetime.now(UTC)
    figures = Figures(
        topics=[Topic("weather", 12.5, 34, Landed(rows=5678, dead_letters=9, newest=now - timedelta(seconds=3)))],
        marts=[Mart("fct_trips", 41, now - timedelta(seconds=20)), Mart("dim_cars", 7, None)],
        anomalies=[(datetime(2026, 3, 2, 8, 15), "sensor-\x1b[31m1", "[red]road", "both")],
        alerts=[(datetime(2026, 3, 2, 8, 16), "car-1", 140.5, 3000, 5, "speeding")],
    )
    screen = view.Screen()
    runs = Runs(screen, Ledger(Path("none")), Turns(), TABLES)
    runs.last = Run(3, now, 9.87, "dbt build failed: \x1b[2Jmodel")
    runs.through = now - timedelta(seconds=12)
    screen.phase("a message")
    console = Console(file=io.StringIO(), width=180, height=60)
    console.print(view.rendered(figures, runs, screen, "postgresql://127.0.0.1:5433/warehouse"))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    for part in ("weather", "12.5", "34", "5,678", "3 s ago", "fct_trips", "41", "20 s ago", "[red]road", "a message",
                 "2026-03-02 08:15:00", "speeding", "run 3", "9.9 s", "failed; what it left is tried again", "12 s ago",
                 "5433"):  # fmt: skip
        assert part in text, part
    assert "\x1b" not in text
    line = view.in_a_line(figures, runs)
    assert "12 records/s, 34 not landed, 9 dead letters" in line
    assert "\x1b" not in line


def test_the_end_of_a_part_is_told_with_its_last_words(tmp_path: Path) -> None:
    said = Child("ingest", ["sh", "-c", "echo the disk is full; exit 3"], tmp_path / "said.log")
    killed = Child("ingest", ["sh", "-c", "echo landed; kill -9 $$"], tmp_path / "killed.log")
    for child, told in ((said, "ingest ended with 3: the disk is full"), (killed, "ended by signal 9: landed")):
        child.process.wait(10)
        with pytest.raises(LocalError, match=told):
            all_alive([child])
        child.stop()
