"""Java libraries are those of local/jars.lock, to the byte."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from contract.place import ROOT
from local import jars
from local.checks import LocalError
from local.jars import COORDINATES, LOCK, fetch, locked


def test_the_lock_has_what_the_coordinates_name() -> None:
    entries = locked()
    have = {(jar.part, jar.group, jar.artifact, jar.version) for jar in entries}
    for part, coordinates in COORDINATES.items():
        assert {(part, *one.split(":")) for one in coordinates.split("+")} <= have
    assert all((part, *alone) in have for part, several in jars._ALONE.items() for alone in several)
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in entries)
    assert len({(jar.part, jar.name) for jar in entries}) == len(entries)
    assert entries == sorted(entries)


def _lock_of_one(folder: Path, sha256: str | None = None) -> Path:
    one = next(jar for jar in locked() if (jar.part, jar.artifact) == ("broker", "slf4j-simple"))
    lock = folder / "jars.lock"
    lock.write_text(f"# one\n{one.part} {one.group}:{one.artifact}:{one.version} {sha256 or one.sha256}\n")
    return lock


def test_a_jar_that_is_not_the_locked_one_is_refused_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUNCTION_JARS", str(tmp_path / "jars"))
    with pytest.raises(LocalError, match=r"slf4j-simple-[\d.]+\.jar is not the one of jars\.lock .*: remove it from"):
        fetch("broker", _lock_of_one(tmp_path, "0" * 64))
    assert list((tmp_path / "jars").iterdir()) == []


def test_what_was_fetched_is_fetched_again_when_the_lock_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUNCTION_JARS", str(tmp_path / "jars"))
    lock = _lock_of_one(tmp_path)
    (jar,) = fetch("broker", lock).glob("*.jar")
    before = jar.stat().st_ino
    assert (fetch("broker", lock) / jar.name).stat().st_ino == before
    lock.write_text(lock.read_text().replace("# one", "# the same"))
    assert (fetch("broker", lock) / jar.name).stat().st_ino != before


def test_the_image_s_user_can_read_what_root_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dockerfile = (ROOT / "local" / "Dockerfile").read_text(encoding="utf-8")
    assert "JUNCTION_UMASK=022 python -m local jars" in dockerfile
    monkeypatch.setenv("JUNCTION_JARS", str(tmp_path / "a" / "jars"))
    before = os.umask(0o022)
    try:
        folder = fetch("broker", _lock_of_one(tmp_path))
    finally:
        os.umask(before)
    for path in (folder, folder.parent, folder.parent.parent, *folder.iterdir()):
        assert path.stat().st_mode & 0o004, path


def test_the_lock_of_the_checkout_is_the_default() -> None:
    assert LOCK.name == "jars.lock"
    assert LOCK.is_file()


@pytest.mark.jvm
@pytest.mark.parametrize(
    ("name", "jar"),
    [
        ("net.jpountz.lz4.LZ4Factory", "lz4-java-1.11.1.jar"),  # pyspark brings an older one
        ("org.apache.kafka.clients.consumer.KafkaConsumer", "kafka-clients-3.9.2.jar"),
    ],
)
def test_what_reads_producers_bytes_is_the_mended_library(spark: SparkSession, name: str, jar: str) -> None:
    java = spark._jvm
    assert java
    found = java.java.lang.Class.forName(name).getProtectionDomain().getCodeSource().getLocation().toString()
    assert found.endswith(f"/{jar}")
