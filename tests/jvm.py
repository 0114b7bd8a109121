"""The JVMs of tests live for seconds: options for them, and an archive of Spark's classes (CDS) that halves a start.

`python -m tests.jvm` makes the archive, from a session as landing's; a JVM that it does not fit ignores it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from ingest.__main__ import session
from local import paths

# The second compiler and a collector for many cores cost more than they give.
_SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:cds=off -Xlog:cds+dynamic=off"


def archive() -> Path:
    """The archive of this checkout's set of packages."""
    locked = hashlib.sha256((paths.ROOT / "requirements.lock").read_bytes()).hexdigest()
    return paths.ROOT / "var" / "tests" / f"spark-{locked[:12]}.jsa"


def options() -> dict[str, str]:
    """Environment for a process that starts a JVM."""
    shared = f" -XX:SharedArchiveFile={archive()}" if archive().exists() else ""
    return {"JAVA_TOOL_OPTIONS": _SHORT_LIVED + shared}


def main() -> int:
    """Make the archive unless it is there; it appears at once."""
    if archive().exists():
        return 0
    archive().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive().parent) as folder:
        made = Path(folder) / "made.jsa"
        os.environ["JAVA_TOOL_OPTIONS"] = f"{_SHORT_LIVED} -XX:ArchiveClassesAtExit={made}"
        spark = session()
        lines = spark.readStream.text(folder).writeStream.format("noop").option("checkpointLocation", f"{folder}/state")
        lines.trigger(availableNow=True).start().awaitTermination()
        spark.range(10).write.parquet(f"{folder}/rows")
        jvm = spark.sparkContext._gateway.proc  # type: ignore[union-attr]
        spark.stop()
        jvm.stdin.close()  # the JVM writes the archive when it ends: half a minute beside tests
        jvm.wait()
        made.rename(archive())
    return 0


if __name__ == "__main__":
    sys.exit(main())
