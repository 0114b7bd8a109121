"""Offsets that Kafka removed before they were landed: named, or passed over and remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, read_ledger
from tests.ingest.folder.test_publish import GENERATION, note

AT = datetime(2026, 1, 1, 9, 59, tzinfo=UTC)


def test_lost_offsets_are_named() -> None:
    ledger = Ledger({0: 10, 1: 20, 2: 5})
    ledger.pass_lost({0: 10, 1: 0, 2: 5, 3: 7}, skip=False)
    with pytest.raises(
        LandingError, match=r"no longer has offsets 20 to 24 of partition 1, 5 to 5 of partition 2, which"
    ):
        ledger.pass_lost({0: 10, 1: 25, 2: 6}, skip=False)
    ledger.begin({0: 0, 3: 3})
    with pytest.raises(LandingError, match="no longer has offsets 3 to 6 of partition 3"):
        ledger.pass_lost({0: 10, 3: 7}, skip=False)
    assert ledger.ends == {0: 10, 1: 20, 2: 5}
    assert ledger.starts == {3: 3}


def test_what_is_passed_over_is_a_gap_in_the_ledger() -> None:
    ledger = Ledger({0: 10, 1: 20}, starts={2: 1})
    ledger.pass_lost({0: 15, 1: 0, 2: 4}, skip=True)
    assert ledger.given_up == {0: 5}
    assert ledger.still_to_land({0: (10, 18), 1: (20, 22)}) == {0: (15, 18), 1: (20, 22)}
    assert ledger.still_to_land({0: (10, 15)}) == {}
    # A partition that was never landed has no end to leave a gap after: its range counts them as without a record.
    assert ledger.still_to_land({2: (1, 9)}) == {2: (1, 9)}


def test_the_next_start_knows_what_was_passed_over(tmp_path: Path) -> None:
    note(tmp_path, "t", GENERATION, AT, {0: (0, 10), 1: (0, 7)})
    ledger = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2)
    ledger.pass_lost({0: 15, 1: 0}, skip=True)
    again = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2)
    assert again.ends == {0: 15, 1: 7}
    again.pass_lost({0: 15, 1: 0}, skip=False)


def test_what_was_given_up_is_told_until_the_partitions_next_batch_tells_it(tmp_path: Path) -> None:
    note(tmp_path, "t", GENERATION, AT, {0: (0, 10), 1: (0, 7)})
    ledger = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2)
    ledger.pass_lost({0: 15, 1: 9}, skip=True)
    ledger.pass_lost({0: 17}, skip=True)
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2).given_up == ledger.given_up == {0: 7, 1: 2}

    later = AT + timedelta(minutes=5)  # which is the next hour, so that the note is written again
    note(tmp_path, "t", GENERATION, later, {0: (17, 18)})
    died = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2)  # before it recorded the batch
    assert (died.ends, died.given_up) == ({0: 18, 1: 9}, {1: 2})
    ledger.record({0: (17, 18)}, later)
    assert (ledger.ends, ledger.given_up) == (died.ends, died.given_up)
    assert read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 2).given_up == {1: 2}


def test_a_note_of_another_raw_folder_gives_nothing_up(tmp_path: Path) -> None:
    note(tmp_path, "t", GENERATION, AT, {0: (0, 10)})
    read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 1).pass_lost({0: 15}, skip=True)
    (tmp_path / "raw").rename(tmp_path / "elsewhere")
    note(tmp_path, "t", GENERATION, AT - timedelta(hours=1), {0: (0, 4)})
    found = read_ledger(LandingFolder.at(tmp_path), "t", GENERATION, 1)
    assert (found.ends, found.given_up) == ({0: 4}, {})


def test_where_a_partition_began_is_known_to_every_start_until_it_is_landed(tmp_path: Path) -> None:
    """Spark's plan is thrown away at a start: what it would have landed must not be forgotten with it."""
    folder = LandingFolder.at(tmp_path)
    first = read_ledger(folder, "t", GENERATION, 2)
    first.begin({0: 3, 1: 0})
    again = read_ledger(folder, "t", GENERATION, 2)
    again.begin({0: 9, 1: 0})
    assert again.starts == {0: 3, 1: 0}
    with pytest.raises(LandingError, match="no longer has offsets 3 to 8 of partition 0"):
        again.pass_lost({0: 9, 1: 0}, skip=False)
    note(tmp_path, "t", GENERATION, AT, {0: (3, 20)})
    landed = read_ledger(folder, "t", GENERATION, 2)
    assert (landed.ends, landed.starts, landed.due) == ({0: 20}, {1: 0}, {0: 20, 1: 0})


def test_the_lag_is_what_is_still_to_be_landed() -> None:
    assert Ledger({0: 10, 1: 20}, starts={2: 4}).lag({0: 15, 1: 20, 2: 6, 3: 7}) == 5 + 2 + 7
