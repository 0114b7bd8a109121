"""A network of its own for a command, in which the names of the services lead to loopback."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest


def in_own_network(command: Sequence[str], names: Iterable[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a network and mount namespace; skips the test where there can be none."""
    if os.geteuid() or not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("a network namespace takes root, unshare and ip")
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()} {' '.join(names)}\n")
    script = f"ip link set lo up && mount --bind {shlex.quote(str(hosts))} /etc/hosts && exec {shlex.join(command)}"
    return subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
