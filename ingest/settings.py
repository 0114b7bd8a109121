"""What the landing job is to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from contract import options
from contract.model import Contract, Topic
from contract.options import Place
from ingest.bounds import HEAP, Bounds
from ingest.errors import LandingError
from ingest.flags import KAFKA_OPTIONS, parser, var
from ingest.kafka_options import kafka_options


@dataclass(frozen=True)
class Settings:
    """What to land, from where, to where. Without `topics` all of the contract; `trigger_seconds` None lands once."""

    bootstrap_servers: str
    landing: Place
    checkpoints: Path
    topics: tuple[str, ...] = ()
    trigger_seconds: float | None = None
    max_offsets: int | None = None
    kafka_options: dict[str, str] = field(default_factory=dict, repr=False)  # they hold secrets
    fail_on_lost_offsets: bool = True
    land_changed_log: bool = False
    give_up_seconds: float = 600.0  # how long a topic may be down before a job that goes on ends
    health_address: tuple[str, int] | None = None
    grace_seconds: float = 20.0  # for the batches at hand, when the job is asked to end
    log_format: str = "text"
    landed_at: datetime | None = None  # a test's or a demo's clock; later batches follow in steps of 1 ms
    bounds: Bounds = field(default_factory=Bounds)
    heap: str = HEAP  # of the JVM that this job starts

    def chosen(self, contract: Contract) -> list[Topic]:
        """The topics to land. Raises ContractError for one that is not in the contract."""
        return [contract.topic(name) for name in self.topics] or list(contract.topics)

    def kafka(self) -> dict[str, str]:
        """The Kafka client's own options, without Spark's prefix `kafka.`."""
        return {"bootstrap.servers": self.bootstrap_servers} | {
            name.removeprefix("kafka."): value for name, value in self.kafka_options.items()
        }

    def consumer(self) -> dict[str, str]:
        """The options of the consumer that reads the topics: `kafka_options` go before those of the bounds."""
        return self.bounds.consumer() | self.kafka()

    def smaller(self) -> Settings | None:
        """With less in memory at once, for a topic that ran out of it; None if a record is held at a time already.

        An option of `kafka_options` that was in the way of it is left out.
        """
        polled, fetched = (int(self.consumer()[name]) for name in ("max.poll.records", "max.partition.fetch.bytes"))
        bounds = self.bounds.within(polled, fetched).smaller()
        if bounds is None:
            return None
        limits = {f"kafka.{name}" for name in bounds.consumer() if "max" in name}
        kept = {name: value for name, value in self.kafka_options.items() if name not in limits}
        most = min(self.max_offsets or bounds.offsets, bounds.offsets)
        return replace(self, bounds=bounds, max_offsets=most, kafka_options=kept)


def parse_settings(arguments: Sequence[str] | None = None) -> Settings:
    """Read the command line; each flag's default is its environment variable. Exits with 2 on a wrong option.

    Raises LandingError if the file of --kafka-options-file cannot be used.
    """
    made = parser()
    flags = made.parse_args(arguments)
    return Settings(
        bootstrap_servers=flags.bootstrap_servers,
        landing=flags.landing,
        checkpoints=(flags.checkpoints or _beside(flags.landing) / "checkpoints").absolute(),
        topics=flags.topics,
        trigger_seconds=None if flags.once else flags.trigger_seconds,
        max_offsets=flags.max_offsets,
        kafka_options=kafka_options(flags, KAFKA_OPTIONS, made.error),
        fail_on_lost_offsets=flags.lost_offsets == "fail",
        land_changed_log=flags.changed_log == "land",
        give_up_seconds=flags.give_up_minutes * 60,
        health_address=flags.health_address,
        grace_seconds=flags.grace_seconds,
        log_format=flags.log_format,
        landed_at=flags.landed_at,
        heap=flags.heap,
    )


def _beside(landing: Place) -> Path:
    """The folder beside the landing folder; of a bucket the folder of this machine's state."""
    return landing.parent if isinstance(landing, Path) else var()


def set_umask() -> str:
    """`options.take_umask`; raises LandingError if the variable is no umask."""
    taken = options.take_umask()
    if taken is None:
        raise LandingError(
            f"JUNCTION_UMASK={os.environ['JUNCTION_UMASK']} is no umask: write octal digits, such as 027."
        )
    return taken
