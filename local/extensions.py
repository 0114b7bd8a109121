"""DuckDB's extensions that read a landing folder in a bucket: their wheels hold the files that INSTALL downloads."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import duckdb

NAMES = ("httpfs", "aws")


def install() -> None:
    """Put them where DuckDB looks for extensions (`~/.duckdb`); nothing is done for one that is there."""
    for name in NAMES:
        duckdb.install_extension(str(_file(name)))


def _file(name: str) -> Path:
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    folders = (found and found.submodule_search_locations) or []
    return next(file for folder in folders for file in Path(folder).rglob(f"{name}.duckdb_extension"))
