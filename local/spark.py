"""The Spark session of the local stack, with the settings that dbt gives its own (`profiles/profiles.yml`)."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark import SparkFiles
from pyspark.sql import SparkSession

from contract.options import Bucket
from local import checks, jars, paths, profile
from local.checks import LocalError


@contextlib.contextmanager
def session() -> Iterator[SparkSession]:
    """`start()`, and `stop()` when the context ends."""
    spark = start()
    try:
        yield spark
    finally:
        stop(spark)


def start() -> SparkSession:
    """A session on the metastore of `paths.var()`; dbt's `session` method in this process uses the same one.

    Raises LocalError if another process has the metastore open: embedded Derby serves one at a time.
    """
    checks.java()
    jars.fetch("spark")
    if isinstance(paths.landing(), Bucket):
        jars.fetch("bucket")
    metastore_is_free(paths.var() / "metastore")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # or landing's workers are the first python3 of the PATH
    builder = SparkSession.builder.enableHiveSupport()
    found = profile.spark_settings()
    # By this process's umask: Hive makes the folders of schemas as 0755, also below one of 0750.
    Path(found["spark.sql.warehouse.dir"]).mkdir(parents=True, exist_ok=True)
    for name, value in found.items():
        builder = builder.config(name, value)
    with _jvm_output_to(paths.var() / "spark.log"):
        return builder.getOrCreate()


@contextlib.contextmanager
def _jvm_output_to(log: Path) -> Iterator[None]:
    """Let a JVM that starts in this block inherit `log` as its standard error, and nobody else."""
    log.parent.mkdir(parents=True, exist_ok=True)
    before = os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)


def metastore_is_free(folder: Path) -> None:
    """Raise LocalError if another process holds Derby's lock on the metastore in `folder`."""
    lock = folder / "dbex.lck"
    if not lock.exists():
        return
    with lock.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LocalError(
                f"Another process (make up, make thrift, a dbt run?) has the metastore in {folder} open: "
                "end it, or use `--target thrift` while its Thrift server runs."
            ) from error


def stop(spark: SparkSession) -> None:
    """End the session and its JVM, which `SparkSession.stop` leaves behind until Python ends."""
    session: Any = type(spark)
    context: Any = type(spark.sparkContext)
    gateway: Any = spark.sparkContext._gateway
    try:
        for step in (forget_files, spark.stop, gateway.shutdown):
            with contextlib.suppress(Exception):  # a JVM that has died answers nothing
                step()
        gateway.proc.stdin.close()  # the JVM ends when its standard input does
        gateway.proc.wait(30)
    finally:
        context._gateway = context._jvm = context._active_spark_context = None
        session._instantiatedSession = session._activeSession = None


def forget_files() -> None:
    """addPyFile put its files on the path of this Python too, and they go with the session."""
    folder = SparkFiles.getRootDirectory()
    sys.path[:] = [entry for entry in sys.path if not entry.startswith(folder)]
    importlib.invalidate_caches()
