"""`make refresh`: builds what has something new, what failed or was skipped, and what was edited; nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from local import build, paths, warehouse
from local.progress import Progress

_EDITABLE = ("models", "macros", "seeds", "tests", "dbt_project.yml", "selectors.yml")
_ARTIFACTS = ("manifest.json", "sources.json", "run_results.json")  # the last one says that the others are there
_RESULTS = "results"  # below the state: without the manifest, which dbt would read for nothing where no file was edited
_AFTER_EDITS = ("state:modified+", "source_status:fresher+", "result:error+", "result:skipped+", "result:fail")
_NO_UNIT_TESTS = ["--exclude-resource-type", "unit_test"]


def run() -> None:
    """`python -m local refresh`: one refresh of the warehouse of `paths.var()`. Raises LocalError if a node failed."""
    progress = Progress()
    with warehouse.opened(progress):
        refresh(progress)
        progress.phase("Up to date")


def refresh(progress: Progress, parsed: build.Parsed | None = None, unit_tests: bool = True) -> list[str]:
    """Build what has to be built since the last refresh of this warehouse (`warehouse.opened`); the project's warnings.

    The first one builds everything, if wanted without the unit tests. What each found stands in `state_folder()`: dbt's
    own artifacts, which the next one compares with. `parsed` is the project, of files that have not changed since.
    Raises LocalError that names the first node that failed; the next refresh takes it up.
    """
    state = state_folder()
    progress.phase("dbt source freshness")
    parsed = parsed or build.parse()
    stale = build.freshness(progress, parsed)
    if stale:
        progress.phase(f"  nothing new for long in {', '.join(stale)}")
    progress.phase("dbt build")
    chosen = selection(state) or ([] if unit_tests else _NO_UNIT_TESTS)
    target = paths.target()
    (target / "run_results.json").unlink(missing_ok=True)
    try:
        return build.dbt(progress, "build", *chosen, parsed=parsed)
    except KeyboardInterrupt:  # dbt tells of what it got through, and of the rest not even that it was skipped
        (target / "run_results.json").unlink(missing_ok=True)
        raise
    finally:  # a run that was killed or interrupted leaves no results, and the state as it was
        if (target / "run_results.json").exists():
            keep(target, state, parsed.at)


def state_folder() -> Path:
    """Where the artifacts of the last refresh of this machine's warehouse are."""
    return paths.var() / "refreshed" / paths.engine()


def selection(state: Path) -> list[str]:
    """What makes `dbt build` a refresh, once `dbt source freshness` was run; no flags, so all, if `state` is empty."""
    results = state / _RESULTS
    if not (results / _ARTIFACTS[-1]).exists():
        return []
    if edited((state / "manifest.json").stat().st_mtime):
        return ["--state", str(state), "--select", *_AFTER_EDITS]
    return ["--state", str(results), "--selector", "new_data", *_NO_UNIT_TESTS]


def edited(since: float) -> bool:
    """Whether a file of the project was written since then (epoch s)."""
    roots = [paths.PROJECT_DIR / name for name in _EDITABLE]
    files = [file for root in roots for file in (root.rglob("*.*") if root.is_dir() else [root])]
    return any(file.stat().st_mtime > since for file in files)


def keep(target: Path, state: Path, began: float) -> None:
    """Keep in `state` what the next refresh compares with: the artifacts of the build that began then (epoch s)."""
    results = state / _RESULTS
    results.mkdir(parents=True, exist_ok=True)
    (results / _ARTIFACTS[-1]).unlink(missing_ok=True)
    for name in _ARTIFACTS:
        shutil.copyfile(target / name, state / name)
    for name in _ARTIFACTS[1:]:
        shutil.copyfile(state / name, results / name)
    os.utime(state / "manifest.json", (began, began))  # what was edited while dbt ran is not in it
