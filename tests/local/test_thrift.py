"""The Thrift server with several clients at once, as dbt's threads and BI tools are."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pyhive import hive  # type: ignore[import-untyped]

from local import checks, thrift
from testbed.warehouse.spark import warehouse

pytestmark = pytest.mark.jvm

CLIENTS = 6


def test_sessions_that_end_at_the_same_moment(tmp_path: Path) -> None:
    port = checks.free_port()
    answers: list[object] = []

    def ask() -> None:
        for number in range(3):
            with hive.connect("127.0.0.1", port, username="dbt") as connection, connection.cursor() as cursor:
                cursor.execute(f"select {number}")
                answers.append(cursor.fetchall())

    with warehouse(tmp_path) as built:
        thrift.serve(built.session, port)
        clients = [threading.Thread(target=ask, daemon=True) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(300)
        assert not any(client.is_alive() for client in clients), "a client waits for ever"
        assert sorted(answers, key=str) == [[(number,)] for number in range(3) for _ in range(CLIENTS)]
