"""Which landing hours are closed: no batch can be published there any more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract.model import Contract, Topic
from ingest.folder.ledger import LONGEST_WAIT
from ingest.folder.names import hour_folder, hour_folders
from ingest.folder.staging import MANIFEST

_HOUR = timedelta(hours=1)
_STAMP = re.compile(r"(.+)-(.{22})-(\d{8}T\d{12}Z)\.parquet")


def newest_landings(landing: Path, contract: Contract) -> dict[str, datetime]:
    """The newest `_landed_at` of each topic that has one, by Kafka name, from the names in the ledger."""
    newest: dict[str, datetime] = {}
    due = {topic.topic for topic in contract.topics}
    for hour in hour_folders(landing / "raw" / "landed_batches"):
        for path in hour.iterdir():
            match = _STAMP.fullmatch(path.name)
            if match and match[1] in due:
                at = datetime.strptime(match[3], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
                newest[match[1]] = max(at, newest.get(match[1], at))
        if newest.keys() == due:
            break
    return newest


def awaited_hours(landing: Path) -> set[str]:
    """The hours (`<table>/landed_date=…/landed_hour=…`) to which a marked batch is still to be moved."""
    found = set()
    for manifest in (landing / "_staging").glob(f"*/*/{MANIFEST}"):
        try:
            moves = json.loads(manifest.read_text(encoding="utf-8"))
        except FileNotFoundError:  # published meanwhile
            continue
        found |= {target.removeprefix("raw/").rsplit("/", 1)[0] for _, target in moves}
    return found


def is_closed(hour: str, topics: tuple[Topic, ...], newest: Mapping[str, datetime], now: datetime) -> bool:
    """Is the hour (`landed_date=…/landed_hour=…`) over for each of the topics that write to a table?

    It is for a topic that has landed in a later hour, since its landings only increase; and for any topic once the hour
    is over for twice as long as landing may look back (ledger.LONGEST_WAIT), so that an idle topic does not keep the
    tables open that all topics share.
    """
    over = datetime.strptime(hour, "landed_date=%Y-%m-%d/landed_hour=%H").replace(tzinfo=UTC) + _HOUR
    if now < over:
        return False
    if now >= over + 2 * LONGEST_WAIT:
        return True
    return all(topic.topic in newest and hour_folder(newest[topic.topic]) > hour for topic in topics)
