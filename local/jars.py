"""The Java parts that the wheels do not bring: Kafka's broker, Spark's Kafka source, Delta, S3A, tests' JDBC driver.

`local/jars.lock` has each jar with its SHA-256, as requirements.lock has Python's packages; what differs is refused.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from importlib import util
from pathlib import Path
from typing import NamedTuple

from local import authentication, paths
from local.checks import LocalError

# Spark's Kafka source, with its token provider, is of pyspark's own version, and Delta is the one for it.
# kafka-clients and lz4-java read producers' bytes: newer than Spark's own, for their published faults (decision 21).
# The broker logs by slf4j-simple: with log4j the resolver picks an older kafka-clients, and the broker dies.
COORDINATES = {
    "broker": "org.apache.kafka:kafka_2.13:4.2.0+org.slf4j:slf4j-simple:2.0.17+at.yawk.lz4:lz4-java:1.11.1",
    "spark": "org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1+io.delta:delta-spark_4.1_2.13:4.2.0"
    "+org.apache.kafka:kafka-clients:3.9.2+at.yawk.lz4:lz4-java:1.11.1",
    "bucket": "org.reactivestreams:reactive-streams:1.0.4+software.amazon.eventstream:eventstream:1.0.1",
    "tests": "org.postgresql:postgresql:42.7.4",  # the JDBC driver of a BI tool
}
# What pyspark leaves out and its Thrift server needs when a session ends: without it, two sessions that end at once,
# for the first time, hang for ever in Hive's registerAllFunctionsOnce. Alone: it depends on half of Hive's cluster.
# S3A, for Spark: of AWS's SDK the modules that it needs (15 MB) in place of the bundle (558 MB) that it names. Each by
# name, since jgo cannot read their POMs: `mvn dependency:list` of s3, s3-transfer-manager, sts and the two clients.
_SDK = """
    annotations apache-client arns auth aws-core aws-query-protocol aws-xml-protocol checksums
    checksums-spi crt-core endpoints-spi http-auth http-auth-aws http-auth-aws-eventstream http-auth-spi
    http-client-spi identity-spi json-utils metrics-spi netty-nio-client profiles protocol-core regions
    retries retries-spi s3 s3-transfer-manager sdk-core sts third-party-jackson-core utils
"""
_ALONE = {
    "broker": [],
    "tests": [],
    "spark": [("org.apache.hive", "hive-llap-common", "2.3.10")],
    "bucket": [
        ("org.apache.hadoop", "hadoop-aws", "3.4.2"),  # of the Hadoop that pyspark has
        *(("software.amazon.awssdk", module, "2.29.52") for module in _SDK.split()),
    ],
}
LOCK = Path(__file__).parent / "jars.lock"
_HEAD = "# part group:artifact:version SHA-256; written by `python -m local jars --lock`. What differs is refused.\n"


class Jar(NamedTuple):
    """A line of the lock."""

    part: str
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{self.artifact}-{self.version}.jar"


def broker_classpath() -> str:
    """What `java -cp` needs to run Kafka's broker."""
    return f"{fetch('broker')}/*"


def spark_classpath() -> str:
    """The `spark.driver.extraClassPath`, without what pyspark has itself."""
    return f"{fetch('spark')}/*"


def locked(lock: Path = LOCK) -> list[Jar]:
    """The jars of the lock, in its order."""
    lines = (line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [Jar(*re.split("[ :]", line)) for line in lines]


def fetch(part: str, lock: Path = LOCK) -> Path:
    """The folder with the jars of a part (broker, spark, tests); the first call downloads them, by the network.

    Raises LocalError if they cannot be had, or if one is not that of the lock.
    """
    folder = paths.jars() / part
    wanted = lock.read_text(encoding="utf-8")
    if part == "spark":
        wanted += hashlib.sha256(authentication.SOURCE.read_bytes()).hexdigest()
    stamp = folder / "complete"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"{part}-", dir=folder.parent))  # a process that looks on never sees half
    try:
        for jar in (jar for jar in locked(lock) if jar.part == part):
            shutil.copyfile(_download(jar), making / jar.name)
            _check(making / jar.name, jar)
        if part == "spark":
            authentication.make_jar(making)
    except BaseException:
        shutil.rmtree(making)
        raise
    making.chmod(0o755)
    (making / stamp.name).write_text(wanted)
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return folder


def fetch_all(*, lock: bool, bucket: bool) -> None:
    """`python -m local jars`: fetch all parts, those of a bucket if wanted; with `lock` resolve them again first."""
    if lock:
        write_lock()
    for part in COORDINATES:
        if part != "bucket" or bucket:
            fetch(part)


def _check(file: Path, jar: Jar) -> None:
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != jar.sha256:
        raise LocalError(
            f"{jar.name} is not the one of {LOCK.name} (SHA-256 {found}, not {jar.sha256}): remove it from the local "
            "Maven repository and try again; if it is so again, find out who changed it and do not use it."
        )


def _download(jar: Jar) -> Path:
    from jgo.maven import MavenContext

    try:
        return Path(MavenContext().project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())
    except Exception as error:  # jgo lets the errors of its HTTP library through
        raise LocalError(
            f"Cannot fetch the Java libraries ({type(error).__name__}): connect to the network and run it again."
        ) from error


def write_lock(lock: Path = LOCK) -> None:
    """Resolve COORDINATES with all that they need, which needs the network, and lock what comes out of it.

    What is new is trusted as it comes: compare the hashes with those that its project publishes.
    """
    found = [jar for part in COORDINATES for jar in _resolved(part)]
    lines = [f"{jar.part} {jar.group}:{jar.artifact}:{jar.version} {jar.sha256}\n" for jar in sorted(found)]
    lock.write_text(_HEAD + "".join(lines), encoding="utf-8")


def _resolved(part: str) -> Iterator[Jar]:
    import jgo

    environment = jgo.build(COORDINATES[part])
    resolved = tomllib.loads((Path(environment.path) / "jgo.lock.toml").read_text(encoding="utf-8"))["dependencies"]
    jars = {(entry["groupId"], entry["artifactId"], entry["version"]) for entry in resolved}
    pysparks = _pysparks_own() if part in ("spark", "bucket") else set()
    named = {tuple(one.split(":")) for one in COORDINATES[part].split("+")}  # before pyspark's own on the classpath
    for group, artifact, version in {*jars, *_ALONE[part]}:
        if artifact not in pysparks or (group, artifact, version) in named:
            jar = Jar(part, group, artifact, version, "")
            yield jar._replace(sha256=hashlib.sha256(_download(jar).read_bytes()).hexdigest())


def _pysparks_own() -> set[str]:
    spec = util.find_spec("pyspark")
    return _artifacts((Path(str(spec and spec.origin)).parent / "jars").glob("*.jar"))


def _artifacts(jars: Iterable[Path]) -> set[str]:
    return {re.sub(r"-\d[\w.\-]*\.jar$", "", jar.name) for jar in jars}
