"""Whose turn it is to change the warehouse: dbt through the door, or the runs of the owner's own process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

_GUEST_WAITS = 600  # seconds, then it goes on, and the run lock decides
_OWNER_WAITS = 300  # seconds, likewise: a guest that does nothing keeps nobody for ever
_GAP = 1.0  # seconds between two connections of one dbt command, which opens them as it needs them


class Turns:
    """A guest (a connection of dbt's) waits for the end of the owner's run; the owner begins none beside a guest.

    So a dbt command typed in another terminal is not refused for a run that is over in seconds. What gets through
    side by side all the same is the run lock's to decide.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._guests = self._waiting = 0
        self._owner_runs = False
        self._left = float("-inf")
        self._asked: float | None = None  # since when the owner has waited

    def enter(self) -> None:
        """A guest comes: it waits while the owner runs, unless another guest is there."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not self._owner_runs or self._guests > 0, _GUEST_WAITS)
            self._waiting -= 1
            self._guests += 1

    def leave(self) -> None:
        """A guest that has entered goes."""
        with self._changed:
            self._guests -= 1
            self._left = time.monotonic()

    def guests(self) -> int:
        """How many connections of dbt's are there, or wait."""
        with self._changed:
            return self._guests + self._waiting

    @contextlib.contextmanager
    def owner_run(self) -> Iterator[bool]:
        """Whether the owner may run; if so, guests wait until the context ends. It does not wait itself."""
        begins = self._begin()
        try:
            yield begins
        finally:
            if begins:
                with self._changed:
                    self._owner_runs = False
                    self._changed.notify_all()

    def _begin(self) -> bool:
        with self._changed:
            now = time.monotonic()
            self._asked = self._asked or now
            busy = self._guests + self._waiting > 0 or now < self._left + _GAP
            if busy and now < self._asked + _OWNER_WAITS:
                return False
            self._asked, self._owner_runs = None, True
            return True
