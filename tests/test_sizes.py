"""Files stay short enough to be read in one go."""

from __future__ import annotations

import ast
import subprocess

from testbed.warehouse.manifest import ROOT


def _tracked(*suffixes: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if name.endswith(suffixes) and (ROOT / name).exists()]


def test_files_have_at_most_250_lines() -> None:
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in _tracked(".py", ".sql", ".yml", ".sh")}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > 250} == {}


def test_functions_have_fewer_than_70_lines() -> None:
    long = []
    for name in _tracked(".py"):
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines >= 70:
                    long.append(f"{name}: {node.name} has {lines} lines")
    assert long == []
