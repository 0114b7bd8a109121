"""`python -m ingest` that kills itself (SIGKILL) at a named point: `… POINT TOPIC [flags of ingest]`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ingest import __main__ as command
from ingest import land, publish
from ingest.contract import load_contract

# Where the crash happens: (module or class, function, die before its n-th call).
POINTS: dict[str, tuple[Any, str, int]] = {
    "half of the raw files published": (publish, "_move", 4),
    "written, not marked": (land, "mark_complete", 1),
    "published, not committed by Spark": (land.Ledger, "record", 1),
    "marked, nothing published": (land, "publish", 1),
    "recovering": (publish, "_move", 2),
    "nowhere": (land, "publish", 1_000_000),
}


def kill_before(owner: Any, name: str, nth: int) -> None:
    """Replace a function by one that ends this process at once on its `nth` call."""
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def deadly(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)

    setattr(owner, name, deadly)


def main() -> int:
    """Land with the contract of sensors-sample under another topic's name, up to the point."""
    point, topic, *flags = sys.argv[1:]
    whole = load_contract()
    contract = replace(whole, topics=(replace(whole.topic("sensors-sample"), topic=topic),))
    vars(command)["load_contract"] = lambda: contract
    kill_before(*POINTS[point])
    sys.argv[1:] = flags
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
