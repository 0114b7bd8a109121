"""The landing job's command line: `python -m ingest`, or spark-submit with this file and the package on PYTHONPATH."""

from __future__ import annotations

import logging
import signal
import sys
from importlib import import_module
from types import FrameType

from contract.model import ContractError
from contract.reading import load_contract
from ingest import json_log, printed
from ingest.errors import LandingError
from ingest.failure import sentence
from ingest.landing.land import land_forever, land_once
from ingest.landing.session import names_a_dead_jvm, session
from ingest.settings import parse_settings, set_umask

COMMANDS = {  # each a module with a main(arguments), imported when it is asked for: replay needs Kafka's client
    "compact": "ingest.retention.compact",
    "contract-check": "contract.compatibility",
    "expire": "ingest.retention.expire",
    "replay": "ingest.replay.command",
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


def _run(module: str, arguments: list[str]) -> int:
    try:
        set_umask()
        return int(import_module(module).main(arguments))
    except (ContractError, LandingError, OSError) as error:
        print(f"ingest: {printed.printable(sentence(error))}", file=sys.stderr)
        return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
