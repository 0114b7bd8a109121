"""What is printed or logged: control characters are escaped, since producers choose names, and secrets are left out."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType

_UNMISTAKABLE = 8  # characters of a secret that no text has by chance, if they are not all letters or all digits
_secrets: list[str] = []
# C0 but tab and newline, DEL, C1, what turns the direction of writing, and halves of surrogate pairs.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def keep_secret(values: Iterable[str]) -> None:
    """Leave these values out of all that `printable` returns from now on in this process."""
    found = {*_secrets, *filter(None, values)}
    _secrets[:] = sorted(found, key=len, reverse=True)


def printable(text: str) -> str:
    """The text for a terminal or a log: a control character as `\\x1b` or `\\u202e`, a secret as `[hidden]`."""
    for secret in _secrets:
        if secret in text:
            text = re.sub(_anywhere(secret), "[hidden]", text)
    return _CONTROL.sub(_escaped, text)


def one_line(text: str) -> str:
    """`printable`, in one line: for a name within a sentence."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def set_up(level: int = logging.WARNING) -> None:
    """Let this process log and print its uncaught errors to standard error by `printable`."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler])
    sys.excepthook = _uncaught


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(printable("".join(traceback.format_exception(kind, error, trace))))


def _anywhere(secret: str) -> str:
    """The pattern of a secret: a short one, a word or a number by itself only, or `1` would hide digits of offsets."""
    pattern = re.escape(secret)
    if len(secret) >= _UNMISTAKABLE and not secret.isalpha() and not secret.isdigit():
        return pattern
    return rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
