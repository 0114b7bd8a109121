"""How the run of a step can go: whole, with a model that breaks, of some models, of a range, killed, two at once."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from testbed.schedules.engines import Engine, built
from testbed.warehouse.outcome import failures

NO_VIEWS = ["--exclude", "config.materialized:view"]
_LAST_CONDITION = re.compile(r"(where|and) (?=\{\{ only_reopened\()")


class Runs:
    """The runs of one schedule; what they choose is drawn from `draw`. `log` tells what each did."""

    def __init__(self, engine: Engine, draw: random.Random, spans: Sequence[tuple[datetime, datetime]]) -> None:
        self._engine = engine
        self._draw = draw
        self._spans = spans
        self._has_views = False
        self._tables: dict[str, Path] = {}
        self.log: list[str] = []

    def go(self, kind: str) -> None:
        """One run of a kind. AssertionError if it ends otherwise than it should."""
        ways: dict[str, Callable[[], str]] = {
            "whole": self.whole,
            "broken": lambda: self._broken(retry=True),
            "left_broken": lambda: self._broken(retry=False),
            "some": self._some,
            "range": self.rebuild,
            "killed": self._killed,
            "two": self._two,
        }
        if kind == "some" and not self._has_views:  # whose parents may not be there
            kind = "whole"
        self.log.append(f"{kind}: {ways[kind]()}")

    def whole(self) -> str:
        """All models; the views too until they have all been made."""
        built(self._engine, *self._run())
        self._has_views = True
        return "all models"

    def rebuild(self) -> str:
        """A range of some hours about the city's."""
        start, end = self._draw.choice(self._spans)
        first = start + timedelta(minutes=self._draw.randrange(-90, int((end - start).total_seconds() // 60)))
        last = first + timedelta(minutes=self._draw.randrange(1, 6 * 60))
        bounds = f"{{from: '{first:%Y-%m-%d %H:%M}', to: '{last:%Y-%m-%d %H:%M}'}}"
        built(self._engine, *self._run(), "--vars", bounds)
        return bounds

    def _run(self) -> list[str]:
        return ["run", *(NO_VIEWS if self._has_views else [])]

    def _files(self) -> dict[str, Path]:
        """The models that are tables, with their files."""
        if not self._tables:
            self._tables = {
                node["name"]: self._engine.project / node["original_file_path"]
                for node in self._engine.nodes()
                if node["resource_type"] == "model" and node["config"]["materialized"] == "incremental"
            }
        return self._tables

    def _broken(self, retry: bool) -> str:
        """A model's file is broken for one run. Without a retry the next run of whatever kind has to catch up."""
        name = self._draw.choice(sorted(self._files()))
        how = self._draw.choice(["no_such_column = 1", self._engine.breaks_late])
        file = self._files()[name]
        sound = file.read_text()
        broken = _LAST_CONDITION.sub(lambda found: f"{found[1]} {how} and ", sound)
        if broken == sound:  # of what only appends
            broken = f"{sound.rstrip()}\nwhere {how}\n"
        file.write_text(broken)
        try:
            outcome = self._engine.dbt(*self._run())
        finally:
            file.write_text(sound)
        results: Any = outcome.result
        ended = {result.node.name: str(result.status) for result in results.results}
        if outcome.success:  # what was never asked: of no row, or of nothing that is reopened
            (message,) = (result.message for result in results.results if result.node.name == name)
            assert how == self._engine.breaks_late or message == "NOTHING NEW", f"{name} was built with {how}"
            self._has_views = True
            return f"{name} had no row to break on"
        assert [model for model, status in ended.items() if status == "error"] == [name], failures(outcome)
        skipped = sum(status == "skipped" for status in ended.values())
        if retry:
            built(self._engine, "retry")
            self._has_views = True
        return f"{name} with {how}, {skipped} skipped, {'retried' if retry else 'left'}"

    def _some(self) -> str:
        """A few models, with or without their children; the others wait."""
        names = self._draw.sample(sorted(self._files()), self._draw.randint(1, 12))
        chosen = [name + self._draw.choice(["", "+"]) for name in names]
        verb = self._draw.choice(["--select", "--exclude"])
        built(self._engine, "run", verb, *chosen, *(NO_VIEWS[1:] if verb == "--exclude" else []))
        return f"{verb} {' '.join(chosen)}"

    def _killed(self) -> str:
        """Nobody has written the log nor freed the lock: the next run is refused until somebody does."""
        after = self._draw.randrange(28)
        if not self._engine.killed(after, *self._run()):
            self._has_views = True
            return "was through before"
        if self._engine.frees_at_once:
            return f"after {after} models; the next run gets the lock at once"
        refused = self._engine.dbt(*self._run())
        assert not refused.success, "a run was not refused while a killed one held the lock"
        assert "release_run_lock" in failures(refused), failures(refused)
        built(self._engine, "run-operation", "release_run_lock")
        return f"after {after} models; the next run was refused until the lock was released"

    def _two(self) -> str:
        succeeded = self._engine.together(*self._run())
        if not succeeded:
            return self.whole()
        assert any(succeeded), "neither of two runs at once succeeded"
        return f"two at once, {sum(succeeded)} succeeded"
