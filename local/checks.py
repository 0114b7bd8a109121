"""What must hold before anything starts. Standard library only: set-up runs these before the packages are there."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import shutil
import socket
import subprocess
from pathlib import Path

JAVA_VERSIONS = (17, 21)
_GIB = 1024**3


class LocalError(Exception):
    """Something on this machine is in the way; the message is one sentence that says what to do."""


def java() -> str:
    """The Java that Spark will use too: `$JAVA_HOME/bin/java` if JAVA_HOME is set, else `java` on the PATH.

    Raises LocalError if there is none, if it does not run, or if its version is neither 17 nor 21.
    """
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    what_to_do = "install Java 17 or 21 and " + ("set JAVA_HOME to it" if home else "put it on the PATH")
    if not found or not shutil.which(found):
        where = f"under JAVA_HOME ({home})" if home else "on the PATH"
        raise LocalError(f"No Java {where}: {what_to_do}.")
    try:
        answer = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalError(f"{found} does not run: {what_to_do}.") from error
    version = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    if answer.returncode or not version:
        raise LocalError(f"{found} does not run: {what_to_do}.")
    major = int(version[1])
    if major not in JAVA_VERSIONS:
        fault = "too old" if major < min(JAVA_VERSIONS) else "not supported by Spark 4.1"
        raise LocalError(f"Java {major} ({found}) is {fault}: {what_to_do}.")
    return found


def reached_at(host: str) -> str:
    """The address at which this machine reaches a server that listens on `host`: all addresses are no destination."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server that listens on `host`, an address of this machine, answers at `port`."""
    try:
        with socket.create_connection((reached_at(host), port), timeout=1):
            return True
    except OSError:
        return False


def port_is_free(port: int, purpose: str, change_with: str, host: str = "127.0.0.1") -> None:
    """Raise LocalError if another program has `port` of `host` already, or if `host` is no address of this machine."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise LocalError(f"{host!r} for {purpose} is no address: give one of this machine.") from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise LocalError(f"{host} for {purpose} is no address of this machine: give one that is.") from error
            raise LocalError(
                f"Port {port} for {purpose} is in use: stop what listens there, or choose another with {change_with}."
            ) from error


def free_port() -> int:
    """A port of the loopback address that nothing listens on at this moment.

    It is below those that systems give to outgoing connections, one of which could take it before it is listened on.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_768)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def disk_space(folder: Path, need_gib: float, free_bytes: int | None = None) -> None:
    """Raise LocalError if the disk of `folder` (which need not exist yet) has less than `need_gib` GiB left."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free if free_bytes is None else free_bytes
    if free < need_gib * _GIB:
        raise LocalError(
            f"Only {free / _GIB:.1f} GiB are free on the disk of {there}: free at least {need_gib:g} GiB and try again."
        )
