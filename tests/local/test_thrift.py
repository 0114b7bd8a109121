"""The Thrift server with several clients at once, as dbt's threads and BI tools are."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyhive import hive  # type: ignore[import-untyped]
from pyhive.exc import OperationalError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession
from thrift.transport.TTransport import TTransportException  # type: ignore[import-untyped]

from contract.place import ROOT
from local import checks, thrift
from local.checks import LocalError
from testbed import jvm
from testbed.warehouse.spark import warehouse

pytestmark = pytest.mark.jvm

CLIENTS = 6
CANARY = "canary-7f3a"
SECRETS = {
    "DBT_ENV_SECRET_REDSHIFT_PASSWORD": CANARY,
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "JUNCTION_KAFKA_OPTIONS": f"kafka.sasl.password={CANARY}",
    "CI_VARIABLE": CANARY,
}
REFLECT = "org.apache.hadoop.hive.ql.udf.generic.GenericUDFReflect"


def connect(port: int, password: str | None, user: str = "dbt", auth: str = "CUSTOM") -> hive.Connection:
    return hive.connect("127.0.0.1", port, username=user, auth=auth, password=password)


def ask(connection: hive.Connection, *statements: str) -> list[tuple]:
    """What the last statement returns."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())


@contextlib.contextmanager
def java_calls_of_the_next_test(session: SparkSession) -> Iterator[None]:
    """Put back into this worker's JVM what a Thrift server takes from it."""
    jvm: Any = session._jvm
    catalyst = jvm.org.apache.spark.sql.catalyst
    registry = getattr(getattr(catalyst.analysis, "FunctionRegistry$"), "MODULE$").builtin()
    found = {name: catalyst.FunctionIdentifier(name) for name in ("reflect", "java_method", "try_reflect")}
    held = [(name, registry.lookupFunction(name).get(), registry.lookupFunctionBuilder(name).get())
            for name in found.values()]  # fmt: skip
    try:
        yield
    finally:
        for function in held:
            registry.registerFunction(*function)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, int]]:
    """`python -m local thrift` as a user starts it, with secrets in its environment: its folder, process and port."""
    folder, port = tmp_path_factory.mktemp("served"), checks.free_port()
    environment = {**os.environ, **jvm.options("-XX:+UseParallelGC"), **SECRETS, "JUNCTION_VAR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-m", "local", "thrift", "--thrift-port", str(port)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout
        said = process.stdout.readline()
        assert f"127.0.0.1:{port}" in said
        assert "thrift.password" in said
        yield folder, process.pid, port
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def test_nobody_comes_in_without_the_password(served: tuple[Path, int, int]) -> None:
    folder, _, port = served
    password = (folder / "thrift.password").read_text().strip()
    assert (folder / "thrift.password").stat().st_mode & 0o777 == 0o600
    assert len(password) >= 32
    with connect(port, password) as connection:
        assert ask(connection, "select 1") == [(1,)]
    for user, given, auth in (
        ("dbt", password + "x", "CUSTOM"), ("dbt", password[:-1], "CUSTOM"), ("other", password, "CUSTOM"),
        ("", password, "CUSTOM"), ("dbt", "x", "LDAP"), ("dbt", None, "NONE"), ("dbt", None, "NOSASL"),
    ):  # fmt: skip
        with pytest.raises(TTransportException), connect(port, given, user, auth) as connection:
            ask(connection, "select 1")


def test_it_listens_on_the_loopback_address_only(served: tuple[Path, int, int]) -> None:
    _, _, port = served
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    hosts = {fields[1].partition(":")[0] for line in listening.splitlines()
             if (fields := line.split())[1].endswith(f":{port:04X}") and fields[3] == "0A"}  # fmt: skip
    assert hosts <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert hosts


def test_no_process_of_it_has_a_secret_in_its_environment(served: tuple[Path, int, int]) -> None:
    _, group, _ = served
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == group:
                found[(process / "cmdline").read_text()] = (process / "environ").read_text()
        except OSError:  # it has ended
            continue
    assert any("java" in command for command in found)
    assert any("local" in command for command in found)
    assert [command for command, environment in found.items() if CANARY in environment] == []


def test_what_docs_security_lists_of_sql(served: tuple[Path, int, int], tmp_path: Path) -> None:
    """What is switched off is off; what is not is what its user can do anyway, and finds no secret."""
    folder, _, port = served
    password = (folder / "thrift.password").read_text().strip()
    (tmp_path / "read.txt").write_text("of the host")
    with connect(port, password) as connection:
        for function in ("reflect", "java_method", "try_reflect"):
            with pytest.raises(OperationalError, match="UNRESOLVED_ROUTINE"):
                ask(connection, f"select {function}('java.lang.System', 'getenv', 'HOME')")
        created = f"create temporary function calls as '{REFLECT}'"
        names = ", ".join(f"calls('java.lang.System', 'getenv', '{name}')" for name in SECRETS)
        assert ask(connection, created, f"select {names}") == [("null",) * len(SECRETS)]
        assert ask(connection, "select calls('java.lang.System', 'getenv', 'HOME')") == [(os.environ["HOME"],)]
        environment = ask(connection, "select transform(1) using 'env' as (line)")
        assert environment
        assert not [line for line in environment if CANARY in line[0]]
        assert not [row for row in ask(connection, "set -v") if CANARY in str(row) or password in str(row)]
        assert ask(connection, f"select * from text.`{tmp_path}/read.txt`") == [("of the host",)]
        ask(connection, f"create table written (line string) using text location '{tmp_path}/written'")
        ask(connection, "insert into written values ('to the host')")
        ask(connection, "drop table written")
    (file,) = (tmp_path / "written").glob("part-*")
    assert file.read_text() == "to the host\n"


def test_a_password_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "thrift.password"
    password = thrift.password_of(file)
    assert thrift.password_of(file) == password
    file.chmod(0o640)
    with pytest.raises(LocalError, match=r"may be read by others than its owner \(mode 0640\): chmod 600"):
        thrift.password_of(file)
    file.write_text("")
    file.chmod(0o600)
    with pytest.raises(LocalError, match="holds no password: write one"):
        thrift.password_of(file)


@pytest.mark.long
def test_sessions_that_end_at_the_same_moment(tmp_path: Path) -> None:
    port = checks.free_port()
    answers: list[object] = []

    def ask_often() -> None:
        for number in range(3):
            with connect(port, password) as connection, connection.cursor() as cursor:
                cursor.execute(f"select {number}")
                answers.append(cursor.fetchall())

    with warehouse(tmp_path) as built, java_calls_of_the_next_test(built.session):
        thrift.serve(built.session, port)
        password = thrift.password_of(thrift.password_file())
        clients = [threading.Thread(target=ask_often, daemon=True) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(300)
        assert not any(client.is_alive() for client in clients), "a client waits for ever"
        built.build("seed", "--select", "zones")  # as `make up` runs dbt beside it, which takes the run lock
        assert sorted(answers, key=str) == [[(number,)] for number in range(3) for _ in range(CLIENTS)]
