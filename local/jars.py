"""The Java parts that the wheels do not bring: Kafka's broker, and Spark's Kafka source and Delta."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from importlib import metadata, util
from pathlib import Path

from local import paths
from local.checks import LocalError

# Spark's Kafka source of a version that the registry has whole, with its token provider, and the Delta of this Spark.
# The broker logs by slf4j-simple: with log4j the resolver picks an older kafka-clients, and the broker dies.
COORDINATES = {
    "broker": "org.apache.kafka:kafka_2.13:4.2.0+org.slf4j:slf4j-simple:2.0.17",
    "spark": "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0+io.delta:delta-spark_2.13:4.0.1",
}
# What pyspark leaves out and its Thrift server needs when a session ends: without it, two sessions that end at once,
# for the first time, hang for ever in Hive's registerAllFunctionsOnce. Alone: it depends on half of Hive's cluster.
_ALONE = {"broker": [], "spark": [("org.apache.hive", "hive-llap-common", "2.3.10")]}


def broker_classpath() -> str:
    """What `java -cp` needs to run Kafka's broker."""
    return f"{fetch('broker')}/*"


def spark_classpath() -> str:
    """The `spark.driver.extraClassPath`, without what pyspark has itself."""
    return f"{fetch('spark')}/*"


def fetch(part: str) -> Path:
    """The folder with the jars of `part` (broker or spark); the first call resolves them, which needs the network.

    Raises LocalError if they cannot be had.
    """
    folder = paths.jars() / part
    wanted = f"{COORDINATES[part]} {_ALONE[part]} pyspark {metadata.version('pyspark')}\n"
    stamp = folder / "complete"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    jars = _resolve(part)
    if part == "spark":
        jars = _without_pysparks_own(jars)
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"{part}-", dir=folder.parent))  # a process that looks on never sees half
    for jar in jars:
        shutil.copyfile(jar, making / jar.name)
    (making / stamp.name).write_text(wanted)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return folder


def _resolve(part: str) -> list[Path]:
    import jgo

    try:
        environment = jgo.build(COORDINATES[part])
        alone = [_artifact_file(*coordinates) for coordinates in _ALONE[part]]
    except Exception as error:  # jgo lets the errors of its HTTP library through
        raise LocalError(
            f"Cannot fetch the Java libraries ({type(error).__name__}): connect to the network and run it again."
        ) from error
    folders = (Path(environment.path) / kind for kind in ("jars", "modules"))
    return sorted([*alone, *(jar for folder in folders for jar in folder.glob("*.jar"))])


def _artifact_file(group: str, artifact: str, version: str) -> Path:
    from jgo.maven import MavenContext

    return Path(MavenContext().project(group, artifact).at_version(version).artifact().resolve())


def _without_pysparks_own(jars: Iterable[Path]) -> list[Path]:
    spec = util.find_spec("pyspark")
    own = {_artifact(jar.name) for jar in (Path(str(spec and spec.origin)).parent / "jars").glob("*.jar")}
    return [jar for jar in jars if _artifact(jar.name) not in own]


def _artifact(jar: str) -> str:
    return re.sub(r"-\d[\w.\-]*\.jar$", "", jar)
