"""Every point at which a job can die, by name: landing, compaction, expiry, replay.

A point is a call of a function, and whether the process dies before or after it. Together they lie on both sides of
each step that changes a file, Kafka, or Spark's checkpoint.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer
from pyspark.sql.streaming.query import StreamingQuery

from ingest.folder.landing_folder import LandingFolder
from ingest.folder.ledger import EndsNote, Ledger
from ingest.folder.local_store import LocalStore
from ingest.folder.staging import Staging
from ingest.landing import land, resume, topic
from ingest.landing.batch import Batch
from ingest.landing.kafka_admin import Topics
from ingest.landing.topic import TopicLanding
from ingest.replay import replay as replaying
from ingest.replay.kafka import ReplayKafka
from ingest.replay.record import Replayed
from ingest.retention import compact


@dataclass(frozen=True)
class Point:
    """Die before (or `after`) the `nth` call of a function; with `having`, of those whose arguments contain it.

    `needs` and `leaves` say what lies in the staging folder before and after: a marked or an unmarked batch.
    """

    owner: Any
    function: str
    nth: int = 1
    after: bool = False
    having: str = ""
    needs: str = ""
    leaves: str = ""


@dataclass(frozen=True)
class InTask:
    """The driver dies while a task writes: its records are read and its file open, or its file is `closed`."""

    closed: bool
    needs: str = ""
    leaves: str = "unmarked"


@dataclass(frozen=True)
class Appears:
    """Die as soon as Spark writes a new file of this name below the query's checkpoint."""

    pattern: str
    needs: str = ""
    leaves: str = ""


class WatchedProducer(Producer):
    """A producer whose methods can be replaced, which those of a C type cannot."""

    def commit_transaction(self, *arguments: Any) -> None:
        super().commit_transaction(*arguments)


AnyPoint = Point | InTask | Appears
_MANIFEST = "_batches/"
_TABLE = "/raw/"  # in the names of files in a table's folder, not in those of staged ones or of manifests

STARTING: dict[str, AnyPoint] = {
    "before Kafka is asked": Point(land, "connect"),
    "before recovery": Point(LandingFolder, "recover"),
    "recovered, ledger not read": Point(LandingFolder, "recover", after=True),
    "ledger read, names not checked": Point(resume, "check_names"),
    "names checked, nothing subscribed": Point(TopicLanding, "read"),
    "query started": Point(TopicLanding, "start", after=True),
}
WRITING: dict[str, AnyPoint] = {
    "offsets logged by Spark": Appears("offsets/[0-9]*"),
    "batch planned by Spark": Point(topic, "batch_plan"),
    "nothing staged": Point(LandingFolder, "begin"),
    "staged, nothing written": Point(LandingFolder, "begin", after=True, leaves="unmarked"),
    "in a task, file open": InTask(closed=False),
    "in a task, file closed": InTask(closed=True),
    "all tasks done": Point(TopicLanding, "complete", leaves="unmarked"),
    "no ledger file": Point(Batch, "_ledger_file", leaves="unmarked"),
    "complete, generation not asked": Point(Topics, "describe", 2, leaves="unmarked"),
    "manifest not written": Point(Staging, "mark_complete", leaves="unmarked"),
    "manifest written, not in place": Point(os, "link", having=_MANIFEST, leaves="unmarked"),
    "manifest in place, not durable": Point(os, "link", after=True, having=_MANIFEST, leaves="marked"),
}
PUBLISHING: dict[str, AnyPoint] = {
    "marked, nothing published": Point(TopicLanding, "publish", leaves="marked"),
    "publishing, first file has two names": Point(os, "link", after=True, having=_TABLE, leaves="marked"),
    "publishing, one of two dead letter files": Point(LocalStore, "publish", 2, leaves="marked"),
    "publishing, dead letters and no row": Point(LocalStore, "publish", 3, leaves="marked"),
    "publishing, one of two raw files": Point(LocalStore, "publish", 4, leaves="marked"),
    "publishing, all but the ledger": Point(LocalStore, "publish", 5, leaves="marked"),
    "publishing, ledger has two names": Point(os, "link", 5, after=True, having=_TABLE, leaves="unmarked"),
    "published, nothing removed": Point(LocalStore, "forget", leaves="unmarked"),
    "published, staging there": Point(shutil, "rmtree", having="_staging", leaves="unmarked"),
    "published, not recorded": Point(Ledger, "record"),
    "recorded, not committed by Spark": Point(Ledger, "record", after=True),
    "published, ends not noted": Point(EndsNote, "write"),
    "committed by Spark": Appears("commits/[0-9]*"),
    "published, note not in place": Point(os, "rename", having="_ends"),
    "second batch planned": Point(topic, "batch_plan", 2),
    "published, ends noted": Point(os, "rename", after=True, having="_ends"),
    "second batch published, not recorded": Point(Ledger, "record", 2),
    "queries not stopped": Point(StreamingQuery, "stop"),
}
RECOVERING: dict[str, AnyPoint] = {
    "recovering, nothing published": Point(LocalStore, "publish", needs="marked", leaves="marked"),
    "recovering, first file has two names": Point(
        os, "link", after=True, having=_TABLE, needs="marked", leaves="marked"
    ),
    "recovering, half published": Point(LocalStore, "publish", 3, needs="marked", leaves="marked"),
    "recovering, all but the ledger": Point(LocalStore, "publish", 5, needs="marked", leaves="marked"),
    "recovering, nothing removed": Point(LocalStore, "forget", needs="marked", leaves="unmarked"),
    "recovering, staging there": Point(shutil, "rmtree", having="_staging", needs="marked", leaves="unmarked"),
    "throwing away, all there": Point(shutil, "rmtree", having="_staging", needs="unmarked", leaves="unmarked"),
    "throwing away, half gone": Point(os, "unlink", 2, having=".parquet", needs="unmarked", leaves="unmarked"),
    "thrown away": Point(shutil, "rmtree", after=True, having="_staging", needs="unmarked"),
}
LANDING = STARTING | WRITING | PUBLISHING | RECOVERING
# Where only files are written: a forked child can die there, and the JVM lives on (forked.py).
AT_A_START = {"before recovery", "recovered, ledger not read", "ledger read, names not checked", *RECOVERING}
STAGING = {"nothing staged", "staged, nothing written"}
BY_FORK = AT_A_START | STAGING | {
    "all tasks done", "no ledger file", "manifest not written", "manifest written, not in place",
    "manifest in place, not durable", "marked, nothing published", "publishing, first file has two names",
    "publishing, one of two dead letter files", "publishing, dead letters and no row",
    "publishing, one of two raw files", "publishing, all but the ledger", "publishing, ledger has two names",
    "published, nothing removed", "published, staging there", "published, not recorded",
    "recorded, not committed by Spark",
}  # fmt: skip
AT_THE_END = {"queries not stopped"}  # a continuous job gets there when it is told to stop

