"""A real one-node Kafka broker (KRaft) on the loopback address."""

from __future__ import annotations

import base64
import contextlib
import subprocess
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from local import checks, jars
from local.checks import LocalError
from local.process import Child

_HEAP = "-Xmx512m"
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
# The demo simulates a fixed past, which any retention would delete at once.
log.retention.ms=-1
auto.create.topics.enable=false
delete.topic.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A killed broker's registration must expire before its successor is let in.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
"""


class Broker:
    """A broker with its data in `folder`; a new one on the same folder finds all records again.

    `port` 0 takes a free one. Use it in a `with`, or call `start` and `stop`; `kill` is a crash.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.absolute()
        self.port = port or checks.free_port()
        self.child: Child | None = None

    @property
    def bootstrap_servers(self) -> str:
        """What a Kafka client takes as `bootstrap.servers`."""
        return f"127.0.0.1:{self.port}"

    def start(self, timeout: float = 180) -> Broker:
        """Start the broker and wait until it answers; `timeout` is in seconds.

        Raises LocalError with the last lines of its log if it ends or does not answer, or if the port is taken.
        """
        java, classpath = checks.java(), jars.broker_classpath()
        checks.port_is_free(self.port, "Kafka", "JUNCTION_KAFKA_PORT")
        data, properties = self.folder / "data", self.folder / "server.properties"
        self.folder.mkdir(parents=True, exist_ok=True)
        properties.write_text(self.properties(checks.free_port()))
        command = [java, _HEAP, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", classpath]
        if not (data / "meta.properties").exists():
            self._format([*command, "kafka.tools.StorageTool"], properties)
        self.child = Child("Kafka", [*command, "kafka.Kafka", str(properties)], self.folder / "broker.log")
        try:
            self._wait(time.monotonic() + timeout)
        except BaseException:
            self.kill()
            raise
        return self

    def properties(self, controller: int) -> str:
        """The content of server.properties; `controller` is the port of the broker's controller."""
        return _PROPERTIES.format(port=self.port, controller=controller, data=(self.folder / "data").as_posix())

    def create_topics(self, names: Iterable[str], partitions: int = 1) -> None:
        """Create the topics that do not exist yet, with `partitions` partitions each."""
        create_topics(self.bootstrap_servers, names, partitions)

    def stop(self) -> None:
        """Shut the broker down cleanly; harmless if it does not run."""
        if self.child:
            self.child.stop()
            self.child = None

    def kill(self) -> None:
        """End the broker as a crash would (SIGKILL)."""
        if self.child:
            self.child.kill()
            self.child = None

    def children(self) -> list[Child]:
        """Its process, while it is started."""
        return [self.child] if self.child else []

    def __enter__(self) -> Broker:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _format(self, tool: list[str], properties: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        done = subprocess.run(
            [*tool, "format", f"--cluster-id={cluster}", "--config", str(properties)], capture_output=True, text=True
        )
        if done.returncode:
            raise LocalError(f"Kafka cannot prepare {self.folder}; see why and try again:\n{done.stdout}{done.stderr}")

    def _wait(self, deadline: float) -> None:
        assert self.child
        while time.monotonic() < deadline:
            if not self.child.running():
                raise LocalError(f"Kafka ended at its start; see why ({self.child.log}):\n{self.child.last_lines()}")
            if checks.listens(self.port):
                with contextlib.suppress(KafkaException):
                    _admin(self.bootstrap_servers).list_topics(timeout=5)
                    return
            time.sleep(0.1)
        raise LocalError(f"Kafka does not answer; see why ({self.child.log}):\n{self.child.last_lines()}")


def create_topics(bootstrap_servers: str, names: Iterable[str], partitions: int = 1) -> None:
    """Create the topics that do not exist yet on a broker. Raises LocalError if it does not answer."""
    admin = _admin(bootstrap_servers)
    try:
        missing = sorted(set(names) - set(admin.list_topics(timeout=20).topics))
        if missing:
            created = admin.create_topics([NewTopic(name, num_partitions=partitions) for name in missing])
            for future in created.values():
                future.result(timeout=30)
    except KafkaException as error:
        raise LocalError(f"Kafka at {bootstrap_servers} does not take the topics ({error}): see its log.") from error


def _admin(bootstrap_servers: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
