"""`make ci-slim BASE=<rev>`: builds what a change touches, beside the deployed warehouse, and says who reads it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local import paths
from local.checks import LocalError

CHANGED = "state:modified+"
_KEYS = ("resource_type", "name")


def run(base: str, target: str, deployed_schema: str, project: Path = paths.PROJECT_DIR) -> None:
    """Build what differs from the git revision `base`, with all below it, into the schema of `target`.

    What it reads of the rest comes from `deployed_schema` (dbt's `--defer`), unless the target's schema has it. Prints
    first what will be built and the exposures that the change touches. Raises LocalError if git does not know the
    revision, or dbt fails.
    """
    with base_manifest(base, target, deployed_schema, project) as state:
        differing = changed(state, target, project)
        _say(f"Built because of the change since {base}", differing.get("seed", []) + differing.get("model", []))
        _say("Exposures that it touches", differing.get("exposure", []))
        if differing:
            _dbt(project, "build", "--select", CHANGED, "--defer", "--state", str(state), "--target", target)


def changed(state: Path, target: str, project: Path) -> dict[str, list[str]]:
    """The names of the nodes that differ from the manifest in `state`, or are below one, sorted, by resource type."""
    selected = ["--select", CHANGED, "--state", str(state), "--target", target]
    listed = _dbt(project, "--quiet", "ls", *selected, "--output", "json", "--output-keys", *_KEYS, captured=True)
    names: dict[str, list[str]] = {}
    for kind, name in sorted([node[key] for key in _KEYS] for node in map(json.loads, listed.splitlines())):
        names.setdefault(kind, []).append(name)
    return names


@contextlib.contextmanager
def base_manifest(base: str, target: str, deployed_schema: str, project: Path) -> Iterator[Path]:
    """A folder with the manifest of the project at a revision, as it is deployed; gone when the context ends."""
    with tempfile.TemporaryDirectory(prefix="junction-ci-") as folder:
        tree, state = Path(folder) / "tree", Path(folder) / "state"
        inside = _git(project, "rev-parse", "--show-prefix")
        _git(project, "worktree", "add", "--quiet", "--detach", str(tree), base)
        try:
            deployed = {"JUNCTION_SCHEMA": deployed_schema, "REDSHIFT_SCHEMA": deployed_schema}
            _dbt(tree / inside, "parse", "--target", target, "--target-path", str(state), captured=True, **deployed)
        finally:
            _git(project, "worktree", "remove", "--force", str(tree))
        yield state


def _say(what: str, names: list[str]) -> None:
    print(f"{what}: {', '.join(names) or 'none'}", flush=True)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(done.stderr.strip().splitlines()[-1:])
        raise LocalError(
            f"git {arguments[0]} failed ({reason}): name a revision as BASE that git has, or fetch it first."
        )
    return done.stdout.strip()


def _dbt(project: Path, *arguments: str, captured: bool = False, **environment: str) -> str:
    """Run dbt; what it printed, if captured. Raises LocalError with the last lines of it, if it failed."""
    command = [sys.executable, "-m", "dbt.cli.main", *arguments, "--profiles-dir", str(paths.PROFILES)]
    done = subprocess.run(
        command, cwd=project, env=os.environ | environment, text=True, check=False,
        stdout=subprocess.PIPE if captured else None,
    )  # fmt: skip
    if done.returncode:
        last = " ".join((done.stdout or "").strip().splitlines()[-3:])
        raise LocalError(f"dbt failed in {project.name}: see above. {last}".strip())
    return done.stdout or ""
