"""An HTTP proxy before an S3 server that fails as a store does: errors, broken connections, before or after the act.

After the act the store has done what was asked, and its answer is lost: the client's repetition meets its own object.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

CODES = {409: "ConditionalRequestConflict", 429: "TooManyRequests", 500: "InternalError", 503: "SlowDown"}
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: close sends RST
# Of 1,000 requests; a slow one waits up to a third of a second.
SHARES = {"error": 30, "reset": 15, "cut": 10, "conflict": 20, "slow": 20}
_NOT_PASSED_ON = {"connection", "expect", "transfer-encoding", "content-length"}


class Faults:
    """What the proxy does to requests, by a seed; `done` counts it, and `asked` all requests by method, LIST apart."""

    def __init__(self, seed: int, shares: Mapping[str, int]) -> None:
        self._shares = shares
        self.asked: Counter[str] = Counter()
        self._dice, self._lock = random.Random(seed), threading.Lock()
        self._answers = threading.Event()
        self._answers.set()
        self.done: Counter[str] = Counter()

    def hang(self) -> None:
        """Answer nothing, from now until `go_on`."""
        self._answers.clear()

    def go_on(self) -> None:
        """Answer again, also what has waited."""
        self._answers.set()

    def wait(self) -> None:
        """Wait while nothing is answered."""
        self._answers.wait()

    def drawn(self, method: str, path: str) -> tuple[str, str]:
        """What happens to a request, and when: `before` or `after` it is done; ('', '') for nothing."""
        possible = {"cut": method == "GET", "conflict": _is_conditional(method, path)}
        with self._lock:
            self.done["requests"] += 1
            self.asked["LIST" if method == "GET" and "list-type" in path else method] += 1
            place = self._dice.random() * 1000
            for kind, share in self._shares.items():
                if (place := place - share * possible.get(kind, True)) < 0:
                    when = self._dice.choice(["before", "after"]) if kind in ("error", "reset") else "before"
                    what = f"{self._dice.choice([429, 500, 503])}" if kind == "error" else kind
                    self.done[f"{what} {when}"] += 1
                    return what, when
        return "", ""

    def seconds(self) -> float:
        """How long a slow request waits."""
        with self._lock:
            return self._dice.random() / 3


@contextlib.contextmanager
def faulty(
    environment: Mapping[str, str], seed: int, shares: Mapping[str, int] = SHARES
) -> Iterator[tuple[dict[str, str], Faults]]:
    """A proxy before the server of the environment (server.served); the environment of who goes through it.

    `shares`: of 1,000 requests, how many meet each kind of fault; {} counts only.
    """
    upstream = urlsplit(environment["AWS_ENDPOINT_URL_S3"]).port
    faults = Faults(seed, shares)
    server = _Server(("127.0.0.1", 0), _handler(upstream or 80, faults))
    thread = threading.Thread(target=server.serve_forever, name="faults", daemon=True)
    thread.start()
    try:
        yield {**environment, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_address[1]}"}, faults
    finally:
        faults.go_on()
        server.shutdown()
        server.server_close()


def _is_conditional(method: str, path: str) -> bool:
    return (method == "POST" and "uploadId=" in path) or (method == "PUT" and "/_batches/" in path)


class _Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is nothing to print."""


def _handler(upstream: int, faults: Faults) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            faults.wait()
            what, when = faults.drawn(self.command, self.path)
            if what == "slow":
                time.sleep(faults.seconds())
            elif when == "before" and what != "cut":
                return self._fail(what)
            status, headers, answer = self._ask(body)
            if when == "after":
                return self._fail(what)
            return self._answer(status, headers, answer, cut=what == "cut" and len(answer) > 1)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on

        def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", upstream, timeout=60)
            with contextlib.closing(connection):
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in _NOT_PASSED_ON:
                        connection.putheader(name, value)
                connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body or None)
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()

        def _fail(self, what: str) -> None:
            if what == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.connection.close()
                self.close_connection = True
                return
            status = 409 if what == "conflict" else int(what)
            text = f"<Error><Code>{CODES[status]}</Code><Message>a fault of the test</Message></Error>"
            self._answer(status, [("Content-Type", "application/xml")], text.encode())

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool = False) -> None:
            length = str(len(body))
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() == "content-length" and self.command == "HEAD":
                    length = value
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body[: len(body) // 2] if cut else body)
            self.close_connection = self.close_connection or cut

        def log_message(self, format: str, *arguments: object) -> None:
            """A line for each request is too much."""

    return Handler
