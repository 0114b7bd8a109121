"""How a dbt command ended, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbt.cli.main import dbtRunnerResult


def failures(outcome: dbtRunnerResult) -> str:
    """What went wrong in a dbt command, a line for each node."""
    if outcome.exception:
        return str(outcome.exception)
    results: Sequence[Any] = getattr(outcome.result, "results", [])
    wrong = [result for result in results if str(result.status) in ("error", "fail")]
    return "\n".join(f"{getattr(result, 'node', result).unique_id}: {result.message}" for result in wrong)
