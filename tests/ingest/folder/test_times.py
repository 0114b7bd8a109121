"""As of when a batch is landed: it increases, is at most half a day ago, and never ahead of Kafka's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.errors import LandingError
from ingest.folder.ledger import LONGEST_WAIT, Ledger, fresh, not_ahead


def test_a_batch_is_landed_as_of_half_a_day_ago_at_most() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert fresh(now - timedelta(hours=11), now) == now - timedelta(hours=11)
    assert fresh(now - timedelta(days=3), now) == now - LONGEST_WAIT


def test_a_clock_ahead_of_kafkas_is_refused() -> None:
    kafka = datetime(2026, 1, 2, 12, tzinfo=UTC)
    for at in (kafka - timedelta(days=3), kafka + timedelta(minutes=4)):
        assert not_ahead(at, kafka) == at
        assert not_ahead(at + timedelta(days=1), None) == at + timedelta(days=1)
    with pytest.raises(LandingError, match="This machine's clock is 300 minutes ahead of Kafka's: set it right"):
        not_ahead(kafka + timedelta(hours=5), kafka)


def test_landing_times_only_increase() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ledger = Ledger()
    assert ledger.next_landing(at) == at
    ledger.record({0: (0, 5)}, at)
    assert ledger.ends == {0: 5}
    assert ledger.next_landing(at) == at + timedelta(milliseconds=1)
    assert ledger.next_landing(at - timedelta(days=1)) == at + timedelta(milliseconds=1)
    assert ledger.next_landing(at + timedelta(days=1)) == at + timedelta(days=1)
