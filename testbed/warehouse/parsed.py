"""dbt in this process, which parses the same project once and not again for each warehouse or each worker."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import SeedNode
from dbt.task import runnable

from contract.place import PROJECT_DIR, ROOT
from testbed import workers

_WARNINGS, _WRITTEN = "_warnings", "_written"  # beside the manifest's fields, none of which begins so
_KEPT = 4  # manifests, of some 20 MB each
_parsed: dict[str, Manifest] = {}
_written: dict[Path, str] = {}  # of each manifest.json, the digest of the project that it tells of


def invoke(
    arguments: list[str],
    folders: list[str],
    project: Path,
    callbacks: list[Callable[[Any], None]] | None = None,
    log: bool = False,
) -> dbtRunnerResult:
    """One dbt command on `project`, its success the caller's to judge; `callbacks` get each event of dbt's.

    `folders` are the options that say where all is. What dbt parses depends on the files, the target and the schema;
    of the vars only `persist_docs` counts. `retry` parses by itself. With `log` dbt writes its log of each statement.
    """
    by_itself = arguments[0] == "retry" or any("persist_docs" in argument for argument in arguments)
    known = _digest(project, folders[folders.index("--target") + 1])
    manifest = None if by_itself else _manifest(known, folders, project)
    file = Path(folders[folders.index("--target-path") + 1]) / "manifest.json"
    written = _written.pop(file, None)
    with pytest.MonkeyPatch.context() as patched:
        if manifest is not None and written == known and file.exists():
            # A tenth of what a run costs Python is to write it again, with nothing new but the compiled SQL.
            patched.setattr(runnable, "write_manifest", lambda *_: None)
        quiet = ["--quiet", "--log-level-file", "debug" if log else "none"]  # a log takes a tenth of a run
        outcome = dbtRunner(manifest=manifest, callbacks=callbacks).invoke([*quiet, *arguments, *folders])
    if outcome.success and manifest is not None:  # or nobody knows what it wrote
        _written[file] = known
    return outcome


def parse(target: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The project's manifest.json for a target, as a dict, and the warnings that dbt had while it parsed; it writes to
    `folder`, if it has to parse."""
    folders = [
        "--target", target, "--project-dir", str(PROJECT_DIR), "--profiles-dir", str(ROOT / "profiles"),
        "--target-path", str(folder), "--log-path", str(folder),
    ]  # fmt: skip
    parsed = workers.once(_digest(PROJECT_DIR, target), lambda: _parse(folders))
    assert parsed is not None, "the project does not parse: dbt parse shows why"
    return json.loads(parsed[_WRITTEN]), parsed[_WARNINGS]


def _manifest(known: str, folders: list[str], project: Path) -> Manifest | None:
    """None if the project does not parse: the command itself is to say why."""
    if known not in _parsed:
        parsed = workers.once(known, lambda: _parse(folders))
        if parsed is None:
            return None
        for oldest in [*_parsed][: len(_parsed) - _KEPT + 1]:
            del _parsed[oldest]
        _parsed[known] = Manifest(
            **{name: value for name, value in parsed.items() if name not in (_WARNINGS, _WRITTEN)}
        )
    for seed in (node for node in _parsed[known].nodes.values() if isinstance(node, SeedNode)):
        seed.root_path = str(project)  # which may have been parsed elsewhere
    return _parsed[known]


def _parse(folders: list[str]) -> dict[str, Any] | None:
    """The fields of the manifest but for those that dbt looks up again: pickled whole, it comes back with a lookup
    where fixtures belong and each other one place further (`Manifest.__reduce_ex__` of dbt-core 1.11)."""
    warnings: list[str] = []

    def note(event: Any) -> None:
        if event.info.level in ("warn", "error"):
            warnings.append(event.info.msg)

    outcome = dbtRunner(callbacks=[note]).invoke(["--quiet", "parse", *folders])
    if not isinstance(outcome.result, Manifest):
        return None
    names = (field.name for field in dataclasses.fields(Manifest))
    fields = {name: getattr(outcome.result, name) for name in names if not name.startswith("_")}
    written = Path(folders[folders.index("--target-path") + 1]) / "manifest.json"
    return {**fields, _WARNINGS: warnings, _WRITTEN: written.read_text()}


def _digest(project: Path, target: str) -> str:
    """Of all that is parsed: a copy of the project has that of the project."""
    schemas = (os.environ.get(name, "") for name in ("JUNCTION_SCHEMA", "REDSHIFT_SCHEMA"))
    digest = hashlib.sha256("\0".join([target, *schemas]).encode())
    parts = ("*.yml", "models/**/*.*", "macros/**/*.*", "seeds/**/*.*", "tests/**/*.*")
    for file in sorted(file for part in parts for file in project.glob(part)):
        digest.update(f"{file.relative_to(project)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
