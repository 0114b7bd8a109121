"""Keeps each verdict as it comes, so that a check that was stopped goes on where it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from testbed.digest import digest
from testbed.mutation.check import Verdict
from testbed.mutation.mutants import Mutant

_ROOMS = ("city", "warehouse", "standin", "mutation")
_NO_JUDGES = ("equivalent.py", "report.py")


class Journal:
    """Verdicts in a file of JSON lines below `folder`, named after what they depend on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{digest(_ROOMS, _NO_JUDGES)[:12]}.jsonl"
        self._verdicts: dict[Mutant, Verdict] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else []:
            if line.endswith("}"):  # the last may be torn
                verdict = _verdict(json.loads(line))
                self._verdicts[verdict.mutant] = verdict

    def known(self, mutant: Mutant) -> Verdict | None:
        """The verdict on a mutant, None if there is none yet."""
        return self._verdicts.get(mutant)

    def add(self, verdict: Verdict) -> None:
        """Write a verdict down."""
        self._verdicts[verdict.mutant] = verdict
        with self.path.open("a") as file:
            file.write(f"\n{json.dumps(asdict(verdict))}")


def _verdict(kept: dict[str, Any]) -> Verdict:
    return Verdict(**{**kept, "mutant": Mutant(**kept["mutant"])})
