"""The clock of one host: a job, its JVM and its workers have a time that is ahead or behind, and can be set right."""

from __future__ import annotations

import shutil
import struct
import subprocess
from datetime import timedelta
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")


def compiler() -> str | None:
    """The C compiler, which a shifted clock needs (clock.c); None if there is none."""
    return shutil.which("cc") or shutil.which("gcc")


class Clock:
    """A wall clock, with its files in `folder`: processes started with its `environment` see at once how it is set.

    What measures durations (the monotonic clock) and the times of files stay the machine's own.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file, library = folder / "apart", folder / "clock.so"
        self.set(timedelta())
        command = [compiler() or "cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        self.environment = {"LD_PRELOAD": str(library), "JUNCTION_CLOCK": str(self._file)}

    def set(self, apart: timedelta) -> None:
        """Let the clock be `apart` from the machine's, in whole seconds; negative is behind."""
        with self._file.open("r+b" if self._file.exists() else "wb") as file:  # in place: processes have it mapped
            file.write(struct.pack("q", round(apart.total_seconds())))
