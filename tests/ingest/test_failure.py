"""Each failure of landing is one sentence that says what to do, and the runbook has that sentence."""

from __future__ import annotations

import ast
import errno
import os
import re

import pytest

from contract.model import ContractError
from contract.place import ROOT
from ingest import failure
from ingest.errors import LandingError
from ingest.failure import sentence

RUNBOOK = (ROOT / "docs" / "runbook-landing.md").read_text(encoding="utf-8")
LANDING = [
    ROOT / "ingest" / name for name in ("failure.py", "kafka_options.py", "settings.py")
]  # and all modules that can end landing, compaction or expiry
LANDING += [
    path for room in ("folder", "landing", "retention") for path in sorted((ROOT / "ingest" / room).glob("*.py"))
]
ERRORS = {error.__name__ for error in (LandingError, *LandingError.__subclasses__())}
# As Spark 4.1 and Kafka 4 word them; a Python worker's trace stands within Spark's.
PYTHON = """[STREAM_FAILED] Query [id = 1] terminated with exception: An exception was raised by the Python Proxy.
Traceback (most recent call last):
  File "land.py", line 172, in land_batch
{cause}
JVM stacktrace:
org.apache.spark.sql.streaming.StreamingQueryException: at ..."""
KNOWN = {
    PYTHON.format(cause="OSError: [Errno 28] Error writing bytes: No space left on device"): failure.DISK_FULL,
    "java.io.IOException: No space left on device": failure.DISK_FULL,
    "java.nio.file.AccessDeniedException: /data/checkpoints/weather": failure.NOT_WRITABLE,
    "java.io.FileNotFoundException: /data/checkpoints/weather/offsets/.3.tmp (Permission denied)": failure.NOT_WRITABLE,
    "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized": failure.KAFKA_REFUSES,
    "org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed": failure.KAFKA_REFUSES,
    "org.apache.kafka.common.errors.TimeoutException: Timeout of 60000ms expired": failure.KAFKA_AWAY,
    "org.apache.kafka.common.errors.DisconnectException": failure.KAFKA_AWAY,
    "Partition weather-0's offset was changed from 30 to 12, some data may have been missed.": failure.OFFSETS_CHANGED,
    "org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server": failure.TOPIC_GONE,
    "java.lang.OutOfMemoryError: Java heap space": failure.OUT_OF_MEMORY,
    "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)": failure.OUT_OF_MEMORY,
    "An error occurred while trying to connect to the Java server (127.0.0.1:41): Answer from Java side is empty":
        failure.JVM_ENDED,
}  # fmt: skip


@pytest.mark.parametrize("text", KNOWN)
def test_what_spark_and_kafka_say_becomes_a_sentence(text: str) -> None:
    assert sentence(RuntimeError(text)) == KNOWN[text]


def test_a_dead_jvm_is_named_by_its_exit_code() -> None:
    assert failure.of_jvm(3) == failure.of_jvm(52) == failure.JVM_OUT_OF_MEMORY
    assert failure.of_jvm(-9) == failure.of_jvm(137) == failure.JVM_KILLED
    assert failure.of_jvm(1) == failure.of_jvm(None) == failure.JVM_ENDED
    assert sentence(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")) == failure.JVM_ENDED


def test_a_landing_error_is_said_as_it_is_also_out_of_sparks_trace() -> None:
    assert sentence(LandingError("Do this.")) == "Do this."
    assert sentence(ContractError("Do that.")) == "Do that."
    inner = PYTHON.format(cause="ingest.errors.LandingError: Topic t was deleted: start landing again.")
    assert sentence(RuntimeError(inner)) == "Topic t was deleted: start landing again."


def test_the_file_systems_errors_are_told_apart() -> None:
    def error(number: int) -> OSError:
        return OSError(number, os.strerror(number), "/data/landing")

    assert sentence(error(errno.ENOSPC)) == sentence(error(errno.EDQUOT)) == failure.DISK_FULL
    assert sentence(error(errno.EACCES)) == sentence(error(errno.EROFS)) == failure.NOT_WRITABLE
    odd = sentence(error(errno.ENOTDIR))
    assert odd.startswith("NotADirectoryError: [Errno 20] Not a directory: '/data/landing'.")
    assert odd.endswith(failure.UNKNOWN)


def test_of_an_unknown_failure_the_cause_stays() -> None:
    assert sentence(RuntimeError(PYTHON.format(cause="ZeroDivisionError: division by zero"))) == (
        f"ZeroDivisionError: division by zero. {failure.UNKNOWN}"
    )


def said_in_code() -> set[str]:
    """The sentences of the landing job's code, with … for what is put in; those of errors and the constants here."""
    found = set()
    for path in LANDING:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
                found |= _texts(node.args[0])
            elif (
                path.stem in ("failure", "supervisor")
                and isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Constant)
            ):
                found.add(str(node.value.value))
    return {text for text in found if text.endswith(".")}


def _texts(node: ast.expr) -> set[str]:
    if isinstance(node, ast.BinOp):  # text with a part that is there or not: what stands before it, and after it
        return {f"{left}…{right}" for left in _texts(node.left) or {""} for right in _texts(node.right) or {""}}
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
        return {"".join(map(str, parts))}
    return {str(node.value)} if isinstance(node, ast.Constant) else set()


def said_in_runbook() -> set[str]:
    return {" ".join(text.split()) for text in re.findall(r"^> (.+)$", RUNBOOK, re.MULTILINE)}


def _shape(text: str) -> str:
    """Several things put in side by side are one `…`."""
    return re.sub(r"\s*…[…/\s]*", "…", text)


def test_each_sentence_of_the_runbook_is_one_of_the_code() -> None:
    code = {_shape(text) for text in said_in_code()}
    assert len(code) > 20
    assert {text for text in said_in_runbook() if _shape(text) not in code} == set()


def test_each_sentence_of_the_code_is_in_the_runbook() -> None:
    runbook = {_shape(text) for text in said_in_runbook()}
    assert {text for text in said_in_code() if _shape(text) not in runbook} == set()
