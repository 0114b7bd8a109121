"""Which landing hours are closed: no batch can be published there any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from contract.model import Contract, Topic
from ingest.folder import names
from ingest.folder.clocks import LONGEST_WAIT
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import hour_folder, hour_of

_HOUR = timedelta(hours=1)


def newest_landings(folder: LandingFolder, contract: Contract) -> dict[str, datetime]:
    """The newest `_landed_at` of each topic that has one, by Kafka name, from the names in the ledger."""
    newest: dict[str, datetime] = {}
    due = {topic.topic for topic in contract.topics}
    for hour in folder.hours(names.LEDGER):
        for name in folder.store.list(names.raw_folder(names.LEDGER, hour)):
            found = names.parse_ledger_name(name)
            if found and found.topic in due:
                newest[found.topic] = max(found.landed_at, newest.get(found.topic, found.landed_at))
        if newest.keys() == due:
            break
    return newest


def awaited_folders(folder: LandingFolder) -> set[str]:
    """The folders (names.raw_folder) to which a marked batch is still to be published."""
    return {key.rpartition("/")[0] for topic in folder.store.list(names.BATCHES) for key in folder.awaited(topic)}


def is_closed(hour: str, topics: tuple[Topic, ...], newest: Mapping[str, datetime], now: datetime) -> bool:
    """Is the hour (`hour_folder`) over for each of the topics that write to a table?

    It is for a topic that has landed in a later hour, since its landings only increase; and for any topic once the hour
    is over for twice as long as landing may look back (clocks.LONGEST_WAIT), so that an idle topic does not keep the
    tables open that all topics share.
    """
    over = hour_of(hour) + _HOUR
    if now < over:
        return False
    if now >= over + 2 * LONGEST_WAIT:
        return True
    return all(topic.topic in newest and hour_folder(newest[topic.topic]) > hour for topic in topics)
