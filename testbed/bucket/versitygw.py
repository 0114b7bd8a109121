"""versitygw, for long tests: its conditions hold in a race, and it keeps objects as files of a disk."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from contract.options import Bucket
from local.checks import free_port, listens
from local.paths import ROOT
from local.process import Child
from testbed.bucket.server import CREDENTIALS

VERSION = "v1.8.0"
_MODULE = "github.com/versity/versitygw/cmd/versitygw"
_BUILT = ROOT / "var" / "tests" / "versitygw" / VERSION
_PATIENCE = 60  # seconds until it answers


@functools.cache
def program() -> str:
    """The path of versitygw: that of the PATH, or one that Go builds below var/. Raises RuntimeError."""
    found = shutil.which("versitygw") or shutil.which(str(_BUILT / "versitygw"))
    if found:
        return found
    go = shutil.which("go")
    if not go:
        raise RuntimeError("versitygw is not on the PATH, and there is no Go to build it: install one of the two.")
    environment = {**os.environ, "GOBIN": str(_BUILT)}
    subprocess.run([go, "install", f"{_MODULE}@{VERSION}"], env=environment, check=True, stdin=subprocess.DEVNULL)
    return str(_BUILT / "versitygw")


@contextlib.contextmanager
def gateway(folder: Path) -> Iterator[tuple[dict[str, str], Bucket, Path]]:
    """A server while the context lasts: the environment of who uses it, a place in it, and that place on the disk."""
    data, port = folder / "objects", free_port()
    data.mkdir(parents=True)
    (data / "landing").mkdir()  # a folder there is a bucket
    owner = {
        "ROOT_ACCESS_KEY_ID": CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "ROOT_SECRET_ACCESS_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    command = [program(), "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(data)]
    with Child("versitygw", command, folder / "versitygw.log", owner) as server:
        deadline = time.monotonic() + _PATIENCE
        while not listens(port):
            if not server.running() or time.monotonic() > deadline:
                raise RuntimeError(f"versitygw does not answer: {server.last_lines()}")
            time.sleep(0.1)
        environment = {**CREDENTIALS, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}"}
        yield environment, Bucket("landing", "city"), data / "landing" / "city"
