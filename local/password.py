"""Passwords of this machine's servers: one a file, made at the first start, for its owner's eyes only."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from local.checks import LocalError


def password_of(file: Path) -> str:
    """The password in a file, which is made with a random one if it is missing.

    Raises LocalError if others than its owner may read it, or if it is empty.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(24) + "\n")
    except FileExistsError:
        pass
    with file.open(encoding="utf-8") as found:
        mode = stat.S_IMODE(os.fstat(found.fileno()).st_mode)
        if mode & 0o077:
            raise LocalError(f"{file} may be read by others than its owner (mode {mode:04o}): chmod 600 {file}.")
        password = found.readline().rstrip("\n")
    if not password:
        raise LocalError(f"{file} holds no password: write one into its first line, or remove the file.")
    return password
