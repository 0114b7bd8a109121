"""The door of the DuckDB warehouse: who gets in, and that readers see whole tables while the owner writes."""

from __future__ import annotations

import contextlib
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2  # type: ignore[import-untyped]
import pytest

from contract.place import ROOT
from local.door import handler, owner
from testbed.warehouse.door import Door, served

_READS = """
import sys, time, psycopg2
from pathlib import Path
port, password, stop = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
connection = psycopg2.connect(host="127.0.0.1", port=port, user="reader", password=password, dbname="warehouse")
connection.autocommit = len(sys.argv) > 4
cursor = connection.cursor()
print("reading", flush=True)
reads, versions = 0, set()
while not stop.exists():
    cursor.execute("select count(*), count(distinct version), min(version) from numbers")
    rows, distinct, version = cursor.fetchone()
    assert (rows, distinct) == (100000, 1), (rows, distinct)
    reads += 1
    versions.add(version)
print(reads, len(versions), flush=True)
"""

_CANCELS = """
import sys, threading, psycopg2
login = {"user": "reader", "password": sys.argv[2], "dbname": "warehouse"}
connection = psycopg2.connect(host="127.0.0.1", port=sys.argv[1], **login)
connection.autocommit = True
threading.Timer(0.5, connection.cancel).start()  # it waits for the server, so not in the server's process
cursor = connection.cursor()
try:
    cursor.execute("select count(*) from range(10000000000) a, range(100) b where a.range * 7 % 1000003 = b.range")
except psycopg2.Error as error:
    cursor.execute("select 1")
    print(error.pgcode, cursor.fetchone())
"""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with served(
        tmp_path_factory.mktemp("door"),
        "create table cars as select range::int as id, 'car ' || range as name from range(1000)",
        "create table numbers as select range as id, 0 as version from range(100000)",
    ) as serving:
        yield serving


def test_both_users_log_in_and_read(door: Door) -> None:
    for user in ("reader", "owner"):
        assert door.rows("select count(*), max(name) from cars where id < 10", user) == [(10, "car 9")]


def test_the_passwords_are_the_owners_to_read_and_differ(door: Door) -> None:
    files = [owner.password_file(user) for user in ("reader", "owner")]
    assert [file.parent for file in files] == [door.folder, door.folder]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    assert len({file.read_text() for file in files}) == 2


@pytest.mark.parametrize(("user", "password"), [("reader", "wrong"), ("nobody", "wrong"), ("reader", "owner's")])
def test_a_wrong_login_is_refused_and_ends(door: Door, user: str, password: str) -> None:
    given = owner.passwords()["owner"] if password == "owner's" else password
    began = time.monotonic()
    with pytest.raises(psycopg2.OperationalError, match="Password authentication failed"):
        door.connect(user, given)
    assert time.monotonic() < began + 10


