"""The states in which a power failure may leave a folder, after each act of a trace.

A disk keeps what was synced: a file's bytes once the file was, a name once its folder was, since the act. Of what was
not, it keeps any part: each of the newest acts on names by itself, the older ones all or none; of bytes all or none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from testbed.power.trace import Act

_NEWEST = 3  # acts on names that are not synced; each doubles the states

Tree = Mapping[str, "int | None"]  # path: the number of a file (its inode), None for a folder


@dataclass(frozen=True)
class State:
    """Names that are there, and the files whose bytes are lost. `after` is the number of acts before the failure."""

    after: int
    tree: tuple[tuple[str, int | None], ...]
    torn: frozenset[int]


class Disk:
    """What the acts so far have done, and which of it is safe."""

    def __init__(self) -> None:
        self.tree: dict[str, int | None] = {".": None}
        self.durable: dict[str, int | None] = {".": None}
        self.pending: list[tuple[str, int | None, bool]] = []  # path, file, whether it is there now
        self.unsynced: set[int] = set()
        self.written: dict[int, str] = {}  # each file's last known name
        self._next = 0

    def do(self, act: Act) -> None:
        """Take one act."""
        if act.kind == "create" and act.path not in self.tree:
            self._next += 1
            self._name(act.path, self._next)
            self.unsynced.add(self._next)
        elif act.kind == "mkdir":
            self._name(act.path, None)
        elif act.kind == "write" and (number := self.tree.get(act.path)) is not None:
            self.unsynced.add(number)
        elif act.kind == "sync":
            self._sync(act.path)
        elif act.kind == "link":
            self._name(act.to, self.tree[act.path])
        elif act.kind == "rename":
            self._rename(act.path, act.to)
        elif act.kind == "unlink" and act.path in self.tree:
            self._unname(act.path)

    def states(self, after: int) -> Iterator[State]:
        """What may be there if the power fails now."""
        older = max(0, len(self.pending) - _NEWEST)
        newest = itertools.product((False, True), repeat=len(self.pending) - older)
        choices = itertools.product((False, True) if older else (True,), newest)
        for kept in ([old] * older + [*new] for old, new in choices):
            tree = dict(self.durable)
            for (path, number, there), is_kept in zip(self.pending, kept, strict=True):
                if is_kept:
                    tree.pop(path, None) if not there else tree.update({path: number})
            reachable = tuple(sorted((path, file) for path, file in tree.items() if _reached(path, tree)))
            numbers = {file for _, file in reachable if file is not None}
            yield State(after, reachable, frozenset(self.unsynced & numbers))
            if self.unsynced & numbers:
                yield State(after, reachable, frozenset())

    def _name(self, path: str, number: int | None) -> None:
        self.tree[path] = number
        self.pending.append((path, number, True))
        if number is not None:
            self.written[number] = path

    def _unname(self, path: str) -> None:
        self.pending.append((path, self.tree.pop(path), False))

    def _rename(self, path: str, to: str) -> None:
        for old in [name for name in self.tree if name == path or name.startswith(f"{path}/")]:
            new = to + old.removeprefix(path)
            number = self.tree[old]
            self._unname(old)
            self._name(new, number)

    def _sync(self, path: str) -> None:
        number = self.tree.get(path)
        if path in self.tree and number is not None:
            self.unsynced.discard(number)
            return
        safe = [one for one in self.pending if str(PurePosixPath(one[0]).parent) == path]
        for name, file, there in safe:
            self.durable.update({name: file}) if there else self.durable.pop(name, None)
        self.pending = [one for one in self.pending if one not in safe]


def states(acts: Iterable[Act]) -> tuple[Sequence[State], Mapping[int, str]]:
    """All different states over a trace, and each file's last name, by which its bytes are found."""
    disk, seen, found = Disk(), set[tuple[object, ...]](), []
    for number, act in enumerate(acts, 1):
        disk.do(act)
        for state in disk.states(number):
            if (key := (state.tree, state.torn)) not in seen:
                seen.add(key)
                found.append(state)
    return found, disk.written


def _reached(path: str, tree: Tree) -> bool:
    return path == "." or all(str(parent) in tree for parent in PurePosixPath(path).parents)
