"""The proxy passes bytes on, slows them, and cuts connections between or within answers."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.checks import free_port
from testbed.torture.proxy import ProxiedBroker, Proxy


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while received := self.request.recv(65536):
                self.request.sendall(received)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Server(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running = Proxy(free_port(), server.server_address[1])
        running.start()
        yield running
        running.stop()
        server.shutdown()


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=20)


def echoed(client: socket.socket, content: bytes) -> bytes:
    client.sendall(content)
    received = b""
    while len(received) < len(content) and (chunk := client.recv(65536)):
        received += chunk
    return received


def test_bytes_come_through_as_they_are_on_many_connections(proxy: Proxy) -> None:
    content = bytes(range(256)) * 2000
    clients = [connected(proxy) for _ in range(5)]
    assert [echoed(client, content) for client in clients] == [content] * 5
    assert proxy.passed == 2 * 5 * len(content)
    assert proxy.cuts == 0


def test_latency_and_bandwidth_slow_what_passes(proxy: Proxy) -> None:
    client = connected(proxy)
    proxy.latency, proxy.bytes_per_second = 0.1, 20_000
    began = time.monotonic()
    assert echoed(client, b"x" * 4000) == b"x" * 4000
    assert time.monotonic() - began >= 2 * (0.1 + 4000 / 20_000)


def test_a_cut_resets_each_connection_and_new_ones_come_through(proxy: Proxy) -> None:
    clients = [connected(proxy) for _ in range(2)]
    assert [echoed(client, b"before") for client in clients] == [b"before"] * 2
    proxy.cut()
    for client in clients:
        with pytest.raises(ConnectionResetError):
            client.recv(10)
    assert proxy.cuts == 2
    assert echoed(connected(proxy), b"after") == b"after"


def test_a_cut_within_an_answer_passes_a_part_of_it(proxy: Proxy) -> None:
    client = connected(proxy)
    assert echoed(client, b"before") == b"before"
    proxy.cut(mid_response=True)
    client.sendall(b"0123456789")
    received = b""
    with contextlib.suppress(ConnectionResetError):  # which may come before the part is read
        while chunk := client.recv(100):
            received += chunk
    assert received in (b"01234", b"")
    assert proxy.cuts == 1


def test_without_a_broker_a_connection_ends_at_once() -> None:
    proxy = Proxy(free_port(), free_port())
    proxy.start()
    with contextlib.suppress(ConnectionResetError):
        assert connected(proxy).recv(10) == b""
    proxy.stop()


def test_a_proxied_broker_advertises_the_proxy_on_a_listener_of_its_own(tmp_path: Path) -> None:
    lines = ProxiedBroker(tmp_path, 1001, 1002, 1003).properties(1004).splitlines()
    plain, controller = "PLAINTEXT://127.0.0.1:1001", "CONTROLLER://127.0.0.1:1004"
    assert f"listeners={plain},{controller},PROXIED://127.0.0.1:1002" in lines
    assert f"advertised.listeners={plain},PROXIED://127.0.0.1:1003" in lines
    assert "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT" in lines
