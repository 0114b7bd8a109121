"""What the options of all commands take: a number within bounds, a folder on a disk. Standard library only.

Each function is a `type` of argparse, which also holds a text from the environment, given as the default, to it; the
`Parser` of each command repeats no argument that may be a secret.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_S3 = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?P<prefix>(/[A-Za-z0-9!_.*'()=-]+)*)/?")
_PAIR = re.compile(r"([A-Za-z]+(?:[._-][A-Za-z0-9]+)*\.[A-Za-z0-9._-]+=)(?!VALUE\b).*", re.DOTALL)  # an option of Kafka
PORT = (1, 65_535)
# As Kafka's client takes a broker.
_SERVER = re.compile(r"([A-Za-z_]+://)?(\[[0-9A-Fa-f:.%]+\]|[\w.%-]+):(?P<port>[0-9]{1,5})", re.ASCII)
_SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


class Parser(argparse.ArgumentParser):
    """A parser whose messages repeat no argument that it does not take: it may be a secret behind a misspelled flag."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:
        """As in argparse; exits with 2 on a wrong option, before its value can be taken for that of another."""
        known = set(self._flags())
        given = sys.argv[1:] if args is None else args
        wrong = [text for text in given if text.startswith("--") and text.partition("=")[0] not in known | {"--"}]
        if wrong:
            self._refuse(wrong)
        flags, more = self.parse_known_args(args, namespace)
        if more:
            self._refuse(more)
        return flags

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message, without the value of an option of Kafka that stands in it; exits with 2."""
        super().error(without_value(message))

    def _refuse(self, arguments: Sequence[str]) -> NoReturn:
        names = {text.partition("=")[0] for text in arguments if re.fullmatch(r"--[a-z-]+(=.*)?", text, re.DOTALL)}
        known = f" ({', '.join(sorted(names))})" if names else ""
        self.error(f"{len(arguments)} argument(s) are not taken{known}: see --help.")

    def _flags(self) -> Iterator[str]:
        """The flags of this command and of those below it."""
        yield from self._option_string_actions
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    yield from parser._flags()


def without_value(text: str) -> str:
    """The text up to the first `dotted.name=`: what follows may be a secret, given where no option is taken."""
    return _PAIR.sub(r"\1[hidden]", text)


def has_value(text: str) -> bool:
    """Whether it has the form `name=value`, as an option of Kafka that was given in the place of something else."""
    return re.match(r"\s*[A-Za-z][\w.-]*=", text) is not None


def revision(text: str) -> str:
    """Parse a revision of git; raises ArgumentTypeError for an option of Kafka."""
    if has_value(text):
        raise argparse.ArgumentTypeError("this is no git revision: name a branch, tag or commit.")
    return text


def take_umask() -> str | None:
    """Take from all but the owner's group what this process writes: JUNCTION_UMASK, or 027 and the user's own umask.

    Returns it in octal digits; None if the variable is no umask, and all is as it was.
    """
    text = os.environ.get("JUNCTION_UMASK")
    if text and not re.fullmatch(r"0?[0-7]{1,3}", text):
        return None
    own = os.umask(0o077)
    wanted = int(text, 8) if text else own | 0o027
    os.umask(wanted)
    return f"{wanted:03o}"


def number(kind: Callable[[str], Any], least: float, most: float, *, above: bool = False) -> Callable[[str], Any]:
    """Parse an int or a float from `least` (with `above`: from above it) to `most`; raises ArgumentTypeError."""
    word = "a whole number" if kind is int else "a number"
    low = f"{least:.2g}" if 0 < least < 1 else f"{least:,}"
    bounds = f"{'above' if above else 'from'} {low} to {most:,}"

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


class Bucket(NamedTuple):
    """A place in a bucket of S3: the `prefix` of all keys, without a `/` at its end; may be empty."""

    name: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


Place = Path | Bucket


def place(text: str) -> Place:
    """Parse a folder on a local disk, made absolute, or `s3://bucket/prefix`; raises ArgumentTypeError."""
    if not text.startswith("s3:"):
        return folder(text).absolute()
    found = _S3.fullmatch(text)
    if found is None or {".", ".."} & {*found["prefix"].split("/")}:
        raise argparse.ArgumentTypeError(f"{text} is no place in a bucket: write s3://bucket/prefix.")
    return Bucket(found["bucket"], found["prefix"].strip("/"))


def folder(text: str) -> Path:
    """Parse a folder (or file) on a local disk; raises ArgumentTypeError for a URL.

    `Path("s3://bucket")` is a folder `s3:` below the working directory, where nobody looks for what was written. A
    folder there that has a colon in its name is given as `./a:b`.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("no folder is named: give a folder on a local disk.")
    if _URL.match(text):
        raise argparse.ArgumentTypeError(
            f"{text} is a URL: give a folder on a local disk; landing alone can be in s3:// (docs/object-stores.md)."
        )
    if "\0" in text:
        raise argparse.ArgumentTypeError("a path holds a zero byte: give a folder on a local disk.")
    return Path(text)


def names(text: str) -> tuple[str, ...]:
    """Parse names that commas separate; raises ArgumentTypeError if there is none, since none would mean all."""
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise argparse.ArgumentTypeError("it names nothing: write names with commas between them, or leave it out.")
    return found


def yes(text: str) -> bool:
    """Parse a switch of the environment; raises ArgumentTypeError."""
    if text.lower() not in _SWITCH:
        raise argparse.ArgumentTypeError(f"{text} is no switch: write 1 or 0.")
    return _SWITCH[text.lower()]


def servers(text: str) -> str:
    """Parse Kafka's HOST:PORT,…; raises ArgumentTypeError."""
    for server in text.split(","):
        found = _SERVER.fullmatch(server.strip())
        if found is None or not PORT[0] <= int(found["port"]) <= PORT[1]:
            raise argparse.ArgumentTypeError(
                f"{server.strip() or 'nothing'} is no broker: write HOST:PORT, such as 127.0.0.1:9092."
            )
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    """Parse one of the choices; raises ArgumentTypeError. (argparse does not hold a default to its own `choices`.)"""

    def parse(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"{text} is neither: write {' or '.join(choices)}.")
        return text

    return parse


def address(text: str) -> tuple[str, int]:
    """Parse HOST:PORT; raises ArgumentTypeError."""
    host, _, port = text.rpartition(":")
    if not host.strip() or not re.fullmatch("[0-9]{1,5}", port) or not PORT[0] <= int(port) <= PORT[1]:
        raise argparse.ArgumentTypeError(f"{text} is no address: write HOST:PORT, such as 127.0.0.1:8080.")
    return host, int(port)
