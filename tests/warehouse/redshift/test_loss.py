"""What is not visible yet, or is stamped ahead, is received in the end, from external tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from testbed.city.pieces import City, city
from testbed.standin import Standin, standin
from testbed.warehouse.outcome import failures

pytestmark = [pytest.mark.standin, pytest.mark.long]

TABLE, RECEIVED = "vehicle_telemetry", "int_vehicle_telemetry_received"
BUILD = ("run", "--select", f"+{RECEIVED}")
PIECES = 5


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    return city(tmp_path_factory.mktemp("city"), "--seed", "41", "--hours", "0.2", "--vehicles", "5")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with standin(tmp_path_factory.mktemp("loss")) as started:
        started.build("seed")
        started.keep("seeded")
        yield started


def count(running: Standin, relation: str) -> int:
    ((rows,),) = running.query(f"select count(*) from {relation}")
    return int(rows)


def hide_one(landing: Path, landed_at: datetime, aside: Path) -> Path:
    """Move one of the raw files of telemetry of that landing hour out of the folder; where it was."""
    files = sorted((landing / "raw" / TABLE).glob(f"{landed_at:landed_date=%Y-%m-%d/landed_hour=%H}/*.parquet"))
    assert len(files) > 1
    largest = max(files, key=lambda file: file.stat().st_size)
    largest.rename(aside)
    return largest


def test_a_batch_counts_when_raw_holds_its_rows(running: Standin, sent: City, tmp_path: Path) -> None:
    running.restore("seeded")
    landing, first = tmp_path / "landing", datetime.now(UTC) - timedelta(hours=PIECES)
    said: list[str] = []
    sent.land(landing, 0, PIECES, first)
    running.load(landing)
    running.build(*BUILD)
    before = count(running, f"junction.{RECEIVED}")
    assert before == count(running, f'"raw".{TABLE}') > 0

    sent.land(landing, 1, PIECES, first + timedelta(hours=1))
    place = hide_one(landing, first + timedelta(hours=1), tmp_path / "hidden")
    ledger = landing / "raw" / "landed_batches"
    (line,) = ledger.glob(f"{first + timedelta(hours=1):*/landed_hour=%H}/vehicle-telemetry-*.parquet")
    sent.land(landing, 2, PIECES, first + timedelta(hours=2))
    line.rename(tmp_path / line.name)
    running.load(landing)
    running.dbt(*BUILD, callbacks=[lambda event: said.append(event.info.msg)])
    assert count(running, f"junction.{RECEIVED}") == before
    assert any("its line in the ledger is not visible" in text for text in said)
    (tmp_path / line.name).rename(line)
    running.load(landing)
    outcome = running.dbt(*BUILD, callbacks=[lambda event: said.append(event.info.msg)])
    assert outcome.success
    assert count(running, f"junction.{RECEIVED}") == before
    waits = "The batch of vehicle-telemetry that landed at "
    assert any(text.startswith(waits) and "rows are visible in raw" in text for text in said)

    (tmp_path / "hidden").rename(place)
    running.load(landing)
    running.build(*BUILD)
    assert count(running, f"junction.{RECEIVED}") == count(running, f'"raw".{TABLE}')

    sent.land(landing, 3, PIECES, first + timedelta(hours=3))
    hide_one(landing, first + timedelta(hours=3), tmp_path / "lost")
    running.load(landing)
    running.build(*BUILD)
    held = count(running, f"junction.{RECEIVED}")
    assert held < count(running, f'"raw".{TABLE}')
    assert "would lose what landed since" in failures(running.dbt(*BUILD, "--full-refresh"))
    assert count(running, f"junction.{RECEIVED}") == held
    running.build(*BUILD, "--vars", "{wait_for_rows: false}")
    assert count(running, f"junction.{RECEIVED}") == count(running, f'"raw".{TABLE}') > held


def test_a_batch_that_is_stamped_ahead_is_received_at_once(running: Standin, sent: City, tmp_path: Path) -> None:
    running.restore("seeded")
    landing, now = tmp_path / "landing", datetime.now(UTC)
    for number, landed_at in enumerate(
        (now - timedelta(hours=1), now + timedelta(hours=5), now + timedelta(hours=5.1))
    ):
        sent.land(landing, number, PIECES, landed_at)
        running.load(landing)
        running.build(*BUILD)
        rows = count(running, f"standin.{TABLE}")
        assert count(running, f"junction.{RECEIVED}") == rows > 0


def test_a_batch_that_is_stamped_too_far_ahead_is_warned_of_and_has_a_way_back(
    running: Standin, sent: City, tmp_path: Path
) -> None:
    running.restore("seeded")
    landing, ahead = tmp_path / "landing", datetime.now(UTC) + timedelta(hours=20)
    sent.land(landing, 0, PIECES, datetime.now(UTC) - timedelta(hours=1))
    running.load(landing)
    running.build(*BUILD)
    before = count(running, f"junction.{RECEIVED}")
    sent.land(landing, 1, PIECES, ahead)
    running.load(landing)
    running.build(*BUILD)
    assert count(running, f"junction.{RECEIVED}") == before > 0
    said: list[str] = []
    # It does not end well here, where most tables were never built.
    running.dbt("run-operation", "maintain_tables", callbacks=[lambda event: said.append(event.info.msg)])
    assert any("1 batches of vehicle-telemetry are stamped up to " in text for text in said)

    running.build(*BUILD, "--vars", "{landing_ahead_hours: 24}")
    assert count(running, f"junction.{RECEIVED}") == count(running, f"standin.{TABLE}") > before
    sent.land(landing, 2, PIECES, ahead + timedelta(seconds=1))
    running.load(landing)
    running.build(*BUILD)  # the partitions stay
    assert count(running, f"junction.{RECEIVED}") == count(running, f"standin.{TABLE}")


def test_a_session_of_another_time_zone_is_refused(running: Standin) -> None:
    running.query("alter database junction set timezone = 'America/Chicago'")
    try:
        refusal = failures(running.dbt(*BUILD))
    finally:
        running.query("alter database junction set timezone = 'UTC'")
    assert "timezone is America/Chicago" in refusal
    assert "set timezone to utc" in refusal
