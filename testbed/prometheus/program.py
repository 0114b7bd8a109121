"""Prometheus and promtool: those of this machine, or Debian's package, unpacked below the checkout's var/."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from local.paths import ROOT

_UNPACKED = ROOT / "var" / "tests" / "prometheus"


@functools.cache
def program(name: str) -> str:
    """The path of `prometheus` or `promtool`; skips the test if it cannot be had."""
    found = shutil.which(name) or shutil.which(str(_UNPACKED / "usr" / "bin" / name))
    if found:
        return found
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip(f"{name} is not on the PATH, and there is no apt-get to fetch it")
    with tempfile.TemporaryDirectory() as folder:
        fetched = subprocess.run(
            ["apt-get", "download", "-q", "prometheus"], cwd=folder, capture_output=True, text=True
        )
        packages = [*Path(folder).glob("prometheus_*.deb")]
        if not packages:
            pytest.skip(f"{name} is not on the PATH, and apt-get does not fetch it: {fetched.stderr.strip()[-200:]}")
        making = Path(tempfile.mkdtemp(prefix="prometheus-", dir=_made(_UNPACKED.parent)))
        subprocess.run(["dpkg-deb", "-x", packages[0], making], check=True)
    if not _UNPACKED.exists():
        making.rename(_UNPACKED)
    return str(_UNPACKED / "usr" / "bin" / name)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
