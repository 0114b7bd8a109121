"""What one worker of a test run makes serves the others."""

from __future__ import annotations

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")
folder: Path | None = None  # what all workers see; tests/conftest.py names it. Without it each makes its own


def once(name: str, make: Callable[[], Made]) -> Made:
    """What the first worker to ask for `name` made; those that ask meanwhile wait. It has to be picklable."""
    if folder is None:
        return make()
    kept = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            found: Made = pickle.loads(kept.read_bytes())
            return found
        made = make()
        kept.write_bytes(pickle.dumps(made))
        return made
