"""Spark's Thrift Server (HiveServer2 protocol) inside a live session, for BI tools and `dbt --target thrift`.

Who has its password can do what this process's user can (docs/security.md). There is no way in without.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from local import authentication, checks, paths, spark
from local.checks import LocalError
from local.password import password_of

CHANGE_PORT = "JUNCTION_THRIFT_PORT"
_READY_WITHIN = 30  # seconds
_CALLS_JAVA = ("reflect", "java_method", "try_reflect")  # functions of SQL that call any static method


def serve(session: SparkSession, port: int, host: str = "127.0.0.1") -> None:
    """Serve `session`'s warehouse on `host`:`port`, until the session ends. Raises LocalError if `port` is taken."""
    checks.port_is_free(port, "the Thrift server", CHANGE_PORT, host)
    user, password = user_name(), password_of(password_file())
    session.conf.set("hive.server2.authentication", "CUSTOM")
    session.conf.set("hive.server2.thrift.bind.host", host)
    session.conf.set("hive.server2.thrift.port", str(port))
    # Operation logs and impersonation are for servers of many users; here both would only leave files behind.
    session.conf.set("hive.server2.logging.operation.enabled", "false")
    session.conf.set("hive.server2.enable.doAs", "false")
    jvm: Any = session.sparkContext._jvm
    _without_java_calls(session)
    failures: list[Exception] = []

    def start() -> None:
        try:
            jvm.junction.PasswordAuthentication.admit(user, password)
            jvm.java.lang.System.setProperty("hive.server2.custom.authentication.class", authentication.PROVIDER)
            jvm.org.apache.spark.sql.hive.thriftserver.HiveThriftServer2.startWithContext(
                session._jsparkSession.sqlContext()
            )
        except Exception as error:  # whatever it is, it is for the thread that waits
            failures.append(error)

    # In a thread of its own: one that has run SQL has a Hive session already, and the server would take its settings.
    starting = threading.Thread(target=start)
    starting.start()
    starting.join()
    if failures:
        raise LocalError(f"The Thrift server does not start ({failures[0]}): see {paths.var() / 'spark.log'}.")
    deadline = time.monotonic() + _READY_WITHIN
    while not checks.listens(port, host):  # the call returns before the server listens
        if time.monotonic() > deadline:
            raise LocalError(f"The Thrift server does not listen: see why in {paths.var() / 'spark.log'}.")
        time.sleep(0.05)


def user_name() -> str:
    """The one user: `JUNCTION_THRIFT_USER`, or dbt."""
    return os.environ.get("JUNCTION_THRIFT_USER") or "dbt"


def password_file() -> Path:
    """Where the password is: `JUNCTION_THRIFT_PASSWORD_FILE`, or `thrift.password` in `paths.var()`."""
    return Path(os.environ.get("JUNCTION_THRIFT_PASSWORD_FILE") or paths.var() / "thrift.password").absolute()


def _without_java_calls(session: SparkSession) -> None:
    """Take from SQL the functions that call any static method of Java. (Hive's own can still be created by name.)

    What dbt's macro run_process, in this process too, asks them for is a setting of the session from then on.
    """
    asked = "select reflect('java.net.InetAddress', 'getLocalHost'), reflect('java.lang.ProcessHandle', 'current')"
    session.conf.set("spark.junction.process", " ".join(session.sql(asked).collect()[0]))
    jvm: Any = session.sparkContext._jvm
    catalyst = jvm.org.apache.spark.sql.catalyst
    registry = getattr(getattr(catalyst.analysis, "FunctionRegistry$"), "MODULE$").builtin()
    for name in _CALLS_JAVA:
        registry.dropFunction(catalyst.FunctionIdentifier(name))


def run(port: int, host: str) -> None:
    """`python -m local thrift`: serve the warehouse of `paths.var()` until Ctrl-C."""
    checks.port_is_free(port, "the Thrift server", CHANGE_PORT, host)
    with spark.session() as session:
        serve(session, port, host)
        print(
            f"The warehouse in {paths.var()} answers at jdbc:hive2://{checks.reached_at(host)}:{port}/junction, user "
            f"{user_name()}, password in {password_file()}; Ctrl-C ends it.",
            flush=True,
        )
        threading.Event().wait()
