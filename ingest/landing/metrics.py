"""What the landing job counts, for Prometheus. docs/metrics.md has each with an alert or a reason.

Names follow https://prometheus.io/docs/practices/naming/; one registry for the process.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from pyspark.sql import Row

from ingest.folder.requests import taken

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_TOPIC = ["topic"]
ROWS = Counter("junction_landed_rows", "Raw rows that were landed.", _TOPIC, registry=REGISTRY)
DEAD_LETTERS = Counter(
    "junction_landed_dead_letters", "Dead letters that were landed.", [*_TOPIC, "reason"], registry=REGISTRY
)
BYTES = Counter("junction_landed_bytes", "Bytes of the raw and dead-letter files.", _TOPIC, registry=REGISTRY)
BATCH_SECONDS = Histogram(
    "junction_landing_batch_seconds",
    "From the plan of a batch to its line in the ledger.",
    _TOPIC,
    registry=REGISTRY,
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900),
)
LAST_BATCH = Gauge(
    "junction_landing_last_batch_timestamp_seconds",
    "When the topic's last batch was published; 0 if this job has published none.",
    _TOPIC,
    registry=REGISTRY,
)
LAG_RECORDS = Gauge("junction_landing_lag_records", "Offsets that are still to be landed.", _TOPIC, registry=REGISTRY)
LAG_SECONDS = Gauge(
    "junction_landing_lag_seconds", "For how long there have been such offsets.", _TOPIC, registry=REGISTRY
)
UP = Gauge("junction_landing_topic_up", "1 if the topic lands what it has, else 0.", _TOPIC, registry=REGISTRY)
RESTARTS = Counter(
    "junction_landing_restarts", "How often the topic failed and was taken up again.", _TOPIC, registry=REGISTRY
)
STORE_SILENCE = Gauge(
    "junction_store_silence_seconds", "Since the landing folder's disk or bucket answered last.", registry=REGISTRY
)
STORE_REQUESTS = Counter(
    "junction_store_requests",
    "Requests to the bucket, by operation and HTTP status; `retried` counts repetitions, `error` those without answer.",
    ["operation", "status"],
    registry=REGISTRY,
)


def known(topics: Iterable[str]) -> None:
    """Show each topic from the beginning: a series that is not there yet cannot be alerted on."""
    for topic in topics:
        for metric in (ROWS, BYTES, BATCH_SECONDS, LAST_BATCH, RESTARTS):
            metric.labels(topic)


def landed(topic: str, written: Iterable[Row], seconds: float) -> None:
    """Count a batch that was published; rows of write.WRITTEN."""
    for row in written:
        ROWS.labels(topic).inc(row.row_count)
        BYTES.labels(topic).inc(row.byte_count)
        for reason, count in json.loads(row.reasons).items():
            DEAD_LETTERS.labels(topic, reason).inc(count)
        _count(json.loads(row.store_requests))
    BATCH_SECONDS.labels(topic).observe(seconds)
    LAST_BATCH.labels(topic).set(time.time())


def exposition() -> bytes:
    """All of it, in Prometheus' text format."""
    _count(taken())
    return generate_latest(REGISTRY)


def _count(requests: Mapping[str, int]) -> None:
    for what, count in requests.items():
        operation, _, status = what.partition(" ")
        STORE_REQUESTS.labels(operation, status).inc(count)
