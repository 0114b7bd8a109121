"""What a process does to files below a folder, in order, by strace."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

_CALLS = (
    "openat,write,pwrite64,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir"
)
_LINE = re.compile(r"^\d+\s+(?P<call>\w+)\((?P<arguments>.*)\)\s+=\s+(?P<result>-?\d+)(?P<what><[^>]*>)?")
_OPEN = re.compile(r"^(?P<process>\d+)\s+(?P<begun>.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(?P<process>\d+)\s+<\.\.\. \w+ resumed>(?P<rest>.*)$")
_PATHS = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<path>[^"]*)"')
_DESCRIPTOR = re.compile(r"^\d+<(?P<path>[^>]*)>")


@dataclass(frozen=True)
class Act:
    """`create`, `write`, `sync`, `link`, `rename` (with `to`), `unlink` or `mkdir` of a path below the folder."""

    kind: str
    path: str
    to: str = ""


def traced(command: list[str], root: Path, log: Path) -> list[Act]:
    """Run a Python command under strace; its acts below `root`. Skips the test where there is no strace."""
    if not shutil.which("strace"):
        pytest.skip("strace is not on the PATH")
    watched = ["strace", "-f", "-y", "-s", "0", "-e", f"trace={_CALLS}", "-o", str(log)]
    subprocess.run([*watched, sys.executable, *command], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return [act for line in _whole(log) for act in _acts(line, root)]


def _whole(log: Path) -> Iterator[str]:
    """The lines; of a call that another thread interrupted, its two halves as one where it ended."""
    begun: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        if found := _OPEN.match(line):
            begun[found["process"]] = found["begun"]
        elif found := _RESUMED.match(line):
            yield f"{found['process']} {begun.pop(found['process'], '')}{found['rest']}"
        else:
            yield line


def _acts(line: str, root: Path) -> Iterator[Act]:
    found = _LINE.match(line)
    if not found or int(found["result"]) < 0:
        return
    call, arguments = found["call"], found["arguments"]
    if call in ("write", "pwrite64", "fsync", "fdatasync"):
        descriptor = _DESCRIPTOR.match(arguments)
        paths = [descriptor["path"]] if descriptor else []
    else:
        paths = [str(PurePosixPath(one["folder"] or "/") / one["path"]) for one in _PATHS.finditer(arguments)]
    below = [path.removeprefix(f"{root}/") if path != str(root) else "." for path in paths if _is_below(path, root)]
    if not below:
        return
    if call == "openat":
        if "O_CREAT" in arguments:
            yield Act("create", below[0])
    elif call in ("write", "pwrite64"):
        yield Act("write", below[0])
    elif call in ("fsync", "fdatasync"):
        yield Act("sync", below[0])
    elif call.startswith(("link", "rename")):
        yield Act("link" if call.startswith("link") else "rename", *below)
    elif call.startswith(("unlink", "rmdir")):
        yield Act("unlink", below[0])
    else:
        yield Act("mkdir", below[0])


def _is_below(path: str, root: Path) -> bool:
    return path == str(root) or path.startswith(f"{root}/")
