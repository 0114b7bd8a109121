"""The command line: `python -m simulator --help`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from contract.model import Contract, ContractError
from contract.options import Parser, folder, names, number, servers
from contract.reading import load_contract
from simulator.faults import Outlet, Shares
from simulator.run import Options, run
from simulator.seeds import SeedError, load_city
from simulator.sinks import FileSink, KafkaSink, Sink, SinkError
from simulator.truth import Truth

HOURS = number(float, 1 / 3600, 87_600)  # up to ten years
YEARS = (1971, 2200)  # of a start: Kafka's timestamps begin in 1970
DEFAULT_START = datetime(2026, 3, 2, 6, tzinfo=UTC)
DESCRIPTION = """\
Simulate a city and send what it reports: vehicles that drive between Austin and San Antonio and within them,
roadside sensors, weather stations, cameras and incidents. Causes have effects: an incident or heavy rain slows the
vehicles and the sensors near it. The same options give the same bytes. The city's clock is UTC.
"""
EXAMPLES = """\
examples:
  python -m simulator --bootstrap-servers 127.0.0.1:9092
      three hours of a Monday morning, 20 vehicles, as fast as the machine allows
  python -m simulator --to-files var/events --truth var/truth.jsonl --hours 6 --seed 7
      one JSON Lines file per topic, and what is true about them
  python -m simulator --bootstrap-servers 127.0.0.1:9092 --real-time
      from now on, at the pace of the clock, until Ctrl-C
  python -m simulator --to-files var/events --duplicated 0.02 --malformed 0.01 --late 0.05
      with faults, to see what the warehouse makes of them
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator; returns the exit code."""
    try:
        contract = load_contract()
        args = _parser(contract).parse_args(arguments)
        city = load_city()
        options = _options(args, contract, len(city.cars))
        with contextlib.ExitStack() as stack:
            truth = Truth(stack.enter_context(_open_truth(args.truth)) if args.truth else None)
            sink: Sink = (
                FileSink(args.to_files, options.topics)
                if args.to_files
                else KafkaSink(args.bootstrap_servers, options.topics)
            )
            progress = _Progress(options.seconds)
            outlets = run(options, city, contract, sink, truth, progress, stack.enter_context(_stop_on_signal()))
    except (ContractError, SeedError, SinkError, ValueError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("simulator: stopped before every record was sent; run it again.", file=sys.stderr)
        return 130
    _summary(outlets, truth, progress)
    return 0


def _parser(contract: Contract) -> Parser:
    parser = Parser(
        prog="python -m simulator",
        usage="python -m simulator (--bootstrap-servers HOST:PORT | --to-files DIR) [options]",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=34, width=118),
    )
    target = parser.add_argument_group("where to (one of them)").add_mutually_exclusive_group(required=True)
    target.add_argument("--bootstrap-servers", type=servers, metavar="HOST:PORT", help="send to this Kafka broker")
    target.add_argument(
        "--to-files", metavar="DIR", type=folder, help="write DIR/<topic>.jsonl: key, timestamp_ms, value"
    )
    what = parser.add_argument_group("what")
    what.add_argument(
        "--seed",
        type=number(int, -(2**63), 2**63 - 1),
        default=1,
        metavar="N",
        help="another number is another city life (default 1)",
    )
    what.add_argument(
        "--start", type=_time, metavar="TIME", help="simulated start, ISO 8601 (default 2026-03-02T06:00:00Z, a Monday)"
    )
    what.add_argument("--hours", type=HOURS, metavar="H", help="simulated hours (default 3; in real time: no end)")
    what.add_argument(
        "--vehicles",
        type=number(int, 1, 10_000),
        default=20,
        metavar="N",
        help="how many of the seeded cars drive (default 20)",
    )
    what.add_argument(
        "--hard", action="store_true",
        help="weak incidents, some below the minimum effects; rain over them; one disturbance right after another",
    )  # fmt: skip
    what.add_argument("--real-time", action="store_true", help="start now and keep the pace of the clock, until Ctrl-C")
    what.add_argument("--topics", type=names, metavar="A,B", help="only these topics (default: all of the contract)")
    what.add_argument("--truth", type=folder, metavar="FILE", help="write what is true, one JSON line per fact")
    _add_faults(parser)
    parser.set_defaults(known_topics=tuple(topic.topic for topic in contract.topics))
    return parser


def _add_faults(parser: Parser) -> None:
    record = parser.add_argument_group("faults of records (each a share of the records, 0 to 1; default 0)")
    for name, text in (
        ("late", "reach Kafka at least 5 minutes after they happened"),
        ("duplicated", "are sent twice, the second time seconds to 3 hours later"),
        ("out-of-order", "are overtaken: sent 3 to 60 seconds after their turn"),
        ("malformed", "are broken: cut off, not UTF-8, no object, a wrong type, too long, empty"),
        ("missing-field", "lack a required field"),
        ("unknown-field", "carry a field that the contract does not name"),
        ("impossible", "fit the contract but break a row rule: latitude 95, speed -3"),
    ):
        record.add_argument(f"--{name}", type=number(float, 0, 1), default=0.0, metavar="SHARE", help=text)
    record.add_argument(
        "--late-up-to-minutes",
        type=number(float, 5, 5e6),
        default=120.0,
        metavar="MIN",
        help="at most so late (default 120)",
    )
    sensor = parser.add_argument_group("faults of sensors (each a share of the sensors' time, 0 to 0.2)")
    sensor.add_argument(
        "--sensor-fault", type=number(float, 0, 0.2), default=0.02, metavar="SHARE",
        help="reads half the speed, or five times the vehicles, for 10 to 40 minutes (default 0.02)",
    )  # fmt: skip
    sensor.add_argument(
        "--sensor-outage",
        type=number(float, 0, 0.2),
        default=0.0,
        metavar="SHARE",
        help="is silent for 5 to 30 minutes (default 0)",
    )


def _time(text: str) -> datetime:
    try:
        time_of = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time: write it as 2026-03-02T06:00:00Z") from error
    if not YEARS[0] <= time_of.year <= YEARS[1]:
        raise argparse.ArgumentTypeError(f"{text} is no year of a city: write one from {YEARS[0]} to {YEARS[1]}")
    return (time_of if time_of.tzinfo else time_of.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _options(args: argparse.Namespace, contract: Contract, cars: int) -> Options:
    if not 1 <= args.vehicles <= cars:
        raise ValueError(f"--vehicles {args.vehicles}: the seeds hold {cars} cars; choose 1 to {cars}.")
    if args.real_time and args.start:
        raise ValueError("--real-time starts now: leave --start out.")
    topics = args.topics or args.known_topics
    for topic in topics:
        contract.topic(topic)
    hours = args.hours if args.hours is not None or args.real_time else 3.0
    shares = {name: getattr(args, name) for name in Shares.__dataclass_fields__}
    return Options(
        seed=args.seed,
        start=datetime.now(UTC).replace(microsecond=0) if args.real_time else args.start or DEFAULT_START,
        seconds=None if hours is None else round(hours * 3600),
        vehicles=args.vehicles,
        topics=topics,
        shares=Shares(**shares),
        late_up_to_minutes=args.late_up_to_minutes,
        sensor_fault=args.sensor_fault,
        sensor_outage=args.sensor_outage,
        hard=args.hard,
        real_time=args.real_time,
    )


def _open_truth(path: Path) -> contextlib.AbstractContextManager[TextIO]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise SinkError(f"Cannot write {path}: {error.strerror}; choose another file for --truth.") from error


@contextlib.contextmanager
def _stop_on_signal() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C and SIGTERM end the run in good order; a second Ctrl-C ends it at once."""
    caught: list[int] = []

    def stop(number: int, frame: object) -> None:
        caught.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(caught)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Progress:
    """Says about every two seconds, on stderr, how far the run is."""

    def __init__(self, seconds: int | None) -> None:
        self._seconds, self.began = seconds, time.monotonic()
        self._said = self.began

    def __call__(self, done_s: int, records: int) -> None:
        now = time.monotonic()
        if now - self._said < 2:
            return
        self._said = now
        share = f" of {self._seconds / 3600:.1f} ({100 * done_s / self._seconds:.0f}%)" if self._seconds else ""
        pace = records / (now - self.began)
        print(f"simulated {done_s / 3600:.2f}{share} hours, {records:,} records, {pace:,.0f}/s", file=sys.stderr)


def _summary(outlets: dict[str, Outlet], truth: Truth, progress: _Progress) -> None:
    columns = (
        "records",
        "duplicated",
        "late",
        "out_of_order",
        "malformed",
        "missing_field",
        "unknown_field",
        "impossible",
    )
    width = max(map(len, outlets))
    print(f"{'topic':<{width}}" + "".join(f"{name:>15}" for name in columns))
    for name, outlet in outlets.items():
        counts = [outlet.records, *(outlet.counts[column] for column in columns[1:])]
        print(f"{name:<{width}}" + "".join(f"{count:>15,}" for count in counts))
    total, seconds = sum(outlet.records for outlet in outlets.values()), time.monotonic() - progress.began
    print(f"{total:,} records in {seconds:.1f} s, {total / seconds:,.0f}/s")
    happened = ", ".join(f"{truth.counts[kind]} {kind}s" for kind in ("incident", "episode", "outage", "gear_fault"))
    print(f"truth: {happened.replace('gear_faults', 'gear faults')}")


if __name__ == "__main__":
    sys.exit(main())
