"""Where the dbt project is. Standard library only: set-up reads it before the packages are there.

A wheel has its source files inside of this package, and no more of it (pyproject.toml).
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IS_CHECKOUT = (ROOT / "dbt_project" / "dbt_project.yml").exists()
PROJECT_DIR = (ROOT if IS_CHECKOUT else Path(__file__).resolve().parent) / "dbt_project"