COMPACTING: dict[str, AnyPoint] = {
    "nothing copied": Point(compact, "copy"),
    "copied, not verified": Point(compact, "summary", 2),
    "verified, no record": Point(compact, "_record"),
    "written, not marked": Point(Staging, "mark_complete"),
    "marked, nothing moved": Point(Staging, "publish"),
    "copy published, no record of it": Point(LocalStore, "publish", 2),
    "recovering a compaction": Point(LocalStore, "publish"),
    "one hour done": Point(compact, "_compact", 2),
}
EXPIRING: dict[str, AnyPoint] = {
    "nothing removed": Point(os, "unlink", having=".parquet"),
    "half of an hour removed": Point(os, "unlink", 2, having=".parquet"),
    "hour removed, not its folder": Point(os, "rmdir", having="landed_hour"),
}
REPLAYING: dict[str, AnyPoint] = {
    "no transaction begun": Point(replaying, "ReplayKafka"),
    "nothing intended": Point(Replayed, "intend"),
    "intent written, not in place": Point(os, "link", having=".making"),
    "intended, nothing produced": Point(ReplayKafka, "produce"),
    "settling, topic not read": Point(ReplayKafka, "find"),
    "settling, intent not dropped": Point(os, "unlink", having=".intent"),
    "half produced": Point(ReplayKafka, "_send", 2),
    "produced, not committed": Point(WatchedProducer, "commit_transaction"),
    "committed, not noted": Point(Replayed, "_finish"),
    "settling, committed letters not noted": Point(Replayed, "_finish"),
    "settling, noted, intent there": Point(LocalStore, "remove", having=".intent"),
    "noted": Point(Replayed, "_finish", after=True),
}
EVERYWHERE = LANDING | COMPACTING | EXPIRING | REPLAYING


def in_turn() -> list[str]:
    """The landing's points so that each finds what it needs: where one leaves a batch staged, a recovery follows."""
    marked = [name for name, point in RECOVERING.items() if point.needs == "marked"]
    unmarked = [name for name, point in RECOVERING.items() if point.needs == "unmarked"]
    turn: list[str] = []
    for name, point in (STARTING | WRITING | PUBLISHING).items():
        turn.append(name)
        if point.leaves == "unmarked" and name in ("all tasks done", "no ledger file"):
            turn += [unmarked.pop(0)]
        if name == "manifest not written":
            turn += unmarked
        if name == "marked, nothing published":
            turn += marked
    return turn
