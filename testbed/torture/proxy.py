"""A network between a client and the broker that is slow or breaks: a TCP proxy, and a broker that advertises it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from local.broker import Broker

_CHUNK = 16 * 1024  # bytes that are passed on at once
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: close sends RST, and drops what was not sent


class ProxiedBroker(Broker):
    """A broker with a second listener, `behind`, whose advertised address is that of a proxy at `proxy` (ports).

    Who connects to the proxy comes back to it for each connection, since that is the address in Kafka's answers.
    """

    def __init__(self, folder: Path, port: int, behind: int, proxy: int) -> None:
        super().__init__(folder, port)
        self._behind, self._proxy = behind, proxy

    def properties(self, controller: int) -> str:
        """The broker's own, and the listener."""
        added = {
            "listeners=": f",PROXIED://127.0.0.1:{self._behind}",
            "advertised.listeners=": f",PROXIED://127.0.0.1:{self._proxy}",
            "listener.security.protocol.map=": ",PROXIED:PLAINTEXT",
        }
        lines = super().properties(controller).splitlines()
        return "\n".join(line + added.get(line[: line.find("=") + 1], "") for line in lines) + "\n"


class Proxy(threading.Thread):
    """Passes on what comes to `port` of the loopback address to `target`, until `stop`.

    Set `latency` (seconds for each chunk) and `bytes_per_second` while it runs; `passed` and `cuts` count bytes and
    connections. It listens when `start` returns.
    """

    def __init__(self, port: int, target: int) -> None:
        super().__init__(daemon=True)
        self.latency = 0.0
        self.bytes_per_second: float | None = None
        self.passed = self.cuts = 0
        self.port, self._target = port, target
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()  # the clients' sides
        self._doomed: set[asyncio.StreamWriter] = set()
        self._listens = threading.Event()
        self._ends = asyncio.Event()

    def start(self) -> None:
        """Start to listen."""
        super().start()
        if not self._listens.wait(30):
            raise RuntimeError(f"the proxy does not listen at port {self.port}")

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    def cut(self, *, mid_response: bool = False) -> None:
        """Reset all connections: now, or each in the middle of the next chunk that the broker sends on it."""
        self._do(self._cut(mid_response))

    def stop(self) -> None:
        """Reset all connections and end."""
        if self.is_alive():
            self._loop.call_soon_threadsafe(self._ends.set)
            self.join()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self._listens.set()
        async with server:
            await self._ends.wait()
            server.close()
            await self._cut(False)
            if others := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(others, timeout=5)  # each ends by itself: its connection is gone

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _cut(self, mid_response: bool) -> None:
        for client in list(self._open):
            if mid_response:
                self._doomed.add(client)
            else:
                self._reset(client)

    def _reset(self, client: asyncio.StreamWriter) -> None:
        self.cuts += 1
        self._open.discard(client)
        self._doomed.discard(client)
        client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        client.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            answers, broker = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # the broker is away
            client.transport.abort()
            return
        self._open.add(client)
        ways = [asyncio.create_task(self._pass(reader, broker)), asyncio.create_task(self._pass(answers, client))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(client)
            self._doomed.discard(client)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for side in (client, broker):
                side.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # either side may be killed
            while chunk := await source.read(_CHUNK):
                wait = self.latency + (len(chunk) / self.bytes_per_second if self.bytes_per_second else 0)
                if wait:
                    await asyncio.sleep(wait)
                if target in self._doomed:
                    target.write(chunk[: len(chunk) // 2])
                    await target.drain()
                    self._reset(target)
                    return
                self.passed += len(chunk)
                target.write(chunk)
                await target.drain()
