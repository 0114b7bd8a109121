"""dbt inside this process, on the warehouse of this machine (`local/warehouse.py`)."""

from __future__ import annotations

import gc
import itertools
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.artifacts.schemas.freshness import FreshnessResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from local import interrupt, paths, warehouse
from local.checks import LocalError
from local.progress import Progress

_NO_ARTIFACTS = ("--no-write-json",)  # to write the manifest takes as long as half of the questions; `build` writes it
_WRITES = ("build", "run", "seed")  # the commands that hold the run lock
DOCS_SITE = paths.PROJECT_DIR / "target" / "static_index.html"


class LockHeldError(LocalError):
    """Another run has the run lock: what was refused is to be tried again when that is over."""


@dataclass(frozen=True)
class Parsed:
    """The project as dbt knew it at a time (epoch s): later commands take it instead of parsing the files again."""

    manifest: Manifest
    at: float


def parse() -> Parsed:
    """Parse the files of now. Raises LocalError."""
    at = time.time()
    result = _run(None, None, "parse", *_NO_ARTIFACTS)
    if not isinstance(result.result, Manifest):
        raise LocalError(f"dbt parse failed: {_why(result)}; see {_log()}.")
    return Parsed(result.result, at)


def dbt(progress: Progress, *arguments: str, parsed: Parsed | None = None) -> list[str]:
    """Run a dbt command, such as `dbt(progress, "build")`; the warnings of the project's macros.

    Its log goes to `logs/dbt.log` in `paths.var()`. Raises LockHeldError if another run has the run lock, else
    LocalError that names the first node that failed.
    """
    result, warnings = _invoke(progress, parsed, *arguments)
    if not result.success:
        error = LockHeldError if _refused(result) else LocalError
        raise error(f"dbt {arguments[0]} failed: {_why(result)}; see {_log()}.")
    return warnings


def freshness(progress: Progress, parsed: Parsed | None = None) -> list[str]:
    """`dbt source freshness`: the topics' tables in which nothing was landed for longer than their threshold says.

    Of its artifacts only sources.json is written. Raises LocalError if a source could not be asked.
    """
    result, _ = _invoke(progress, parsed, "source", "freshness", *_NO_ARTIFACTS)
    if isinstance(result.result, FreshnessResult):
        result.result.write(str(paths.target() / "sources.json"))
    asked = getattr(result.result, "results", [])
    if not result.success and (not asked or any(node.status == "runtime error" for node in asked)):
        raise LocalError(f"dbt source freshness failed: {_why(result)}; see {_log()}.")
    return sorted(node.node.name for node in asked if node.status in ("warn", "error"))


def _invoke(progress: Progress, parsed: Parsed | None, *arguments: str) -> tuple[dbtRunnerResult, list[str]]:
    begun = itertools.count(1)  # dbt's own number is the node's, and nodes begin in another order
    warnings: list[str] = []

    def on_event(event: Any) -> None:
        if event.info.name == "LogStartLine":
            progress.note(f"{next(begun)} of {event.data.total}: {event.data.description}")
        elif event.info.name == "NodeFinished":
            node, result = event.data.node_info, event.data.run_result
            progress.node(node.node_name, node.resource_type, node.node_status, result.execution_time)
        elif event.info.name == "ConcurrencyLine":
            progress.note("making raw's tables and adding what was landed")
        elif event.info.name == "JinjaLogWarning":  # the project's own: a batch that waits, code that has changed
            warnings.append(event.data.msg)
            progress.phase(f"  {event.data.msg}")

    try:
        return _run(on_event, parsed, *arguments), warnings
    except KeyboardInterrupt:
        if arguments[0] in _WRITES:  # dbt runs no hook of its own when it is interrupted
            _run(None, parsed, "run-operation", "release_run_lock", "--args", "{of_this_process: true}")
        raise


def _run(on_event: Callable[[Any], None] | None, parsed: Parsed | None, *arguments: str) -> dbtRunnerResult:
    # Spark's Python side prints each failed statement; dbt says it too, in its log.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    folders = ["--project-dir", paths.PROJECT_DIR, "--profiles-dir", paths.PROFILES, "--log-path", _log().parent]
    quiet = ["--log-level", "none", "--log-level-file", "info", "--no-use-colors-file", "--no-print"]
    target = ["--target", paths.engine()]
    gc.set_threshold(100_000, 50, 1000)  # what dbt knows of the project is a million objects, visited all the time
    runner = dbtRunner(manifest=parsed.manifest if parsed else None, callbacks=[on_event] if on_event else [])
    try:
        result = runner.invoke([*arguments, *target, *map(str, folders), *quiet])
    finally:
        warehouse.close()
    interrupt.raise_if_came()
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    return result


def manifest() -> dict[str, Any]:
    """dbt's manifest of the last run, as it stands in the file."""
    return json.loads((paths.target() / "manifest.json").read_text(encoding="utf-8"))


def _refused(result: dbtRunnerResult) -> bool:
    """Whether the run lock was another's: the first hook says so (take_run_lock), or that run's write is in its way."""
    hooks = [node for node in getattr(result.result, "results", []) if node.node.resource_type == "operation"]
    said = " ".join([str(result.exception or ""), *(str(node.message) for node in hooks if node.status == "error")])
    return any(sign in said for sign in ("Another run", "onflict on update"))


def _log() -> Path:
    return paths.var() / "logs" / "dbt.log"


def _why(result: dbtRunnerResult) -> str:
    if result.exception:
        return _cause(str(result.exception))
    results = getattr(result.result, "results", [])
    failed = [node for node in results if node.status in ("error", "fail", "runtime error")]
    if not failed:
        return "no node says why"
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return f"{failed[0].node.name}{more}: {_cause(failed[0].message or '')}"


def _cause(text: str) -> str:
    """The first line that says more than where it happened, cut to a length that can be read."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    says = [line for line in lines if " Error in " not in line and not line.endswith(" Error")]
    says = says or lines or ["no reason given"]
    return says[0][:200].rstrip(".:")
