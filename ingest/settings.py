"""The options of the landing job, from flags and from the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract import options
from contract.model import Contract, Topic
from contract.place import PROJECT_DIR
from ingest.bounds import HEAP, Bounds, heap_size
from ingest.errors import LandingError
from ingest.kafka_options import add_kafka_options, kafka_options

_EPILOG = """\
Each flag can be set as an environment variable, named in brackets.

other commands:
  python -m ingest replay           produce dead letters again, corrected
  python -m ingest contract-check   does a change of the contract break what has landed?
  python -m ingest compact          copy closed landing hours into large files
  python -m ingest expire           remove the small files of hours that were compacted long ago
each with --help; docs/landing.md and docs/retention.md tell the whole story
"""


YEARS = (1971, 2260)  # of a time of landing, in any zone: raw holds Kafka's timestamps from 1970 to 2261
KAFKA_OPTIONS = "JUNCTION_KAFKA_OPTIONS"


@dataclass(frozen=True)
class Settings:
    """What to land, from where, to where. Without `topics` all of the contract; `trigger_seconds` None lands once."""

    bootstrap_servers: str
    landing: Path
    checkpoints: Path
    topics: tuple[str, ...] = ()
    trigger_seconds: float | None = None
    max_offsets: int | None = None
    kafka_options: dict[str, str] = field(default_factory=dict, repr=False)  # they hold secrets
    fail_on_lost_offsets: bool = True
    land_changed_log: bool = False
    give_up_seconds: float = 600.0  # how long a topic may be down before a job that goes on ends
    health_address: tuple[str, int] | None = None
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
    parser = _parser()
    flags = parser.parse_args(arguments)
    return Settings(
        bootstrap_servers=flags.bootstrap_servers,
        landing=flags.landing.absolute(),
        checkpoints=(flags.checkpoints or flags.landing.parent / "checkpoints").absolute(),
        topics=flags.topics,
        trigger_seconds=None if flags.once else flags.trigger_seconds,
        max_offsets=flags.max_offsets,
        kafka_options=kafka_options(flags, KAFKA_OPTIONS, parser.error),
        fail_on_lost_offsets=flags.lost_offsets == "fail",
        land_changed_log=flags.changed_log == "land",
        give_up_seconds=flags.give_up_minutes * 60,
        health_address=flags.health_address,
        landed_at=flags.landed_at,
        heap=flags.heap,
    )


def _parser() -> options.Parser:
    parser = options.Parser(
        prog="python -m ingest",
        description="Land the contract's Kafka topics as raw Parquet, each record exactly once.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_places(parser.add_argument_group("what and where").add_argument)
    _add_batches(parser.add_argument_group("how").add_argument)
    return parser


def landing_flag(add: Callable[..., Any]) -> None:
    """Add `--landing`, which all commands of ingest have."""
    env = os.environ.get
    var = Path(env("JUNCTION_VAR") or PROJECT_DIR.parent / "var")
    add(
        "--landing",
        type=options.folder,
        default=env("JUNCTION_LANDING") or str(var / "landing"),
        help="the landing folder [JUNCTION_LANDING] (default %(default)s)",
    )


def _add_places(add: Callable[..., Any]) -> None:
    env = os.environ.get
    add(
        "--bootstrap-servers",
        type=options.servers,
        default=env("JUNCTION_BOOTSTRAP_SERVERS") or "127.0.0.1:9092",
        help="the Kafka brokers, host:port,… [JUNCTION_BOOTSTRAP_SERVERS] (default %(default)s)",
    )
    landing_flag(add)
    add(
        "--checkpoints",
        type=options.folder,
        default=env("JUNCTION_CHECKPOINTS") or None,
        help="the folder of Spark's checkpoints [JUNCTION_CHECKPOINTS] (default: beside the landing folder)",
    )
    add(
        "--topics",
        type=options.names,
        default=env("JUNCTION_TOPICS") or (),
        help="topics of the contract to land, separated by commas [JUNCTION_TOPICS] (default: all)",
    )


def _add_batches(add: Callable[..., Any]) -> None:
    env = os.environ.get
    add(
        "--once",
        nargs="?",  # a switch, and a `type` for what the environment has
        const=True,
        metavar="1|0",
        type=options.yes,
        default=env("JUNCTION_ONCE") or False,
        help="land what is there now and end [JUNCTION_ONCE=1] (default: go on until Ctrl-C)",
    )
    add(
        "--trigger-seconds",
        type=options.number(float, 0, 86_400, above=True),
        default=env("JUNCTION_TRIGGER_SECONDS") or 10.0,
        help="seconds between batches [JUNCTION_TRIGGER_SECONDS] (default %(default)s)",
    )
    add(
        "--max-offsets",
        type=options.number(int, 1, 2**63 - 1),
        default=env("JUNCTION_MAX_OFFSETS"),
        help="most offsets of a topic in one batch [JUNCTION_MAX_OFFSETS] (default: no limit)",
    )
    add(
        "--heap",
        type=heap_size,
        default=env("JUNCTION_HEAP") or HEAP,
        metavar="SIZE",
        help="heap of Spark's JVM, such as 1500m or 4g; with spark-submit that of --driver-memory counts "
        "[JUNCTION_HEAP] (default %(default)s)",
    )
    add_kafka_options(add, "the Kafka client", KAFKA_OPTIONS)
    add(
        "--lost-offsets",
        type=options.one_of("fail", "skip"),
        metavar="fail|skip",
        default=env("JUNCTION_LOST_OFFSETS") or "fail",
        help="what to do if Kafka no longer has offsets that were not landed [JUNCTION_LOST_OFFSETS] "
        "(default %(default)s)",
    )
    add(
        "--changed-log",
        type=options.one_of("fail", "land"),
        metavar="fail|land",
        default=env("JUNCTION_CHANGED_LOG") or "fail",
        help="what to do if Kafka holds other records than were landed at their offsets, as after a restore: land the "
        "topic again as a new generation, or fail [JUNCTION_CHANGED_LOG] (default %(default)s)",
    )
    add(
        "--give-up-minutes",
        type=options.number(float, 0, 10_080, above=True),
        default=env("JUNCTION_GIVE_UP_MINUTES") or 10.0,
        help="minutes that a topic may fail, taken up again and again, before the job ends [JUNCTION_GIVE_UP_MINUTES] "
        "(default %(default)s)",
    )
    add(
        "--health-address",
        type=options.address,
        default=env("JUNCTION_HEALTH_ADDRESS"),
        metavar="HOST:PORT",
        help="answer GET /healthz there, 127.0.0.1:8080 for instance [JUNCTION_HEALTH_ADDRESS] (default: nowhere)",
    )
    add(
        "--landed-at",
        type=utc_time,
        default=env("JUNCTION_LANDED_AT"),
        metavar="TIME",
        help="land as if it were this time, such as 2026-01-01T10:00:00Z, for tests [JUNCTION_LANDED_AT]",
    )


def set_umask() -> str:
    """`options.take_umask`; raises LandingError if the variable is no umask."""
    taken = options.take_umask()
    if taken is None:
        raise LandingError(
            f"JUNCTION_UMASK={os.environ['JUNCTION_UMASK']} is no umask: write octal digits, such as 027."
        )
    return taken


def utc_time(text: str) -> datetime:
    """Parse an ISO-8601 time, UTC unless it says otherwise; raises ArgumentTypeError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time: write it like 2026-01-01T10:00:00Z.") from error
    if not YEARS[0] <= time.year <= YEARS[1]:
        raise argparse.ArgumentTypeError(f"{text} is no year of landing: write one from {YEARS[0]} to {YEARS[1]}.")
    return time.replace(tzinfo=time.tzinfo or UTC)
