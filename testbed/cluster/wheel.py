"""The wheel of the landing job, and a Python for executors that has nothing but what the docs say they need."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

from local.paths import ROOT

# What `docs/outgrowing.md` has executors install: pyarrow and boto3 with what they import. Spark brings pyspark.
EXECUTORS_NEED = ("pyarrow", "boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


def built(folder: Path) -> Path:
    """The wheel of this checkout, built as `make wheel` builds it."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, stdin=subprocess.DEVNULL)
    (wheel,) = folder.glob("junction-*.whl")
    return wheel


def unpacked(wheel: Path, folder: Path) -> Path:
    """The folder that goes on PYTHONPATH where the wheel is installed."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def bare_python(folder: Path) -> Path:
    """A Python with the packages of EXECUTORS_NEED and no other, by links to those of this environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    for name in EXECUTORS_NEED:
        found = importlib.util.find_spec(name)
        assert found
        assert found.origin
        source = Path(found.origin)
        source = source.parent if source.name == "__init__.py" else source
        (packages / source.name).symlink_to(source)
    return folder / "bin" / "python"
