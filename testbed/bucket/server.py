"""An S3 server for tests, from Python packages alone: moto. `python -m testbed.bucket.server PORT` on loopback.

One request at a time: moto checks a condition and stores the object in two steps, without a lock between them.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from contract.options import Bucket
from local.checks import free_port
from local.paths import var
from local.process import Child

# Any will do: moto checks none. The machine that runs a test must not be asked for others.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "junction",
    "AWS_SECRET_ACCESS_KEY": "junctionsecret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_PATIENCE = 60  # seconds until it answers


@contextlib.contextmanager
def served() -> Iterator[dict[str, str]]:
    """A server while the context lasts; the environment of who uses it."""
    port = free_port()
    log = var() / "logs" / f"testbed.bucket.server-{port}.log"
    with Child("the S3 server", [sys.executable, "-m", __name__, str(port)], log) as server:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + _PATIENCE
        while not _answers(url):
            if not server.running() or time.monotonic() > deadline:
                raise RuntimeError(f"the S3 server does not answer: {server.last_lines()}")
            time.sleep(0.1)
        yield {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": url}


def new_bucket(prefix: str = "city") -> Bucket:
    """A bucket of its own on the server that the environment names."""
    from ingest.folder.s3_client import client

    name = f"landing-{uuid.uuid4().hex[:12]}"
    client().create_bucket(Bucket=name)
    return Bucket(name, prefix)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (OSError, urllib.error.URLError):
        return False


def _serve(port: int) -> None:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *arguments: Any) -> None:
            """A line for each request is too much."""

    application = DomainDispatcherApplication(create_backend_app)
    alone = threading.Lock()

    def one_at_a_time(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))  # who sends slowly holds up nobody
        with alone:
            return list(application(environ, start))

    make_server("127.0.0.1", port, one_at_a_time, threaded=True, request_handler=Handler).serve_forever()


if __name__ == "__main__":
    os.environ.update(CREDENTIALS)
    _serve(int(sys.argv[1]))
