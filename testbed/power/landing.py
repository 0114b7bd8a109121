"""The landing that is traced, and that goes on after a power failure: `python -m testbed.power.landing EVENTS LANDING`.

A topic in pieces: dead letters, rows, a batch in a new hour. Then the first hour is compacted.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import read_ledger
from ingest.retention.compact import compact
from testbed.city.pieces import GENERATION, PARTITIONS, City, city

TOPICS = ("weather",)
PIECES = 2
_FIRST = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)


def events(folder: Path) -> City:
    """What is landed; the same each time."""
    whole = city(folder, "--seed", "5", "--hours", "0.5", "--vehicles", "1", "--malformed", "0.1")
    return City({topic: whole.records[topic] for topic in TOPICS})


def at(piece: int) -> datetime:
    """The time at which a piece lands."""
    return _FIRST + timedelta(hours=piece)


def go_on(sent: City, landing: Path) -> None:
    """Do what a start does, land what the ledger lacks, and compact."""
    folder, contract = LandingFolder.at(landing), load_contract()
    for topic in TOPICS:
        folder.recover(topic)
        newest = read_ledger(folder, topic, GENERATION, PARTITIONS).newest
        for piece in range(PIECES):
            if newest is None or newest < at(piece):
                City({topic: sent.records[topic]}).land(landing, piece, PIECES, at(piece))
    compact(folder, contract, at(PIECES) + timedelta(minutes=20))


if __name__ == "__main__":
    go_on(events(Path(sys.argv[1])), Path(sys.argv[2]))
