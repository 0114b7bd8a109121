"""All state of a warehouse below a folder of its own, for as long as a test uses it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from contract.options import Bucket
from local import paths

_VARIABLES = ("JUNCTION_VAR", "JUNCTION_LANDING", "JUNCTION_JARS")


@contextlib.contextmanager
def own_state(folder: Path, landing: Bucket | None = None) -> Iterator[None]:
    """Make `folder` the place of all local state (`paths.use`), but for a `landing` in a bucket; the variables are put
    back when the context ends.
    """
    before = {name: os.environ.get(name) for name in _VARIABLES}
    os.environ.pop("JUNCTION_LANDING", None)
    if landing:
        os.environ["JUNCTION_LANDING"] = str(landing)
    folder.mkdir(parents=True, exist_ok=True)
    paths.use(folder)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
