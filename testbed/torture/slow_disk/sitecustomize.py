"""A slow disk for a job and its Spark workers: Python imports this module at its start if its folder is on PYTHONPATH.

JUNCTION_SLOW_DISK is the longest delay in seconds. Each call that makes a file durable, visible or gone waits up to
that long, each write of a staged file up to a quarter of it.
"""

from __future__ import annotations

import io
import os
import random
import time
from collections.abc import Callable
from typing import Any


class SlowFile(io.FileIO):
    """A file whose writes wait."""

    def write(self, content: Any, /) -> int:
        time.sleep(random.uniform(0, _longest / 4))
        return super().write(content)


def slowed(real: Callable[..., Any]) -> Callable[..., Any]:
    """A function that waits before it does what `real` does."""

    def slow(*arguments: Any, **named: Any) -> Any:
        time.sleep(random.uniform(0, _longest))
        return real(*arguments, **named)

    return slow


_longest = float(os.environ.get("JUNCTION_SLOW_DISK") or 0)
if _longest:
    for name in ("fsync", "link", "rename", "unlink", "rmdir", "mkdir"):
        setattr(os, name, slowed(getattr(os, name)))
    vars(io)["FileIO"] = SlowFile
