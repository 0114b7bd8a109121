"""Ctrl-C and SIGTERM end a command, whoever caught the KeyboardInterrupt that they raise.

dbt and DuckDB make an ordinary failure of a KeyboardInterrupt inside them: only the signal itself can be believed.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_came = threading.Event()


def expect(*more: signal.Signals) -> None:
    """From now on both signals, and `more`, raise KeyboardInterrupt, and `raise_if_came` knows of them.

    A job in the background of a shell ignores Ctrl-C, and goes on to.
    """
    for number in (signal.SIGINT, signal.SIGTERM, *more):
        if number != signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def raise_if_came() -> None:
    """KeyboardInterrupt if a signal came, whoever caught the first one."""
    if _came.is_set():
        raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    _came.set()
    signal.default_int_handler(number, frame)
