"""Spark's Thrift Server (HiveServer2 protocol) inside a live session, for BI tools and `dbt --target thrift`."""

from __future__ import annotations

import threading
import time

from pyspark.sql import SparkSession

from local import checks, paths, spark
from local.checks import LocalError

CHANGE_PORT = "JUNCTION_THRIFT_PORT"
_READY_WITHIN = 30  # seconds


def serve(session: SparkSession, port: int, host: str = "127.0.0.1") -> None:
    """Serve `session`'s warehouse on `host`:`port`, until the session ends. Raises LocalError if `port` is taken."""
    checks.port_is_free(port, "the Thrift server", CHANGE_PORT)
    session.conf.set("hive.server2.thrift.bind.host", host)
    session.conf.set("hive.server2.thrift.port", str(port))
    # Operation logs and impersonation are for servers of many users; here both would only leave files behind.
    session.conf.set("hive.server2.logging.operation.enabled", "false")
    session.conf.set("hive.server2.enable.doAs", "false")
    server = session.sparkContext._jvm.org.apache.spark.sql.hive.thriftserver.HiveThriftServer2  # type: ignore[union-attr]
    # In a thread of its own: one that has run SQL has a Hive session already, and the server would take its settings.
    starting = threading.Thread(target=lambda: server.startWithContext(session._jsparkSession.sqlContext()))
    starting.start()
    starting.join()
    deadline = time.monotonic() + _READY_WITHIN
    while not checks.listens(port):  # the call returns before the server listens
        if time.monotonic() > deadline:
            raise LocalError(f"The Thrift server does not listen: see why in {paths.var() / 'spark.log'}.")
        time.sleep(0.05)


def run(port: int, host: str) -> None:
    """`python -m local thrift`: serve the warehouse of `paths.var()` until Ctrl-C."""
    checks.port_is_free(port, "the Thrift server", CHANGE_PORT)
    with spark.session() as session:
        serve(session, port, host)
        print(
            f"The warehouse in {paths.var()} answers at jdbc:hive2://127.0.0.1:{port}/junction; Ctrl-C ends it.",
            flush=True,
        )
        threading.Event().wait()
