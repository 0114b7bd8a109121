"""What the options of all commands take: a number within bounds, a folder on a disk. Standard library only.

Each function is a `type` of argparse, which also holds a text from the environment, given as the default, to it.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
PORT = (1, 65_535)


def number(kind: Callable[[str], Any], least: float, most: float, *, above: bool = False) -> Callable[[str], Any]:
    """Parse an int or a float from `least` (with `above`: from above it) to `most`; raises ArgumentTypeError."""
    word = "a whole number" if kind is int else "a number"
    bounds = f"{'above' if above else 'from'} {least:,} to {most:,}"

    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except (ValueError, OverflowError):
            value = math.nan
        if not least <= value <= most or (above and value == least):
            shown = text if len(text) <= 40 else f"{text[:40]}…"
            raise argparse.ArgumentTypeError(f"{shown} is out of bounds: give {word} {bounds}.")
        return value

    return parse


def folder(text: str) -> Path:
    """Parse a folder (or file) on a local disk; raises ArgumentTypeError for a URL.

    `Path("s3://bucket")` is a folder `s3:` below the working directory, where nobody looks for what was written.
    """
    if _URL.match(text):
        raise argparse.ArgumentTypeError(
            f"{text} is a URL: give a folder on a local disk; object stores are not written (docs/redshift.md)."
        )
    if "\0" in text:
        raise argparse.ArgumentTypeError("a path holds a zero byte: give a folder on a local disk.")
    return Path(text)


def one_of(*choices: str) -> Callable[[str], str]:
    """Parse one of the choices; raises ArgumentTypeError. (argparse does not hold a default to its own `choices`.)"""

    def parse(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"{text} is neither: write {' or '.join(choices)}.")
        return text

    return parse


def address(text: str) -> tuple[str, int]:
    """Parse HOST:PORT; raises ArgumentTypeError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not PORT[0] <= int(port) <= PORT[1]:
        raise argparse.ArgumentTypeError(f"{text} is no address: write HOST:PORT, such as 127.0.0.1:8080.")
    return host, int(port)
