"""Where local state lives. Everything hangs below one folder, so tests and a second stack bring their own."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from contract import options
from contract.options import Place
from contract.place import PROJECT_DIR as PROJECT_DIR
from contract.place import ROOT as ROOT
from local.checks import LocalError

Found = TypeVar("Found")
PROFILES = ROOT / "profiles"
ENGINES = ("duckdb", "spark")  # targets of profiles.yml that need no server


def var() -> Path:
    """The folder of all local state: `JUNCTION_VAR`, or `var/` of the checkout."""
    return folder("JUNCTION_VAR", ROOT / "var")


def landing() -> Place:
    """Where ingest lands (`<landing>/raw/<table>/…`): `JUNCTION_LANDING`, or `landing` below `var()`."""
    return _parsed("JUNCTION_LANDING", var() / "landing", options.place)


def export() -> Path:
    """Where `make export` writes marts: `export` below `var()`."""
    return var() / "export"


def target() -> Path:
    """Where dbt writes its artifacts: `DBT_TARGET_PATH`, or `target` of the project."""
    return PROJECT_DIR / (os.environ.get("DBT_TARGET_PATH") or "target")


def engine() -> str:
    """The engine of this machine's warehouse, of ENGINES: `JUNCTION_TARGET`, or DuckDB. Raises LocalError."""
    chosen = os.environ.get("JUNCTION_TARGET") or ENGINES[0]
    if chosen not in ENGINES:
        raise LocalError(f"{chosen} is no engine of this machine: write ENGINE={' or ENGINE='.join(ENGINES)}.")
    return chosen


def jars() -> Path:
    """The folder with `broker/*.jar` and `spark/*.jar`: `JUNCTION_JARS`, or `var/jars` of the checkout."""
    return folder("JUNCTION_JARS", ROOT / "var" / "jars")


def folder(variable: str, default: Path) -> Path:
    """The folder that an environment variable names, or the default; raises LocalError for a URL."""
    return _parsed(variable, default, options.folder).absolute()


def _parsed(variable: str, default: Path, parse: Callable[[str], Found]) -> Found:
    try:
        return parse(os.environ.get(variable) or str(default))
    except argparse.ArgumentTypeError as error:
        raise LocalError(f"{variable}: {error}") from error


def use(root: Path) -> None:
    """Make `root` the root of local state for this process, its children and dbt's profile."""
    os.environ["JUNCTION_LANDING"] = os.environ.get("JUNCTION_LANDING") or str(root.absolute() / "landing")
    os.environ["JUNCTION_VAR"] = str(root.absolute())
    os.environ["JUNCTION_JARS"] = str(jars())