def test_a_request_for_encryption_is_answered_with_no(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as plain:
        plain.sendall(struct.pack("!ii", 8, 80877103))
        assert plain.recv(1) == b"N"
    with contextlib.closing(psycopg2.connect(**door.login(), sslmode="prefer")) as connected:
        assert not connected.info.ssl_in_use
    with pytest.raises(psycopg2.OperationalError, match="does not support SSL"):
        psycopg2.connect(**door.login(), sslmode="require")


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x08\x00\x00\x00\x00", b"\x00", b""])
def test_who_speaks_another_protocol_is_let_go_and_the_others_stay(door: Door, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as other:
        other.sendall(said)
        other.shutdown(socket.SHUT_WR)
        while other.recv(1000):
            pass
    assert door.rows("select 1") == [(1,)]


def test_nothing_is_answered_before_the_login(door: Door) -> None:
    startup = struct.pack("!i", 196608) + b"user\x00reader\x00\x00"
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as client:
        client.sendall(struct.pack("!i", len(startup) + 4) + startup)
        assert client.recv(100)[:1] == b"R"
        query = b"select 1\x00"
        client.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
        answer = client.recv(1000)
        assert answer[:1] == b"E"
        assert b"C08P01" in answer
        assert client.recv(1000) == b""


def test_a_connection_is_used_again_after_a_failure_and_opened_again_after_its_end(door: Door) -> None:
    with contextlib.closing(door.connect()) as connected, connected.cursor() as cursor:
        with pytest.raises(psycopg2.errors.UndefinedTable):
            cursor.execute("select * from nothing_of_this_name")
        with pytest.raises(psycopg2.errors.SyntaxError):
            cursor.execute("selec 1")
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)
    for _ in range(5):
        assert door.rows("select 2") == [(2,)]


def test_twenty_connections_read_at_once(door: Door) -> None:
    found: list[object] = []

    def read() -> None:
        found.extend(door.rows("select count(*) from cars a, cars b where a.id <= b.id"))

    threads = [threading.Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(500500,)] * 20


def ask_for_many_rows(connected: Any) -> None:
    """Send a query, and read nothing of its answer."""
    query = b"select * from range(10000000)\x00"
    with socket.fromfd(connected.fileno(), socket.AF_INET, socket.SOCK_STREAM) as raw:
        raw.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
    time.sleep(0.2)


def connections(door: Door) -> int:
    """How many connections DuckDB has."""
    found = door.connection.execute("select count from duckdb_connection_count()").fetchone()
    assert found
    return int(found[0])


def comes_down_to(door: Door, count: int) -> bool:
    """Whether DuckDB has that few connections within 30 s."""
    deadline = time.monotonic() + 30
    while connections(door) > count and time.monotonic() < deadline:
        time.sleep(0.1)
    return connections(door) <= count


def test_a_client_that_leaves_in_the_middle_of_its_rows_leaves_nothing_open(door: Door) -> None:
    assert comes_down_to(door, 1)  # the owner's, once those of earlier clients are closed
    for _ in range(3):
        with contextlib.closing(door.connect()) as connected:
            ask_for_many_rows(connected)
            assert connections(door) > 1
    assert comes_down_to(door, 1)


def test_a_client_that_takes_no_rows_is_cut_off(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    assert comes_down_to(door, 1)  # the owner's, once those of earlier clients are closed
    monkeypatch.setattr(handler, "_ROWS_WITHIN", 1)
    with contextlib.closing(door.connect()) as connected:
        ask_for_many_rows(connected)
        assert connections(door) > 1
        assert comes_down_to(door, 1)


def test_a_query_is_cancelled(door: Door) -> None:
    cancelled = subprocess.run(
        [sys.executable, "-c", _CANCELS, str(door.port), owner.passwords()["reader"]],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert cancelled.stdout == "57014 (1,)\n", cancelled.stderr


def test_readers_in_other_processes_see_whole_tables_while_the_owner_replaces_them(door: Door) -> None:
    stop = door.folder / "stop"
    command = [sys.executable, "-c", _READS, str(door.port), owner.passwords()["reader"], str(stop)]
    readers = [
        subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for more in ([], ["autocommit"])
    ]
    try:
        for reader in readers:
            assert reader.stdout
            assert reader.stdout.readline() == "reading\n"
        version, began = 0, time.monotonic()
        while time.monotonic() < began + 5:
            version += 1
            door.connection.execute("begin")
            door.connection.execute("delete from numbers")
            door.connection.execute(f"insert into numbers select range, {version} from range(100000)")
            door.connection.execute("commit")
    finally:
        stop.touch()
        ended = [reader.communicate(timeout=60) for reader in readers]
    for output, error in ended:
        assert error == ""
        reads, versions = map(int, output.split())
        assert reads > 5
        assert versions > 1
    assert version > 5


def test_another_process_is_told_that_the_file_is_open(door: Door) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "local", "refresh"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "Another process has" in refused.stderr
    assert "warehouse.duckdb open" in refused.stderr


def test_a_password_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "door.reader.password").write_text("1234\n")
    (tmp_path / "door.reader.password").chmod(0o644)
    with pytest.raises(Exception, match=r"may be read by others than its owner \(mode 0644\)"), served(tmp_path):
        pass


def test_a_restarted_owner_has_the_same_passwords_and_rows(tmp_path: Path) -> None:
    with served(tmp_path, "create table once as select 1 as one") as first:
        password = owner.passwords()["reader"]
        assert first.rows("select one from once") == [(1,)]
    with served(tmp_path) as second:
        assert owner.passwords()["reader"] == password
        assert second.rows("select one from once") == [(1,)]
