"""A warehouse for a test: dbt in a warm Spark session over a landing folder, and its tables as Arrow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from dbt.cli.main import dbtRunnerResult
from pyspark.sql import SparkSession

from contract.options import Bucket
from local import paths, spark
from testbed import jvm
from testbed.warehouse import parsed
from testbed.warehouse.outcome import failures
from testbed.warehouse.own_state import own_state

OTHER_RUN = "11111111-2222-3333-4444-555555555555"


class Warehouse:
    """The project built by dbt in `session`, from `landing`; all of its state lives below `folder`.

    Where `log` is set, dbt writes its log of each statement there too.
    """

    def __init__(self, session: SparkSession, folder: Path, project: Path) -> None:
        self.session = session
        self.folder = folder
        self.project = project
        self.landing = folder / "landing"
        self.log = False

    def dbt(self, *arguments: str, callbacks: list[Callable[[Any], None]] | None = None) -> dbtRunnerResult:
        """Run one dbt command; its success is the caller's to judge. `callbacks` get each event of dbt's."""
        folders = [
            "--target", "spark", "--project-dir", str(self.project), "--profiles-dir", str(paths.PROFILES),
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip
        return parsed.invoke([*arguments], folders, self.project, callbacks, self.log)

    def build(self, *arguments: str) -> None:
        """`dbt …`, or an AssertionError that tells what failed."""
        outcome = self.dbt(*arguments)
        assert outcome.success, failures(outcome)

    def hold_lock(self, minutes: float, host: str = "elsewhere", process: str = "42") -> None:
        """Another run has the run lock, for as many minutes from now."""
        expires_ms = int((datetime.now(UTC) + timedelta(minutes=minutes)).timestamp() * 1000)
        self.session.sql(
            f"update junction.run_lock set invocation_id = '{OTHER_RUN}', expires_ms = {expires_ms},"
            f" host = '{host}', process = '{process}'"
        )

    def table(self, name: str) -> pa.Table:
        """All rows of a model, times in UTC to the microsecond."""
        return self.session.table(f"junction.{name}").toArrow()


# Hundreds of statements over a few thousand rows: to compile each costs more than to interpret it, and what pays off
# over many files (statistics, a plan that adapts, several tasks) costs more than it gives.
_FOR_FEW_ROWS = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.databricks.delta.stats.collect": "false",
    "spark.sql.ui.explainMode": "simple",  # of each statement for a page that nobody opens
    "spark.sql.maxPlanStringLength": "1000",
}


@contextlib.contextmanager
def warehouse(
    folder: Path, project: Path = paths.PROJECT_DIR, few_rows: bool = True, landing: Bucket | None = None
) -> Iterator[Warehouse]:
    """A warehouse of its own below `folder`, whose Spark session ends with it: for few rows, or as users have it.

    As users have it: its JVM ends with it too.
    """
    with own_state(folder, landing), jvm.session(spark.start) if few_rows else spark.session() as session:
        for setting, chosen in _FOR_FEW_ROWS.items() if few_rows else ():
            session.conf.set(setting, chosen)
        yield Warehouse(session, folder, project)
