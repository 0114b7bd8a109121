"""Imports between folders, and between the rooms of ingest and of testbed, run one way (docs/architecture.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from contract.place import ROOT

PACKAGES = ("benchmarks", "contract", "ingest", "local", "simulator", "testbed")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of `folder`/pyproject.toml."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_run_one_way() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_an_import_against_the_direction_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for package in PACKAGES:
        (tmp_path / package).symlink_to(ROOT / package)
    (tmp_path / "contract").unlink()
    (tmp_path / "contract").mkdir()
    for module in (ROOT / "contract").glob("*.py"):
        (tmp_path / "contract" / module.name).write_text(module.read_text())
    place = tmp_path / "contract" / "place.py"
    place.write_text(place.read_text() + "\nimport ingest.errors\n")
    linted = lint_imports(tmp_path)
    assert linted.returncode == 1
    assert "contract is not allowed to import ingest" in linted.stdout


def test_nothing_imports_tests() -> None:
    found = []
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [str(path.relative_to(ROOT)) for name in named if name.split(".")[0] == "tests"]
    assert found == []
