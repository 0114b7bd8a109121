"""`python -m testbed.schedules.child N …`: one dbt command that kills itself when N models are done; -1: never."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from dbt.cli.main import dbtRunner


def main(after: int, arguments: list[str]) -> int:
    """Exit code 0 if the command succeeded."""
    done = 0

    def kill(event: Any) -> None:
        nonlocal done
        done += event.info.name == "NodeFinished"
        if 0 <= after < done:
            os.kill(os.getpid(), signal.SIGKILL)

    return 0 if dbtRunner(callbacks=[kill]).invoke(arguments).success else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
