"""As of when a batch is landed: it increases, is at most half a day ago, and only while the clocks agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.errors import LandingError
from ingest.folder import clocks
from ingest.folder.clocks import LONGEST_WAIT, agreed, fresh
from ingest.folder.ledger import Ledger


def test_a_batch_is_landed_as_of_half_a_day_ago_at_most() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert fresh(now - timedelta(hours=11), now) == now - timedelta(hours=11)
    assert fresh(now - timedelta(days=3), now) == now - LONGEST_WAIT


KAFKA = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [-5, -1, 0, 4, 5])
def test_clocks_that_nearly_agree_land(minutes: int) -> None:
    at = KAFKA + timedelta(minutes=minutes)
    assert agreed(at, KAFKA, at) == at


@pytest.mark.parametrize(
    ("apart", "said"),
    [(timedelta(hours=5), "300 minutes ahead of"), (timedelta(minutes=5, seconds=1), "5 minutes ahead of"),
     (timedelta(hours=-30), "1800 minutes behind"), (timedelta(minutes=-5, seconds=-1), "5 minutes behind")],
)  # fmt: skip
def test_a_clock_that_is_apart_from_kafkas_is_refused(apart: timedelta, said: str) -> None:
    at = KAFKA + apart
    with pytest.raises(LandingError, match=f"This machine's clock is {said} Kafka's: set the wrong one right"):
        agreed(at, KAFKA, at)


def test_a_batch_that_was_planned_long_ago_is_no_clock_that_is_behind() -> None:
    at = KAFKA - timedelta(hours=11)
    assert agreed(at, KAFKA, KAFKA) == at


def test_the_log_says_once_that_kafka_tells_no_clock(caplog: pytest.LogCaptureFixture) -> None:
    clocks._say_unchecked.cache_clear()
    for at in (KAFKA, KAFKA + timedelta(days=1), KAFKA - timedelta(days=1)):
        assert agreed(at, None) == at
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("Kafka does not tell its clock, so this machine's cannot be checked: keep it right by")


def test_a_ledger_that_is_ahead_is_followed_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    ahead, ledger = KAFKA + timedelta(days=2), Ledger()
    ledger.record({0: (0, 5)}, ahead)
    for number in range(1, 4):
        at = ledger.next_landing(KAFKA + timedelta(seconds=number))
        assert at == ahead + timedelta(milliseconds=number)
        ledger.record({0: (5, 6)}, at)
    assert [record.getMessage()[:58] for record in caplog.records] == [
        "Batches were landed as of 2026-01-04 12:00:00+00:00, which"
    ]


def test_landing_times_only_increase() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ledger = Ledger()
    assert ledger.next_landing(at) == at
    ledger.record({0: (0, 5)}, at)
    assert ledger.ends == {0: 5}
    assert ledger.next_landing(at) == at + timedelta(milliseconds=1)
    assert ledger.next_landing(at - timedelta(days=1)) == at + timedelta(milliseconds=1)
    assert ledger.next_landing(at + timedelta(days=1)) == at + timedelta(days=1)
