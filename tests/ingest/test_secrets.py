"""A canary among the Kafka options of a real landing job: it is in no file, log, plan, event log or command line."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contract.place import ROOT
from local.broker import Broker
from testbed import jvm
from testbed.landing.bench import samples

pytestmark = pytest.mark.jvm

CANARY = "canary-7f3a"
JAAS = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="{CANARY}" password="{CANARY}";'
LANDS = [f"kafka.sasl.jaas.config={JAAS}", f"kafka.ssl.key.password={CANARY}", f"kafka.of.nobody={CANARY}"]
FAILS = {
    "a value of another type": [f"kafka.max.poll.records={CANARY}"],
    "a protocol that the broker does not have": [
        f"kafka.sasl.jaas.config={JAAS}", "kafka.security.protocol=SASL_PLAINTEXT", "kafka.sasl.mechanism=PLAIN",
        "kafka.default.api.timeout.ms=3000", "kafka.request.timeout.ms=2000",
    ],
    "a JAAS configuration that is none": [
        f"kafka.sasl.jaas.config={CANARY} {CANARY} {CANARY};", "kafka.security.protocol=SASL_PLAINTEXT",
    ],
    "a key store that is none": ["kafka.security.protocol=SSL", f"kafka.ssl.keystore.location=/none/{CANARY}"],
}  # fmt: skip
REFUSED = {
    "a value of another type": [f"kafka.socket.timeout.ms={CANARY}"],
    "an option that librdkafka lacks": [f"kafka.sasl.passwrd={CANARY}"],
    "a mechanism that is none": ["kafka.security.protocol=SASL_PLAINTEXT", f"kafka.sasl.mechanism={CANARY}x",
                                 f"kafka.sasl.password={CANARY}"],
}  # fmt: skip


def run(folder: Path, broker: Broker, options: list[str], *command: str) -> tuple[int, str, set[str]]:
    """Run `python -m ingest` with an options file: its code, its output, and the command lines that were seen."""
    file = folder / "kafka.options"
    file.write_text("\n".join(options))
    file.chmod(0o600)
    (folder / "events").mkdir()
    events = "--conf spark.eventLog.enabled=true --conf spark.eventLog.compress=false"
    events += f" --conf spark.eventLog.dir=file:{folder}/events pyspark-shell"
    environment = {**os.environ, **jvm.options(), "PYSPARK_SUBMIT_ARGS": events, "JUNCTION_VAR": str(folder)}
    where = ["--bootstrap-servers", broker.bootstrap_servers, "--kafka-options-file", str(file)]
    with subprocess.Popen(
        [sys.executable, "-m", "ingest", *command, *where],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as process:  # fmt: skip
        seen: set[str] = set()
        ended = threading.Event()
        watching = threading.Thread(target=lambda: seen.update(command_lines(process.pid, ended)))
        watching.start()
        output, _ = process.communicate(timeout=300)
        ended.set()
        watching.join()
    file.unlink()
    return process.returncode, output, seen


def command_lines(group: int, ended: threading.Event) -> Iterator[str]:
    """What /proc shows of all processes of a group until `ended`, command lines and environments."""
    while not ended.wait(0.2):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(process.name)) == group:
                    yield (process / "cmdline").read_bytes().decode(errors="replace")
                    yield (process / "environ").read_bytes().decode(errors="replace")
            except OSError:  # it has ended
                continue


def files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_a_job_that_lands_leaves_no_secret_anywhere(broker: Broker, tmp_path: Path) -> None:
    broker.create_topics(["sensors-sample"])
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
    for value in samples(5):
        producer.produce("sensors-sample", value)
    assert producer.flush(30) == 0
    code, output, seen = run(tmp_path, broker, LANDS, "--once", "--topics", "sensors-sample")
    assert code == 0, output
    events = [path for path in (tmp_path / "events").rglob("*") if path.is_file()]
    assert any(b"SparkListenerSQLExecutionStart" in path.read_bytes() for path in events), "no plan was looked at"
    assert any("java" in line for line in seen)
    assert CANARY not in output
    assert not [line for line in seen if CANARY in line]
    assert files_with(tmp_path, CANARY) == []
    assert files_with(tmp_path, "sensors-sample"), "nothing was looked at"
    for folder in ("landing", "checkpoints"):
        found = list((tmp_path / folder).rglob("*"))
        assert len(found) > 5
        open_to_others = [path for path in found if path.stat().st_mode & 0o007]
        assert open_to_others == [], "others than the owner and the group may read it"


@pytest.mark.parametrize("options", FAILS.values(), ids=FAILS.keys())
def test_a_job_that_fails_names_no_secret(options: list[str], broker: Broker, tmp_path: Path) -> None:
    broker.create_topics(["sensors-sample"])
    code, output, _ = run(tmp_path, broker, options, "--once", "--topics", "sensors-sample")
    assert code == 1, output
    assert "ingest: " in output
    assert CANARY not in output
    assert files_with(tmp_path, CANARY) == []


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED.keys())
def test_a_replay_that_fails_names_no_secret(options: list[str], broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    code, output, _ = run(tmp_path, broker, options, "replay")
    assert code == 1, output
    assert "ingest: " in output
    assert CANARY not in output
    assert files_with(tmp_path, CANARY) == []
