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
OUT_OF_MEMORY = (
    "A task ran out of memory or was killed: raise --heap or lower --kafka-option kafka.max.poll.records, then start "
    "again."
)
JVM_OUT_OF_MEMORY = (
    "Spark's JVM ran out of memory: raise --heap or lower --kafka-option kafka.max.poll.records, then start again."
)
JVM_KILLED = (
    "Spark's JVM was killed, as by a machine without free memory: give the job more memory than --heap and its Python "
    "workers take, then start again."
)
JVM_ENDED = "Spark's JVM ended: read its last lines in the log, then start again."
STORE_REFUSES = (
    "The bucket refuses the job: give it credentials that may get, put and list there (docs/object-stores.md), then "
    "start again."
)
NO_BUCKET = "The bucket is not there: make it, or correct --landing, then start again."
STORE_AWAY = (
    "The bucket does not answer: bring the store or the network back, then start again; it goes on where it was."
)
UNKNOWN = "Nothing is lost or landed twice by it; docs/runbook-landing.md says how to find the cause."

_OUT_OF_MEMORY_CODES = (3, 52)  # of Java's ExitOnOutOfMemoryError, and of Spark's handler of an OutOfMemoryError

# What stands in a message of the file system, Spark or Kafka, and what it means. The first that is found counts.
_KNOWN = (
    (r"No space left on device|Disk quota exceeded|File too large", DISK_FULL),
    (r"Permission denied|Operation not permitted|Read-only file system|AccessDeniedException", NOT_WRITABLE),
    (r"AuthorizationException|AuthenticationException|SslAuthentication|SSLHandshake", KAFKA_REFUSES),
    (r"NoSuchBucket", NO_BUCKET),
    (r"\((AccessDenied|403|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken)\)|locate credentials", STORE_REFUSES),
    (r"endpoint URL|\((SlowDown|ServiceUnavailable|InternalError|50[0-9])\) when calling", STORE_AWAY),
    (r"UnknownTopicOrPartition", TOPIC_GONE),
    (r"failOnDataLoss|some data may have been missed|OffsetOutOfRange", OFFSETS_CHANGED),
    (r"OutOfMemoryError|MemoryError|Python worker exited unexpectedly", OUT_OF_MEMORY),
    (r"ConnectionRefusedError|Py4JNetworkError|Answer from Java side is empty|Error while receiving", JVM_ENDED),
    (r"kafka\.common\.errors\.\w*(Timeout|Disconnect|Network|NotAvailable|Retriable)\w*", KAFKA_AWAY),
)


def of_jvm(exit_code: int | None) -> str:
    """Say why Spark's JVM has ended, by the exit code of its process; None if that is not known."""
    if exit_code in _OUT_OF_MEMORY_CODES:
        return JVM_OUT_OF_MEMORY
    return JVM_KILLED if exit_code in (-9, 137) else JVM_ENDED


def sentence(error: BaseException) -> str:
    """Say it in one line: Spark wraps what went wrong in traces of two languages."""
    text = f"{type(error).__name__}: {error}" if isinstance(error, OSError) else str(error)
    if isinstance(error, LandingError | ContractError):
        return text
    own = re.findall(rf"^\W*{re.escape(LandingError.__module__)}\.\w+Error: (.+)", text, re.MULTILINE)
    if own:
        return str(own[-1])
    for pattern, meaning in _KNOWN:
        if re.search(pattern, text):
            return meaning
    causes = re.findall(r"^((?!org\.|java\.|py4j\.|pyspark\.)[\w.]+(?:Error|Exception): .+)$", text, re.MULTILINE)
    cause = str(causes[0]) if causes else " ".join(text.split("JVM stacktrace")[0].split())[:1000]
    return f"{cause.rstrip('.')}. {UNKNOWN}"
