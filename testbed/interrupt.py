"""Ctrl-C and SIGTERM end a long check, and no verdict is written of what they broke.

dbt and DuckDB make an ordinary failure of a KeyboardInterrupt inside them: only the signal itself can be believed.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_came = threading.Event()


def expect() -> None:
    """From now on both signals raise KeyboardInterrupt, and `raise_if_came` knows of them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def raise_if_came() -> None:
    """KeyboardInterrupt if a signal came, whoever caught the first one."""
    if _came.is_set():
        raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    _came.set()
    signal.default_int_handler(number, frame)
