"""The flags of the landing job, each with its environment variable; some are those of other commands too."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract import options
from contract.place import IS_CHECKOUT, ROOT
from ingest.bounds import HEAP, heap_size
from ingest.kafka_options import add_kafka_options

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


def var() -> Path:
    """The folder of this machine's state: in the checkout, or in the working directory of who has the wheel."""
    return Path(os.environ.get("JUNCTION_VAR") or (ROOT if IS_CHECKOUT else Path.cwd()) / "var")


def parser() -> options.Parser:
    """The parser of `python -m ingest`."""
    made = options.Parser(
        prog="python -m ingest",
        description="Land the contract's Kafka topics as raw Parquet, each record exactly once.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_places(made.add_argument_group("what and where").add_argument)
    how = made.add_argument_group("how").add_argument
    _add_batches(how)
    _add_care(how)
    return made


def landing_flag(add: Callable[..., Any]) -> None:
    """Add `--landing`, which all commands of ingest have."""
    add(
        "--landing",
        type=options.place,
        default=os.environ.get("JUNCTION_LANDING") or str(var() / "landing"),
        metavar="FOLDER|s3://BUCKET/PREFIX",
        help="the landing folder, on a disk or in a bucket [JUNCTION_LANDING] (default %(default)s)",
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
        help="the folder of Spark's checkpoints, on this machine's disk; each start empties it [JUNCTION_CHECKPOINTS] "
        "(default: beside the landing folder, or in JUNCTION_VAR)",
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


def _add_care(add: Callable[..., Any]) -> None:
    env = os.environ.get
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
        help="answer GET /healthz, /readyz and /metrics there, 127.0.0.1:8080 for instance [JUNCTION_HEALTH_ADDRESS] "
        "(default: nowhere)",
    )
    add(
        "--grace-seconds",
        type=options.number(float, 0, 3600),
        default=env("JUNCTION_GRACE_SECONDS") or 20.0,
        help="seconds for the batches at hand to end after SIGTERM or Ctrl-C [JUNCTION_GRACE_SECONDS] "
        "(default %(default)s)",
    )
    add(
        "--log-format",
        type=options.one_of("text", "json"),
        metavar="text|json",
        default=env("JUNCTION_LOG_FORMAT") or "text",
        help="how log lines are written [JUNCTION_LOG_FORMAT] (default %(default)s)",
    )
    add(
        "--landed-at",
        type=utc_time,
        default=env("JUNCTION_LANDED_AT"),
        metavar="TIME",
        help="land as if it were this time, such as 2026-01-01T10:00:00Z, for tests [JUNCTION_LANDED_AT]",
    )


def utc_time(text: str) -> datetime:
    """Parse an ISO-8601 time, UTC unless it says otherwise; raises ArgumentTypeError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time: write it like 2026-01-01T10:00:00Z.") from error
    if not YEARS[0] <= time.year <= YEARS[1]:
        raise argparse.ArgumentTypeError(f"{text} is no year of landing: write one from {YEARS[0]} to {YEARS[1]}.")
    return time.replace(tzinfo=time.tzinfo or UTC)
