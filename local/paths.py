"""Where local state lives. Everything hangs below one folder, so tests and a second stack bring their own."""

from __future__ import annotations

import os
from pathlib import Path

from contract.place import PROJECT_DIR as PROJECT_DIR
from contract.place import ROOT as ROOT

PROFILES = ROOT / "profiles"


def var() -> Path:
    """The folder of all local state: `JUNCTION_VAR`, or `var/` of the checkout."""
    return Path(os.environ.get("JUNCTION_VAR") or ROOT / "var").absolute()


def landing() -> Path:
    """The folder that ingest lands in (`<landing>/raw/<table>/…`): `JUNCTION_LANDING`, or `landing` below `var()`."""
    return Path(os.environ.get("JUNCTION_LANDING") or var() / "landing").absolute()


def jars() -> Path:
    """The folder with `broker/*.jar` and `spark/*.jar`: `JUNCTION_JARS`, or `var/jars` of the checkout."""
    return Path(os.environ.get("JUNCTION_JARS") or ROOT / "var" / "jars").absolute()


def use(folder: Path) -> None:
    """Make `folder` the root of local state for this process, its children and dbt's profile."""
    os.environ["JUNCTION_LANDING"] = os.environ.get("JUNCTION_LANDING") or str(folder.absolute() / "landing")
    os.environ["JUNCTION_VAR"] = str(folder.absolute())
    os.environ["JUNCTION_JARS"] = str(jars())
