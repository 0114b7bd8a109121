"""The landing job's command line: `python -m ingest`, or `spark-submit ingest/__main__.py` with the checkout on
PYTHONPATH.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from pyspark.sql import SparkSession

from ingest import compact, contract_check, expire, replay_command
from ingest.contract import ContractError, load_contract
from ingest.failure import sentence
from ingest.land import land_forever, land_once
from ingest.publish import LandingError
from ingest.settings import parse_settings

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "compact": compact.main,
    "contract-check": contract_check.main,
    "expire": expire.main,
    "replay": replay_command.main,
}


def main() -> int:
    """Land, or run one of COMMANDS; 0 if all that was asked for is done, 1 if not."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("ingest").setLevel(logging.INFO)
    if sys.argv[1:] and sys.argv[1] in COMMANDS:
        return _run(COMMANDS[sys.argv[1]], sys.argv[2:])
    settings = parse_settings()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        contract = load_contract()
        spark = session()
        land = land_once if settings.trigger_seconds is None else land_forever
        land(spark, contract, settings)
    except (ContractError, LandingError, OSError) as error:
        print(f"ingest: {sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        logging.getLogger("ingest").info("stopped")
        return 0 if settings.trigger_seconds else 130  # a job that lands once was not done
    return 0


def _run(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        return command(arguments)
    except (ContractError, LandingError, OSError) as error:
        print(f"ingest: {sentence(error)}", file=sys.stderr)
        return 1


def session() -> SparkSession:
    """The Spark session to land with: that of spark-submit, or one with the Kafka source and no metastore.

    Raises LandingError if Java or the jars cannot be had.
    """
    builder = SparkSession.builder.appName("junction ingest")
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # not started by spark-submit: bring the Kafka source ourselves
        from local import checks, jars

        try:
            checks.java()
            classpath = jars.spark_classpath()
        except checks.LocalError as error:
            raise LandingError(str(error)) from error
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = (
            builder.master("local[*]")
            .config("spark.driver.extraClassPath", classpath)
            .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.scheduler.mode", "FAIR")
        )
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
