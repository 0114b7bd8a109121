"""What the commands say while they work: a line for each phase, with the time since the start."""

from __future__ import annotations

import time
from collections.abc import Callable

_NOTE_EVERY = 5  # seconds


class Progress:
    """Prints phases as they begin; `note` says how far the phase is, a line every few seconds at most."""

    def __init__(self) -> None:
        self._start = self._noted = time.monotonic()
        self.on_node: Callable[[str, str, str, float], None] | None = None

    def node(self, name: str, kind: str, status: str, seconds: float) -> None:
        """dbt has run a node; `on_node` hears of it."""
        if self.on_node:
            self.on_node(name, kind, status, seconds)

    def phase(self, text: str) -> None:
        """Begin a phase."""
        self._noted = time.monotonic()
        self._print(text)

    def note(self, text: str) -> None:
        """Say how far it is, unless something was said a moment ago."""
        now = time.monotonic()
        if now - self._noted >= _NOTE_EVERY:
            self._noted = now
            self._print("  " + text)

    def _print(self, text: str) -> None:
        print(f"{time.monotonic() - self._start:5.0f} s  {text}", flush=True)
