"""dbt in this process, which parses the same project once and not again for each warehouse."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

_KEPT = 4  # manifests, of some 20 MB each
_parsed: dict[tuple[str | None, ...], Manifest] = {}


def invoke(
    arguments: list[str], folders: list[str], project: Path, callbacks: list[Callable[[Any], None]] | None = None
) -> dbtRunnerResult:
    """One dbt command on `project`, its success the caller's to judge; `callbacks` get each event of dbt's.

    `folders` are the options that say where all is. What dbt parses depends on the files, the target and the schema;
    of the vars only `persist_docs` counts. `retry` parses by itself.
    """
    by_itself = arguments[0] == "retry" or any("persist_docs" in argument for argument in arguments)
    manifest = None if by_itself else _manifest(folders, project)
    return dbtRunner(manifest=manifest, callbacks=callbacks).invoke(["--quiet", *arguments, *folders])


def _manifest(folders: list[str], project: Path) -> Manifest | None:
    """None if the project does not parse: the command itself is to say why."""
    target = folders[folders.index("--target") + 1]
    schemas = os.environ.get("JUNCTION_SCHEMA"), os.environ.get("REDSHIFT_SCHEMA")
    known = (str(project), _digest(project), target, *schemas)
    if known not in _parsed:
        outcome = dbtRunner().invoke(["--quiet", "parse", *folders])
        if not isinstance(outcome.result, Manifest):
            return None
        for oldest in [*_parsed][: len(_parsed) - _KEPT + 1]:
            del _parsed[oldest]
        _parsed[known] = outcome.result
    return _parsed[known]


def _digest(project: Path) -> str:
    digest = hashlib.sha256()
    parts = ("*.yml", "models/**/*.*", "macros/**/*.*", "seeds/**/*.*", "tests/**/*.*")
    for file in sorted(file for part in parts for file in project.glob(part)):
        digest.update(f"{file.relative_to(project)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
