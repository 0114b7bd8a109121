"""The landing job's command line: `python -m ingest`, or `spark-submit ingest/__main__.py` with the checkout on
PYTHONPATH.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from types import FrameType

from contract import compatibility
from contract.model import ContractError
from contract.reading import load_contract
from ingest import json_log, printed
from ingest.errors import LandingError
from ingest.failure import sentence
from ingest.landing.land import land_forever, land_once
from ingest.landing.session import names_a_dead_jvm, session
from ingest.replay import command as replay_command
from ingest.retention import compact, expire
from ingest.settings import parse_settings, set_umask

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "compact": compact.main,
    "contract-check": compatibility.main,
    "expire": expire.main,
    "replay": replay_command.main,
}


def main() -> int:
    """Land, or run one of COMMANDS; 0 if all that was asked for is done, 1 if not."""
    printed.set_up()
    logging.getLogger("ingest").setLevel(logging.INFO)
    if sys.argv[1:] and sys.argv[1] in COMMANDS:
        return _run(COMMANDS[sys.argv[1]], sys.argv[2:])
    try:
        set_umask()
        settings = parse_settings()
        signal.signal(signal.SIGTERM, _interrupt)
        if settings.log_format == "json":
            json_log.log_as_json()
        contract = load_contract()
        settings.chosen(contract)  # before Spark and Kafka are asked for anything
        spark = session(settings.heap)
        with names_a_dead_jvm(spark):
            land = land_once if settings.trigger_seconds is None else land_forever
            land(spark, contract, settings)
    except (ContractError, LandingError, OSError) as error:
        print(f"ingest: {printed.printable(sentence(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        logging.getLogger("ingest").info("stopped")
        return 0 if settings.trigger_seconds else 130  # a job that lands once was not done
    return 0


def _run(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        set_umask()
        return command(arguments)
    except (ContractError, LandingError, OSError) as error:
        print(f"ingest: {printed.printable(sentence(error))}", file=sys.stderr)
        return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
