"""Paths that a long-running command answers by HTTP, for health checks and Prometheus. Standard library only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, str, bytes]  # the HTTP status, the content type, the body


def verdict(holds: bool, body: str) -> Answer:
    """200 or 503, with a JSON text."""
    return 200 if holds else 503, "application/json", body.encode()


@contextmanager
def answered(address: tuple[str, int], paths: Mapping[str, Callable[[], Answer]]) -> Iterator[None]:
    """Answer GET of these paths at (host, port) while the context lasts, and 404 for others.

    Raises OSError if the address cannot be had.
    """
    server = ThreadingHTTPServer(address, _handler(paths))
    threading.Thread(target=server.serve_forever, name="answers", daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _handler(paths: Mapping[str, Callable[[], Answer]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds: a client that sends nothing must not hold a thread

        def do_GET(self) -> None:
            if self.path not in paths:
                self.send_error(404)
                return
            status, kind, body = paths[self.path]()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """A check every few seconds is nothing to log."""

    return Handler
