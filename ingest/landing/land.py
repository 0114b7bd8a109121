"""Kafka to raw Parquet: one streaming query per topic that reads, decodes and writes."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from contract.model import Contract
from contract.place import ROOT
from ingest.errors import LandingError
from ingest.failure import OUT_OF_MEMORY, sentence
from ingest.folder.landing_folder import LandingFolder
from ingest.kafka_options import SECRET
from ingest.landing.checkpoint import sole_user
from ingest.landing.health import Health, served
from ingest.landing.kafka_admin import Topics, connect
from ingest.landing.session import FORGOTTEN
from ingest.landing.store_watch import watched
from ingest.landing.supervisor import Supervisor, end_query
from ingest.landing.topic import TopicLanding
from ingest.settings import Settings

log = logging.getLogger("ingest")
_SHIPPED = "junction.zip"
_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.streaming.stopTimeout": "30s",  # a query that hangs must not keep the job from its end
    # Spark's own expressions miss JAAS configurations, which have a password inside.
    "spark.sql.redaction.options.regex": f"{SECRET}|url",
}


def land_once(spark: SparkSession, contract: Contract, settings: Settings) -> None:
    """Land what the topics hold now, in a session of its own; raises LandingError that names the topics that failed.

    The other topics are landed all the same. One that ran out of memory is then landed by itself, in smaller batches.
    """
    with _prepared(spark, settings) as (session, topics):
        failures = _land_together(session, contract, settings, topics)
        for name in [name for name, failure in failures.items() if failure == OUT_OF_MEMORY]:
            smaller = settings.smaller()
            while smaller and failures.get(name) == OUT_OF_MEMORY:
                time.sleep(FORGOTTEN)
                log.warning("%s: is taken up again by itself, with %s", name, smaller.bounds)
                del failures[name]
                failures |= _land_together(session, contract, replace(smaller, topics=(name,)), topics)
                smaller = smaller.smaller()
    if failures:
        which = "; ".join(f"{name}: {failure}" for name, failure in failures.items())
        raise LandingError(f"{len(failures)} topic(s) were not landed completely. {which}")


def land_forever(spark: SparkSession, contract: Contract, settings: Settings) -> None:
    """Land until KeyboardInterrupt, which lets the batches at hand end.

    A topic that fails is taken up again, and leaves the others running.

    Raises LandingError when a topic has been down for `settings.give_up_seconds`: what restarts the job takes over.
    """
    store = LandingFolder.at(settings.landing).store
    with (
        watched(store) as watch,
        _prepared(spark, settings) as (session, topics),
        served(health := Health(store_silent_s=watch.silent_s), settings.health_address),
    ):
        supervisor = Supervisor(session, contract, settings, topics, health)
        try:
            while True:
                supervisor.step()
                time.sleep(0.5)
        except KeyboardInterrupt:
            supervisor.finish(settings.grace_seconds)
            raise
        finally:
            supervisor.stop()


@contextmanager
def _prepared(spark: SparkSession, settings: Settings) -> Iterator[tuple[SparkSession, Topics]]:
    """A session to land with and a connection to Kafka, while this job alone writes to the landing folder."""
    folder = LandingFolder.at(settings.landing)
    with folder.sole_writer(), sole_user(settings.checkpoints), connect(spark, settings.kafka()) as topics:
        _ship_code(spark)
        session = spark.newSession()
        for name, value in {**_SESSION, "fs.permissions.umask-mode": _umask()}.items():
            session.conf.set(name, value)
        yield session, topics


def _land_together(session: SparkSession, contract: Contract, settings: Settings, topics: Topics) -> dict[str, str]:
    """Land the topics beside each other: why, for each that failed."""
    queries, failures = _start_all(session, contract, settings, topics)
    try:
        for name, query in queries.items():
            _wait(name, query, failures)
    finally:  # Ctrl-C: a batch that was going on is finished or thrown away by the next start
        for name, query in queries.items():
            end_query(name, query)
    return failures


def _start_all(
    session: SparkSession, contract: Contract, settings: Settings, topics: Topics
) -> tuple[dict[str, StreamingQuery], dict[str, str]]:
    queries: dict[str, StreamingQuery] = {}
    failures: dict[str, str] = {}
    for topic in settings.chosen(contract):
        try:
            queries[topic.topic] = TopicLanding.take_up(contract, topic, settings, topics).start(session)
        except Exception as error:  # whatever it is, it is this topic's; the others go on
            _fail(topic.topic, error, failures)
    return queries, failures


def _umask() -> str:
    """This process's umask, in octal digits: Hadoop, which writes the checkpoints, has one of its own."""
    umask = os.umask(0o077)
    os.umask(umask)
    return f"{umask:03o}"


def _ship_code(spark: SparkSession) -> None:
    """Give Spark's Python workers what they run, wherever they are and whatever their working directory is."""
    if any(path.endswith(f"/{_SHIPPED}") for path in spark.sparkContext.listFiles):
        return
    folder = tempfile.mkdtemp(prefix="junction-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # not before: executors fetch it when they first need it
    archive = Path(folder) / _SHIPPED
    with zipfile.ZipFile(archive, "w") as file:
        for module in (module for package in ("contract", "ingest") for module in (ROOT / package).rglob("*.py")):
            file.write(module, module.relative_to(ROOT))
    spark.sparkContext.addPyFile(str(archive))


def _wait(name: str, query: StreamingQuery, failures: dict[str, str]) -> None:
    try:
        query.awaitTermination()
    except StreamingQueryException as error:
        _fail(name, error, failures)


def _fail(name: str, error: Exception, failures: dict[str, str]) -> None:
    failures[name] = sentence(error)
    log.error("%s: failed, the other topics go on: %s", name, failures[name])
