"""Runs of the simulator into files, as the tests of the simulator read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from simulator.__main__ import main


@dataclass(frozen=True)
class Run:
    """The files of one run."""

    folder: Path

    @cache  # noqa: B019 - a run lives as long as its test module
    def records(self, topic: str) -> list[dict[str, Any]]:
        """The records in send order: key, timestamp_ms, and value or value_base64."""
        return [json.loads(line) for line in (self.folder / f"{topic}.jsonl").read_text().splitlines()]

    @cache  # noqa: B019 - a run lives as long as its test module
    def payloads(self, topic: str) -> list[dict[str, Any]]:
        """The decoded values of a run without malformed records."""
        return [json.loads(record["value"]) for record in self.records(topic)]

    def truth(self, kind: str) -> list[dict[str, Any]]:
        """The lines of the truth of one kind."""
        lines = (self.folder / "truth").read_text().splitlines()
        return [fact for line in lines if (fact := json.loads(line))["kind"] == kind]


def simulate(folder: Path, *options: str) -> Run:
    """Run the simulator into `folder`, with the truth beside."""
    assert main(["--to-files", str(folder), "--truth", str(folder / "truth"), *options]) == 0
    return Run(folder)


def epoch_ms(text: str) -> int:
    """Whole milliseconds since 1970 of an ISO time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
