"""The dbt project as dbt parses it: no warehouse, no JVM."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from testbed import workers
from testbed.warehouse.manifest import PROJECT_DIR, ROOT, Manifest


def _parse(target: str, folder: Path) -> Manifest:
    command = [sys.executable, "-m", "dbt.cli.main", "parse", "--target", target, "--no-partial-parse"]
    command += ["--profiles-dir", str(ROOT / "profiles"), "--target-path", str(folder), "--log-path", str(folder)]
    run = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return Manifest(content, run.stdout)


@pytest.fixture(scope="session")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Manifest]:
    """Parse the project for a target of profiles.yml, once a test run."""

    @functools.cache
    def parse_once(target: str) -> Manifest:
        return workers.once(f"project-{target}", lambda: _parse(target, tmp_path_factory.mktemp(target)))

    return parse_once


@pytest.fixture(scope="session")
def manifest(parse: Callable[[str], Manifest]) -> Manifest:
    """The project as the target `local` sees it."""
    return parse("spark")
