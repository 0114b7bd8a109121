"""What went wrong, in one sentence that says what to do next. docs/runbook-landing.md has them all."""

from __future__ import annotations

import re

from contract.model import ContractError
from ingest.errors import LandingError

DISK_FULL = (
    "The disk is full: free space where the landing folder and the checkpoints are, then start again; it goes on where "
    "it was."
)
NOT_WRITABLE = (
    "A folder may not be written: give the job's user the right to write the landing folder and the checkpoints, then "
    "start again."
)
KAFKA_AWAY = "Kafka stopped answering: bring the brokers back, then start again; it goes on where it was."
KAFKA_REFUSES = (
    "Kafka refuses the job: correct the credentials in --kafka-option, or give its user the right to read the topic."
)
OFFSETS_CHANGED = (
    "Kafka's offsets are not those that were to be landed: start again, and it says which are lost, or begins with the "
    "topic that was made again."
)
TOPIC_GONE = "The topic was deleted: create it and start again, or leave it out with --topics."
CHECKPOINT_DAMAGED = (
    "The topic's checkpoint cannot be read, as after a power cut: remove it, and landing starts where the folder ends."
)
CHECKPOINT_SHARED = (
    "Another job uses the topic's checkpoint: give each landing folder --checkpoints of its own, then start again."
)
OUT_OF_MEMORY = (
    "A task ran out of memory or was killed: lower --max-offsets or give the job more memory, then start again."
)
UNKNOWN = "Nothing is lost or landed twice by it; docs/runbook-landing.md says how to find the cause."

# What stands in a message of the file system, Spark or Kafka, and what it means. The first that is found counts.
_KNOWN = (
    (r"No space left on device|Disk quota exceeded|File too large", DISK_FULL),
    (r"Permission denied|Operation not permitted|Read-only file system|AccessDeniedException", NOT_WRITABLE),
    (r"AuthorizationException|AuthenticationException|SslAuthentication|SSLHandshake", KAFKA_REFUSES),
    (r"Multiple streaming jobs detected|CONCURRENT_STREAM_LOG_UPDATE", CHECKPOINT_SHARED),
    (
        r"Incomplete log file|log file was malformed|MALFORMED_LOG_FILE|is missing from the offset log",
        CHECKPOINT_DAMAGED,
    ),
    (r"UnknownTopicOrPartition", TOPIC_GONE),
    (r"failOnDataLoss|some data may have been missed|OffsetOutOfRange", OFFSETS_CHANGED),
    (r"OutOfMemoryError|MemoryError|Python worker exited unexpectedly", OUT_OF_MEMORY),
    (r"kafka\.common\.errors\.\w*(Timeout|Disconnect|Network|NotAvailable|Retriable)\w*", KAFKA_AWAY),
)


def sentence(error: BaseException) -> str:
    """Say it in one line: Spark wraps what went wrong in traces of two languages."""
    text = f"{type(error).__name__}: {error}" if isinstance(error, OSError) else str(error)
    if isinstance(error, LandingError | ContractError):
        return text
    own = re.findall(rf"^{re.escape(LandingError.__module__)}\.LandingError: (.+)", text, re.MULTILINE)
    if own:
        return str(own[-1])
    for pattern, meaning in _KNOWN:
        if re.search(pattern, text):
            return meaning
    causes = re.findall(r"^((?!org\.|java\.|py4j\.|pyspark\.)[\w.]+(?:Error|Exception): .+)$", text, re.MULTILINE)
    cause = str(causes[0]) if causes else " ".join(text.split("JVM stacktrace")[0].split())[:1000]
    return f"{cause.rstrip('.')}. {UNKNOWN}"
