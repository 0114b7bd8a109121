"""The ledger's lines on DuckDB: each is found, once, though files come late and another command reads it too."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.retention.compact import compact
from testbed.oracle.sample_landing import VALID
from testbed.schedules.pieces import Piece
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

RECEIVED = "int_weather_received"
OFFSETS = f"select _kafka_offset from {RECEIVED} order by 1"
WAITS = "no_landed_batch_waits_for_long"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    with embedded(tmp_path_factory.mktemp("ledger")) as running:
        running.build("seed")
        running.keep("seeded")
        yield running


@pytest.fixture
def running(seeded: Embedded) -> Embedded:
    seeded.begin("seeded")
    return seeded


def land(landing: Path, offset: int, hours_ago: float) -> None:
    """One record of the topic weather, and nothing of any other."""
    time = NOW - timedelta(hours=30)
    payload = {**VALID["weather"], "event_id": f"weather-{offset}", "event_time": time.isoformat()}
    row = {"partition": 0, "offset": offset, "timestamp": int(time.timestamp()) * 1_000_000, "key": b""}
    record = {**row, "value": json.dumps(payload).encode()}
    Piece(timedelta(), {"weather": [record]}).land(landing, offset, NOW - timedelta(hours=hours_ago))


def hide(landing: Path, hours_ago: float, aside: Path) -> Path:
    """Move the folder of raw files of that landing hour away; where it was."""
    hour = landing / "raw" / "weather" / f"{NOW - timedelta(hours=hours_ago):landed_date=%Y-%m-%d/landed_hour=%H}"
    shutil.move(hour, aside)
    return hour


def run(running: Embedded, *more: str) -> list[str]:
    """Build what the topic gives; what was said of a batch that waits."""
    said: list[str] = []
    outcome = running.dbt("run", "--select", f"+{RECEIVED}", *more, callbacks=[lambda e: said.append(e.info.msg)])
    assert outcome.success, failures(outcome)
    return [text for text in said if "is left for a later run" in text]


def test_a_batch_of_a_quiet_topic_whose_files_are_all_late_is_waited_for(running: Embedded, tmp_path: Path) -> None:
    land(running.landing, 0, hours_ago=10)
    run(running)
    land(running.landing, 1, hours_ago=5)
    place = hide(running.landing, 5, tmp_path / "aside")
    assert run(running)
    land(running.landing, 2, hours_ago=0.1)
    assert run(running)
    assert running.query(OFFSETS) == [(0,)]
    shutil.move(tmp_path / "aside", place)
    assert run(running) == []
    assert running.query(OFFSETS) == [(0,), (1,), (2,)]


def test_such_a_batch_that_is_lost_is_red_and_a_full_refresh_is_refused(running: Embedded, tmp_path: Path) -> None:
    land(running.landing, 0, hours_ago=10)
    running.build("run")
    land(running.landing, 1, hours_ago=5)
    hide(running.landing, 5, tmp_path / "aside")
    assert run(running)
    assert WAITS in failures(running.dbt("test", "--select", WAITS))
    refused = running.dbt("run", "--select", f"+{RECEIVED}", "--full-refresh")
    assert "would lose what landed since" in failures(refused)
    assert WAITS in failures(running.dbt("test", "--select", WAITS))
    assert running.query("select first_offset from raw.landed_batches order by 1") == [(0,), (1,)]


def hide_line(landing: Path, hours_ago: float, aside: Path) -> Path:
    """Move the ledger's file of that landing hour away; where it was."""
    hour = f"{NOW - timedelta(hours=hours_ago):landed_date=%Y-%m-%d/landed_hour=%H}"
    line = min((landing / "raw" / "landed_batches" / hour).glob("weather-*.parquet"))
    shutil.move(line, aside)
    return line


@pytest.mark.parametrize("hours_ago", [0.2, pytest.param(6, marks=pytest.mark.long)])
def test_a_batch_whose_line_comes_after_that_of_the_next_one_is_waited_for(
    running: Embedded, tmp_path: Path, hours_ago: float
) -> None:
    """A network file system or a synced bucket; the next line says which batch was before it."""
    land(running.landing, 0, hours_ago=10)
    running.build("run")
    land(running.landing, 1, hours_ago)
    land(running.landing, 2, hours_ago=0.1)
    place = hide_line(running.landing, hours_ago, tmp_path / "line")
    (said,) = run(running)
    assert "its line in the ledger is not visible" in said
    assert running.query(OFFSETS) == [(0,)]
    assert "would lose what landed since" in failures(running.dbt("run", "--select", f"+{RECEIVED}", "--full-refresh"))
    shutil.move(tmp_path / "line", place)
    assert run(running) == []
    assert running.query(OFFSETS) == [(0,), (1,), (2,)]


def test_a_line_that_is_lost_is_red_until_it_is_passed_by(running: Embedded, tmp_path: Path) -> None:
    land(running.landing, 0, hours_ago=10)
    running.build("run")
    land(running.landing, 1, hours_ago=6)
    land(running.landing, 2, hours_ago=5)
    hide_line(running.landing, 6, tmp_path / "line")
    assert run(running)
    assert WAITS in failures(running.dbt("test", "--select", WAITS))
    assert run(running, "--vars", "{wait_for_rows: false}") == []
    assert running.query(OFFSETS) == [(0,), (2,)]
    running.build("test", "--select", WAITS)
    land(running.landing, 3, hours_ago=0.1)
    assert run(running) == []
    assert running.query(OFFSETS) == [(0,), (2,), (3,)]


def test_a_line_that_another_command_reads_at_the_same_moment_is_there_once(running: Embedded) -> None:
    land(running.landing, 0, hours_ago=0.2)
    run(running)
    land(running.landing, 1, hours_ago=0.1)
    files = f"{running.landing}/raw/landed_batches/*/*/*.parquet"
    others: list[str] = []

    def read_too(event: Any) -> None:
        if event.info.name == "SQLQuery" and "into raw.landed_batches" in event.data.sql and not others:
            others.append(event.data.sql)
            with running.connection() as other:
                other.execute(f"set variable raw_new = (select list(file) from glob('{files}'))")
                other.execute(event.data.sql)

    with running.connection():
        outcome = running.dbt("run", "--select", RECEIVED, callbacks=[read_too])
        assert outcome.success, failures(outcome)
    assert others
    assert running.query("select first_offset from raw.landed_batches order by 1") == [(0,), (1,)]
    assert running.query(OFFSETS) == [(0,), (1,)]


def test_raw_by_hand_has_each_row_once_whatever_lies_beside_it(
    running: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    for offset, hours_ago in ((0, 5), (1, 4), (2, 0.1)):
        land(running.landing, offset, hours_ago)
    compact(LandingFolder.at(running.landing), load_contract())
    shutil.copytree(running.landing / "raw", running.landing / "raw.bak")
    for landing in (f"{running.landing}", f"{running.landing}/"):
        monkeypatch.setenv("JUNCTION_LANDING", landing)
        running.build("run", "--select", "stg_raw__weather")
        counted = running.query("select count(*), count(distinct _kafka_offset) from raw.weather")
        assert counted == [(3, 3)], landing
        assert running.query("select count(*) > 0 from raw.compacted_hours") == [(True,)]
