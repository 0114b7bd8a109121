"""What a damaged landing folder may do to who works on it: a refusal that names the file, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.errors import LandingError

WRONG = [b"", b"{", b"\0" * 64, b"null", b"[]", b"{}", b"[[1]]", b'"x"', b"\xff\xfe", b'{"hour": 5}', b"PAR1PAR1"]


def refused_or_done(work: Callable[[], Any], name: str) -> None:
    """Do it; if it is refused, the message has the name."""
    try:
        work()
    except LandingError as error:
        must_hold(name in str(error), f"a message without {name}: {error}")


def refused(work: Callable[[], Any], name: str) -> None:
    """It is refused, with the name."""
    try:
        work()
    except LandingError as error:
        must_hold(name in str(error), f"a message without {name}: {error}")
    else:
        raise AssertionError(f"{name} was damaged and nothing was refused")


def must_hold(condition: bool, otherwise: str) -> None:
    """AssertionError with a sentence unless it holds."""
    if not condition:
        raise AssertionError(otherwise)
