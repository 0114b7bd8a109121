"""Options of a Kafka client, from flags, a file and the environment: they hold secrets, so no message has a value."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from contract.options import has_value
from ingest.errors import LandingError
from ingest.printed import keep_secret

HOW_TO = "write kafka.NAME=VALUE"
# Options whose values are words of Kafka's own, or names that stand in many a message: no secrets.
_PLAIN = {
    "bootstrap.servers",
    "security.protocol",
    "sasl.mechanism",
    "sasl.mechanisms",
    "client.id",
    "group.id",
    "client.rack",
    "sasl.kerberos.service.name",
}
# In the names of options whose values are secrets; Spark reads it too, for what it prints of them.
SECRET = "(?i)pass|secret|token|jaas|credential|[.]key$|key[.]pem|oauthbearer[.]config|user"
_USER = re.compile("(?i)user(name)?$")  # in SECRET for Spark, which prints no more of a setting than its name
_ORDINARY = re.compile(r"[0-9.]+|[A-Za-z_]+")  # of other options: a number or a word, which many a message has
_NAME = re.compile(r"kafka\.[A-Za-z0-9._-]+")
_JAAS = re.compile(r"(?i)jaas|oauthbearer|(pass|secret)\w*\s*=\s*\S")
# The values within a JAAS configuration, but those of names that say who one is.
_QUOTED = re.compile(
    r"""\b(?!(?:username|serviceName|principal|useKeyTab|storeKey|useTicketCache|debug)\b)\w+\s*=\s*"""
    r"""(?:"([^"]+)"|'([^']+)'|([^\s"';]+))"""
)


def kafka_option(pair: str) -> tuple[str, str]:
    """Parse `kafka.NAME=VALUE`; raises ArgumentTypeError that has the name at most."""
    name, equals, value = pair.partition("=")
    if equals and _NAME.fullmatch(name):
        return name, value
    named = f"{name} is no name of a Kafka option" if equals and _is_a_name(name) else "this is no Kafka option"
    raise argparse.ArgumentTypeError(f"{named}: {HOW_TO}.")


def add_kafka_options(add: Callable[..., Any], client: str, environment: str | None) -> None:
    """Add `--kafka-option` and `--kafka-options-file`; `environment` is the variable that has options too."""
    add(
        "--kafka-option",
        type=kafka_option,
        action="append",
        default=[],
        metavar="kafka.NAME=VALUE",
        help=f"an option of {client}, such as kafka.security.protocol=SASL_SSL; can be repeated; other users of the "
        "machine can read it, so give secrets by the file"
        + (f" [{environment}, separated by spaces, quoted as in a shell]" if environment else ""),
    )
    file = os.environ.get("JUNCTION_KAFKA_OPTIONS_FILE") if environment else None
    add(
        "--kafka-options-file",
        type=_file,
        default=file or None,
        metavar="FILE",
        help="a file with such options, one a line, that only its owner may read (mode 0600)"
        + (" [JUNCTION_KAFKA_OPTIONS_FILE]" if environment else ""),
    )


def _file(text: str) -> Path:
    if has_value(text):
        raise argparse.ArgumentTypeError(
            "this is an option and no file: give it by --kafka-option, or name a file (./name if it has an =)."
        )
    return Path(text)


def kafka_options(
    flags: argparse.Namespace, environment: str | None, refuse: Callable[[str], NoReturn]
) -> dict[str, str]:
    """The options of all places, with their prefix `kafka.`: a flag wins over the file, the file over `environment`.

    Calls `refuse` with a sentence if one is none, and raises LandingError for a file that others may read.
    """
    found: dict[str, str] = {}
    if environment:
        try:
            pairs = shlex.split(os.environ.get(environment) or "")
        except ValueError:
            refuse(f"{environment} has a quote that is not closed: quote it as in a shell.")
        found |= _parsed(((f"option {n}", pair) for n, pair in enumerate(pairs, 1)), environment, refuse)
    if flags.kafka_options_file:
        found |= _parsed(_lines(flags.kafka_options_file), str(flags.kafka_options_file), refuse)
    found |= dict(flags.kafka_option)
    _keep_secret(found)
    return found


def _parsed(pairs: Iterable[tuple[str, str]], where: str, refuse: Callable[[str], NoReturn]) -> dict[str, str]:
    found = {}
    for which, pair in pairs:
        try:
            name, value = kafka_option(pair)
        except argparse.ArgumentTypeError as error:
            refuse(f"{where}, {which}: {error}")
        found[name] = value
    return found


def _lines(path: Path) -> list[tuple[str, str]]:
    """The options in a file, each with its line; without blank lines and those that begin with #."""
    try:
        with path.open(encoding="utf-8") as file:
            found = os.fstat(file.fileno())  # of what is open: the name may point elsewhere by now
            if not stat.S_ISREG(found.st_mode):
                raise FileNotFoundError
            if found.st_mode & 0o077:
                raise LandingError(
                    f"{path} may be read by others than its owner (mode {stat.S_IMODE(found.st_mode):04o}): "
                    f"chmod 600 {path}."
                )
            if found.st_uid not in (0, os.geteuid()):
                raise LandingError(f"{path} belongs to another user: let the job's user own it, or root.")
            lines = [(f"line {number}", line.strip()) for number, line in enumerate(file, 1)]
    except (FileNotFoundError, IsADirectoryError) as error:
        raise LandingError(f"There is no file {path}: say with --kafka-options-file where it is.") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise LandingError(f"{path} cannot be read ({reason}): write a Kafka option in each line.") from error
    return [(where, line) for where, line in lines if line and not line.startswith("#")]


def _keep_secret(options: Mapping[str, str]) -> None:
    """Let no message have the values that are secrets by their option's name, or that no message has by chance."""
    for name, value in options.items():
        if name.removeprefix("kafka.") in _PLAIN or _USER.search(name):
            continue
        if re.search(SECRET, name) or not _ORDINARY.fullmatch(value):
            parts = _QUOTED.findall(value) if _JAAS.search(f"{name} {value}") else []
            keep_secret({value, *("".join(part) for part in parts)} - {"true", "false"})


def _is_a_name(text: str) -> bool:
    """Whether it has the form of a Kafka option's name, `word.word`: a secret seldom has."""
    return re.fullmatch(r"[a-z]+(\.[a-z]+)+", text) is not None
