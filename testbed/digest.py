"""What a kept verdict depends on, as one text."""

from __future__ import annotations

import hashlib

from contract.place import PROJECT_DIR, ROOT

_PROJECT = ("models", "macros", "seeds")
_CODE = (".sql", ".yml", ".csv", ".py")


def digest(rooms: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
    """A hash of the dbt project with its unit tests, and of the code in rooms of testbed but for files `without`.

    ValueError for a room that is not there.
    """
    folders = [PROJECT_DIR / name for name in _PROJECT] + [ROOT / "testbed" / room for room in rooms]
    missing = [folder.name for folder in folders if not folder.is_dir()]
    if missing:
        raise ValueError(f"There is no folder {', '.join(missing)}: name the rooms that a verdict depends on.")
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in _CODE]
    found = hashlib.sha256()
    for file in sorted([*files, PROJECT_DIR / "dbt_project.yml"]):
        if file.name not in without:
            found.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return found.hexdigest()
