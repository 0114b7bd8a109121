"""The JVMs of tests: one for all sessions of a process, and an archive of Spark's classes (CDS), which halves a start.

`python -m testbed.jvm` makes the archive; a JVM that it does not fit ignores it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from local import paths, spark

# The second compiler costs more than it gives.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
_QUIET = "-Xlog:cds=off -Xlog:cds+dynamic=off"


def archive() -> Path:
    """The archive of this checkout's set of packages."""
    locked = hashlib.sha256((paths.ROOT / "requirements.lock").read_bytes()).hexdigest()
    return paths.ROOT / "var" / "tests" / f"spark-{locked[:12]}.jsa"


def options(collector: str = "-XX:+UseSerialGC") -> dict[str, str]:
    """Environment for a process that starts a JVM; a collector for many cores costs more than it gives."""
    shared = f" {_QUIET} -XX:SharedArchiveFile={archive()}" if archive().exists() else ""
    return {"JAVA_TOOL_OPTIONS": f"{SHORT_LIVED} {collector}{shared}"}


@contextlib.contextmanager
def session(start: Callable[[], SparkSession]) -> Iterator[SparkSession]:
    """The session that `start` makes; its JVM stays, warm, for the next session of this process."""
    with pytest.MonkeyPatch.context() as environment:
        # As the profile has them, since the JVM may be started by a session that brings less.
        for name, value in options("-XX:+UseParallelGC").items():
            environment.setenv(name, value)
        environment.setenv("PYSPARK_SUBMIT_ARGS", "--driver-memory 4g pyspark-shell")
        running = start()
    java: Any = running._jvm
    try:
        yield running
    finally:
        spark.forget_files()
        running.stop()
        # Or the next session takes the metastore and the settings of this one for its own.
        java.org.apache.hadoop.hive.ql.metadata.Hive.closeCurrent()
        for name in [*java.System.getProperties()]:
            if name.startswith("spark."):
                java.System.clearProperty(name)


def main() -> int:
    """Make the archive unless it is there; it appears at once."""
    if archive().exists():
        return 0
    archive().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive().parent) as folder:
        made = Path(folder) / "made.jsa"
        os.environ["JAVA_TOOL_OPTIONS"] = f"{SHORT_LIVED} {_QUIET} -XX:ArchiveClassesAtExit={made}"
        paths.use(Path(folder))
        running = spark.start()
        lines = running.readStream.text(folder).writeStream.format("noop")
        lines.option("checkpointLocation", f"{folder}/state").trigger(availableNow=True).start().awaitTermination()
        running.range(10).write.parquet(f"{folder}/rows")
        running.range(10).write.format("delta").saveAsTable("numbers")
        running.sql("delete from numbers where id > 5")
        jvm: Any = running.sparkContext._gateway.proc  # type: ignore[union-attr]
        running.stop()
        jvm.stdin.close()  # the JVM writes the archive when it ends: half a minute beside tests
        jvm.wait()
        made.rename(archive())
    return 0


if __name__ == "__main__":
    sys.exit(main())
