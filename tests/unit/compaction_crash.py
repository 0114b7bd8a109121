"""`python -m ingest compact|expire` that kills itself (SIGKILL) at a named point: `… POINT [flags of ingest]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ingest import __main__ as command
from ingest import compact, publish
from tests.integration.landing_crash import kill_before

# Where the crash happens: (module or class, function, die before its n-th call).
COMPACTING: dict[str, tuple[Any, str, int]] = {
    "nothing copied": (compact, "copy", 1),
    "copied, not verified": (compact, "summary", 2),
    "verified, no record": (compact, "_record", 1),
    "written, not marked": (compact, "mark_complete", 1),
    "marked, nothing published": (compact, "publish", 1),
    "copy published, no record": (publish, "_move", 2),
    "recovering": (publish, "_move", 1),
    "one hour done": (compact, "_compact", 2),
}
EXPIRING: dict[str, tuple[Any, str, int]] = {
    "nothing removed": (Path, "unlink", 1),
    "half of an hour removed": (Path, "unlink", 2),
    "hour removed, not its folder": (Path, "rmdir", 1),
}

if __name__ == "__main__":
    point, *flags = sys.argv[1:]
    kill_before(*(COMPACTING | EXPIRING)[point])
    sys.argv[1:] = flags
    sys.exit(command.main())
