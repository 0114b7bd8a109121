"""A copy of the dbt project in which every incremental model is a table, for DuckDB: what most projects do first."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from local import paths

DUCKDB = Path(__file__).resolve().parent / "duckdb"  # its profile


def table_project(folder: Path) -> Path:
    """Copy the project into `folder`/dbt_project; models, tests and seeds are unchanged."""
    project = folder / "dbt_project"
    shutil.copytree(paths.PROJECT_DIR, project, ignore=shutil.ignore_patterns("target", "logs"))
    settings = yaml.safe_load((project / "dbt_project.yml").read_text(encoding="utf-8"))
    (project / "dbt_project.yml").write_text(yaml.safe_dump(as_tables(settings)), encoding="utf-8")
    return project


def as_tables(settings: dict) -> dict:
    """A dbt_project.yml's settings with `+materialized: table` wherever they say incremental."""
    return {
        name: as_tables(value)
        if isinstance(value, dict)
        else "table"
        if name == "+materialized" and value == "incremental"
        else value
        for name, value in settings.items()
    }
