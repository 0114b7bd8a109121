"""As of when a batch is landed, by clocks that may be wrong: this machine's, Kafka's and those of other commands."""

from __future__ import annotations

import functools
import logging
from datetime import UTC, datetime, timedelta

from ingest.errors import LandingError

log = logging.getLogger("ingest")
LONGEST_WAIT = timedelta(hours=12)  # a batch is not landed as of a time longer ago: `fresh`
MOST_SKEW = timedelta(hours=1)
CLOCKS_APART = timedelta(minutes=5)  # more is a clock that is wrong


def agreed(at: datetime, kafka: datetime | None, now: datetime | None = None) -> datetime:
    """A batch's timestamp. Raises LandingError if this machine's clock and Kafka's, asked since, are apart.

    Ahead of it, the batch would lie in an hour to come, where all later ones would follow it, and dbt reads none that
    is further ahead than its `landing_ahead_hours`. Behind it, the first batch of a topic that was idle could lie in an
    hour that another machine has compacted. Where Kafka does not tell its clock, the log says so once.
    """
    now = now or datetime.now(UTC)
    if kafka is None:
        _say_unchecked()
        return at
    if at > kafka + CLOCKS_APART:
        raise LandingError(
            f"This machine's clock is {_minutes(at - kafka)} minutes ahead of Kafka's: set the wrong one right, as by "
            "NTP, and landing goes on where it was."
        )
    if now < kafka - CLOCKS_APART:
        raise LandingError(
            f"This machine's clock is {_minutes(kafka - now)} minutes behind Kafka's: set the wrong one right, as by "
            "NTP, and landing goes on where it was."
        )
    return at


def fresh(at: datetime, now: datetime | None = None) -> datetime:
    """A batch's timestamp, but at most LONGEST_WAIT ago.

    Spark planned the batch then; a job that comes back after days would land it in an hour that is compacted by now. No
    reader has seen the batch: a marked one is finished under its own name before anything is planned.
    """
    return max(at, (now or datetime.now(UTC)) - LONGEST_WAIT)


def check_still_open(landed_at: datetime, now: datetime | None = None) -> None:
    """Raise LandingError if the landing hour of a batch may be compacted by now: it was read for too long.

    Compaction takes an hour that is over for twice LONGEST_WAIT, unless a marked batch is to be published there. The
    clocks of the two machines may be MOST_SKEW apart.
    """
    if (now or datetime.now(UTC)) >= landed_at + 2 * LONGEST_WAIT - MOST_SKEW:
        raise LandingError(
            f"The batch of {landed_at:%Y-%m-%d %H:%M} took until now, and its landing hour may be compacted: start "
            "with a lower --max-offsets."
        )


@functools.cache
def _say_unchecked() -> None:
    log.warning(
        "Kafka does not tell its clock, so this machine's cannot be checked: keep it right by NTP "
        "(docs/runbook-landing.md, The clock)"
    )


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f}"
