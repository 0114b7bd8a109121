"""Where landing of a topic goes on: its generation and its ledger, held against what Kafka has."""

from __future__ import annotations

import logging
from functools import partial

from contract.model import Topic
from ingest.errors import ChangedLogError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import Ledger, read_ledger
from ingest.folder.overlap import check_names
from ingest.landing.kafka_admin import KafkaTopic, Topics
from ingest.landing.kafka_log import check_log, current_generation, next_generation
from ingest.settings import Settings

log = logging.getLogger("ingest")


def resume(
    folder: LandingFolder, topic: Topic, kafka: KafkaTopic, settings: Settings, topics: Topics
) -> tuple[str, Ledger]:
    """The generation to land and its ledger. Raises LandingError if Kafka no longer has what is to be landed next, or
    holds other records than were landed, unless the settings accept it.
    """
    name, partitions = topic.topic, kafka.partitions
    generation = current_generation(folder, name, kafka.generation)
    ledger = read_ledger(folder, name, generation, len(partitions))
    first = topics.first_offsets(name, partitions)
    try:
        ends = topics.end_offsets({name: partitions})[name]
        check_log(folder, name, generation, ledger, first, ends, partial(topics.record_at, name))
    except ChangedLogError as error:
        if not settings.land_changed_log:
            raise
        log.warning("%s: %s", name, error)
        generation = next_generation(generation)
        ledger = read_ledger(folder, name, generation, len(partitions))
    ledger.begin(first)
    ledger.pass_lost(first, skip=not settings.fail_on_lost_offsets)
    check_names(folder, topic.table, name, generation, ledger)
    return generation, ledger
