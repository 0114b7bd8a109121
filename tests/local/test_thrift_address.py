"""`--thrift-host`: the server is waited for where it listens. Without a JVM: a socket takes the server's place."""

from __future__ import annotations

import socket
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from local import checks, thrift
from local.checks import LocalError


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "0.0.0.0"])
def test_the_server_is_waited_for_where_it_listens(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))
    monkeypatch.setattr(thrift, "_READY_WITHIN", 2)
    port, session = checks.free_port(), MagicMock()
    with socket.socket() as server:

        def start(context: object) -> None:
            server.bind((host, port))
            server.listen()

        jvm = session.sparkContext._jvm
        jvm.org.apache.spark.sql.hive.thriftserver.HiveThriftServer2.startWithContext = start
        thrift.serve(session, port, host)
    session.conf.set.assert_any_call("hive.server2.thrift.bind.host", host)


def test_an_address_of_another_machine_is_refused_before_spark_starts() -> None:
    with pytest.raises(LocalError, match=r"192\.0\.2\.77 for the Thrift server is no address of this machine"):
        thrift.run(checks.free_port(), "192.0.2.77")
