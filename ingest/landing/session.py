"""The Spark session that lands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it has no type hints
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from ingest.bounds import HEAP
from ingest.errors import LandingError
from ingest.failure import of_jvm
from ingest.kafka_options import SECRET

_MOMENT = 1  # second
_POLLED = 10  # seconds for which Spark keeps what a poll returned, and then looks what to drop
FORGOTTEN = 2 * _POLLED  # seconds after which what a task had polled takes no memory


def session(heap: str = HEAP) -> SparkSession:
    """The Spark session to land with: that of spark-submit, or one with the Kafka source, this heap and no metastore.

    Raises LandingError if Java or the jars cannot be had.
    """
    builder = SparkSession.builder.appName("junction ingest")
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # not started by spark-submit: bring the Kafka source ourselves
        from local import checks, jars

        try:
            checks.java()
            classpath = jars.spark_classpath()
        except checks.LocalError as error:
            raise LandingError(str(error)) from error
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = (
            builder.master("local[*]")
            .config("spark.driver.memory", heap)
            .config("spark.driver.extraClassPath", classpath)
            .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.scheduler.mode", "FAIR")
            .config("spark.executor.killOnFatalError.depth", "0")  # a task without memory fails, the others go on
            .config("spark.kafka.consumer.fetchedData.cache.timeout", f"{_POLLED}s")
            .config("spark.kafka.consumer.fetchedData.cache.evictorThreadRunInterval", f"{_POLLED}s")
            .config("spark.redaction.regex", SECRET)
        )
    try:
        spark = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        reason = str(getattr(error, "java_exception", error)).splitlines()[0].rstrip(".")
        raise LandingError(
            f"Spark did not start ({reason}): read the lines above; give it a --heap that this machine has."
        ) from error
    spark.sparkContext.setLogLevel("ERROR")
    return spark


@contextmanager
def names_a_dead_jvm(spark: SparkSession) -> Iterator[None]:
    """Raise LandingError with the reason if Spark's JVM ends in the context: py4j finds closed sockets only."""
    gateway: Any = spark.sparkContext._gateway
    try:
        yield
    except (Py4JError, OSError, LandingError) as error:
        process = getattr(gateway, "proc", None)
        if process is None or not _ends(process):
            raise
        raise LandingError(of_jvm(process.returncode)) from error


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended, or does now: its sockets are closed some moments before."""
    try:
        process.wait(_MOMENT)
    except subprocess.TimeoutExpired:
        return False
    return True
