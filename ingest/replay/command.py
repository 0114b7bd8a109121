"""The command line of `python -m ingest replay`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from contract import options
from contract.options import Parser
from contract.reading import load_contract
from contract.values import Reason
from ingest.flags import landing_flag, utc_time
from ingest.folder.landing_folder import LandingFolder
from ingest.kafka_options import add_kafka_options, kafka_options
from ingest.printed import printable
from ingest.replay.letters import Choice
from ingest.replay.replay import find_transform, replay

_DESCRIPTION = """\
Produce dead letters again, as new records of their topic, once they fit the contract: because the contract has
changed, or because a function of yours corrects them. Run the landing job afterwards, or leave it running.

A letter that still does not fit, or that the broker refuses, is not produced but counted, with the reason. A letter is
replayed once, ever: what was replayed stands in LANDING/replayed, also after a crash.
"""
_EXAMPLES = """\
examples:
  python -m ingest replay --dry-run                       what would fit now?
  python -m ingest replay --topics weather                after the contract has a longer text, for instance
  python -m ingest replay --reasons not_json --transform fixes:single_quotes

a transformation, in fixes.py of the folder you are in:
  from dataclasses import replace

  def single_quotes(letter):      # topic, generation, partition, offset, timestamp, landed_at, reason, field
      return replace(letter, value=letter.value.replace(b"'", b'"'))      # or key=, topic=; None leaves it out

Each new record has the old Kafka timestamp, the old partition if there still is one, and a header
junction-replay-of: topic/generation/partition/offset.
"""


def main(arguments: Sequence[str]) -> int:
    """Replay and print the outcome; 0 also if letters still do not fit. Raises LandingError or ContractError."""
    parser = _parser()
    flags = parser.parse_args(arguments)
    contract = load_contract()
    if not flags.transform:  # which may move a letter of another topic to one of the contract
        for topic in flags.topics:
            contract.topic(topic)
    client = {"bootstrap.servers": flags.bootstrap_servers}
    found = kafka_options(flags, None, parser.error)
    client |= {name.removeprefix("kafka."): value for name, value in found.items()}
    choice = Choice(flags.topics, flags.reasons, flags.landed_from, flags.landed_until)
    transform = find_transform(flags.transform) if flags.transform else None
    folder = LandingFolder.existing(flags.landing)
    outcome = replay(folder, contract, client, choice, transform, flags.dry_run)
    # Field names are the producers'.
    print(printable(f"dry run, nothing is produced: {outcome}" if flags.dry_run else f"dead letters: {outcome}"))
    return 0


def _parser() -> Parser:
    env = os.environ.get
    parser = Parser(
        prog="python -m ingest replay",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = parser.add_argument_group("which dead letters (default: all)")
    which.add_argument("--topics", type=options.names, default=(), metavar="A,B", help="of these topics")
    which.add_argument("--reasons", type=_reasons, default=(), metavar="A,B", help=f"of {', '.join(Reason)}")
    which.add_argument("--landed-from", type=utc_time, metavar="TIME", help="landed at or after, 2026-01-01T10:00:00Z")
    which.add_argument("--landed-until", type=utc_time, metavar="TIME", help="landed before")
    how = parser.add_argument_group("how")
    how.add_argument("--transform", metavar="MODULE:FUNCTION", help="corrects each letter before it is checked")
    how.add_argument("--dry-run", action="store_true", help="say what would be replayed; Kafka is not asked")
    where = parser.add_argument_group("where")
    where.add_argument(
        "--bootstrap-servers",
        type=options.servers,
        default=env("JUNCTION_BOOTSTRAP_SERVERS") or "127.0.0.1:9092",
        help="the Kafka brokers, host:port,… [JUNCTION_BOOTSTRAP_SERVERS] (default %(default)s)",
    )
    landing_flag(where.add_argument)
    # The landing job's are Java's, so its environment variables are not read.
    add_kafka_options(where.add_argument, "librdkafka", None)
    return parser


def _reasons(text: str) -> tuple[str, ...]:
    reasons = options.names(text)
    for reason in reasons:
        if reason not in set(Reason):
            raise argparse.ArgumentTypeError(f"{reason} is no reason: choose from {', '.join(Reason)}.")
    return reasons
