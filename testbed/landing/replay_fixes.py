"""Transformations for `--transform testbed.landing.replay_fixes:…`."""

from __future__ import annotations

import json
from dataclasses import replace

from ingest.replay.letters import Letter


def numbers(letter: Letter) -> Letter | None:
    """A number as text becomes a number; all but wrong types are left out."""
    if letter.reason != "wrong_type":
        return None
    assert letter.value is not None
    record = json.loads(letter.value)
    return replace(letter, value=json.dumps(record | {letter.field: int(record[letter.field])}).encode())
