"""Who may write to the landing folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import LandingError


@contextmanager
def sole_writer(landing: Path, work: str = "landing") -> Iterator[None]:
    """Hold the landing folder's lock for this kind of work; raises LandingError if another job has it.

    A crash frees it.
    """
    landing.mkdir(parents=True, exist_ok=True)
    with (landing / f"_{work}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LandingError(
                f"Another {work} job writes to {landing}: stop it, or land in another folder."
            ) from error
        yield
