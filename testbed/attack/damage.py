"""Steps that damage a landing folder, and what landing then does: it refuses with the file's name, or goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from typing import Any

import yaml

from contract.model import ContractError
from contract.place import PROJECT_DIR
from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.replay.letters import Choice, letters
from testbed.attack.refusals import WRONG, refused_or_done
from testbed.attack.world import World

_STRAYS = [
    "._x.parquet",
    ".nfs000000000012",
    "_SUCCESS",
    ".DS_Store",
    "x.tmp",
    "Thumbs.db",
    "x.parquet.crc",
    "-rf",
    " ",
    "ä*",
]
_NO_HOURS = [
    "landed_hour=08.bak",
    "landed_hour=8",
    "landed_hour=24",
    "landed_hour=",
    "landed_hour=08 (copy)",
    "landed_hour=\u0660\u0668",
]
_NO_DATES = [
    "landed_date=2026-03-02.bak",
    "landed_date=2026-3-2",
    "landed_date=2026-02-30",
    "landed_date=",
    "landed_date=x",
]


def torn_file(world: World) -> None:
    """A published file is cut or overwritten: who reads it refuses with its name; put back, all is as before."""
    files = sorted(path for path in (world.landing / "raw").rglob("*.parquet"))
    if not files:
        return
    path = world.draw.choice(files)
    content = path.read_bytes()
    path.write_bytes(
        world.draw.choice([b"", b"PAR1", content[: len(content) // 2], content[:-1], b"\0" * len(content)])
    )
    try:
        for work in _works(world):
            refused_or_done(work, path.name)
    finally:
        path.write_bytes(content)


def unreadable_note(world: World) -> None:
    """A note of the ends is no note: a start refuses with its name; removed, it costs a longer start."""
    notes = sorted((world.landing / "_ends").glob("*.json"))
    if not notes:
        return
    path = world.draw.choice(notes)
    content = path.read_bytes()
    path.write_bytes(world.draw.choice([*WRONG, content[: len(content) // 2], content + content]))
    for name in world.logs:
        refused_or_done(partial(world.take_up, name), path.name)
    if b'"given_up": {}' in content and not world.gone:
        path.unlink()
    else:
        path.write_bytes(content)


def strays(world: World) -> None:
    """Files and folders that are not landing's lie everywhere: nothing changes by them."""
    folders = [path for path in [world.landing, *world.landing.rglob("*")] if path.is_dir()]
    for folder in world.draw.sample(folders, min(6, len(folders))):
        stray = folder / world.draw.choice(_STRAYS)
        if not stray.exists():
            stray.write_bytes(world.draw.choice([b"", b"stray", b"PAR1", b"{}"]))
    for folder in world.draw.sample(folders, min(8, len(folders))):
        if folder.name.startswith("landed_date="):
            stray = folder / world.draw.choice(_NO_HOURS)
        elif any(child.name.startswith("landed_date=") for child in folder.iterdir()):
            stray = folder / world.draw.choice(_NO_DATES) / world.draw.choice(["landed_hour=08", "x"])
        else:
            continue
        if not stray.exists():
            stray.mkdir(parents=True)
            hours = sorted(folder.rglob("landed_hour=??/*.parquet"))
            if hours and world.draw.random() < 0.5:
                shutil.copy(world.draw.choice(hours), stray)
    log = world.draw.choice([*world.logs.values()])
    life = f"{log.name}-{log.generation.replace('-', '.')[:19]}~"
    if (world.landing / "_ends").is_dir():
        (world.landing / "_ends" / f"{life}{world.draw.choice(['zz', '2', '02 (copy)', '²3'])}.json").write_text("{}")


def links(world: World) -> None:
    """A link lies where a staged batch would: what it leads to is not landing's to remove."""
    name = world.draw.choice([*world.logs])
    victim = world.folder / f"victim {len(list(world.folder.iterdir()))}"
    (victim / "folder").mkdir(parents=True)
    (victim / "precious").write_text("precious")
    (victim / "folder" / "precious").write_text("precious")
    staging = world.landing / "_staging" / name
    staging.mkdir(parents=True, exist_ok=True)
    link = staging / f"{world.draw.randrange(9)}.{world.draw.randrange(2**32):08x}"
    link.symlink_to(victim, target_is_directory=True)
    if world.draw.random() < 0.5:
        (staging / f"7.{world.draw.randrange(2**32):08x}").mkdir()
        inner = next(path for path in staging.iterdir() if path.is_dir() and not path.is_symlink())
        (inner / "link").symlink_to(victim / "folder", target_is_directory=True)
    refused_or_done(lambda: world.take_up(name, fail_on_lost_offsets=False), link.name)
    held = sorted(path.name for path in victim.rglob("*"))
    assert held == ["folder", "precious", "precious"], f"what a link leads to was removed: {held} is left"
    link.unlink(missing_ok=True)


def linked_folder(world: World) -> None:
    """The landing folder, or an hour of a table, is moved away and reached by a link."""
    hours = sorted((world.landing / "raw").glob("*/landed_date=*/landed_hour=??"))
    path = world.draw.choice([world.landing, *hours]) if hours else world.landing
    if not path.exists() or path.is_symlink():
        return
    moved = world.folder / f"moved {len(list(world.folder.iterdir()))}"
    shutil.move(path, moved)
    path.symlink_to(moved, target_is_directory=True)


def refused_names(world: World) -> None:
    """A topic whose files no reader would see, or whose folders another's are, is refused by the contract."""
    project = world.folder / "project"
    shutil.copytree(PROJECT_DIR / "models" / "staging", project / "models" / "staging", dirs_exist_ok=True)
    (path,) = (project / "models" / "staging").glob("*/_cars__sources.yml")
    original = path.read_text()
    wrong = [
        "_events",
        ".events",
        "__consumer",
        "..x",
        "_",
        ".",
        "..",
        "a/b",
        "a b",
        "é",
        "a@b",
        "x" * 179,
        "Weather",
        "a\n",
    ]
    for name in world.draw.sample(wrong, 6):
        document: Any = yaml.safe_load(original)
        for source in document["sources"]:
            for table in source["tables"]:
                table["config"]["meta"]["topic"] = name
        path.write_text(yaml.safe_dump(document))
        try:
            load_contract(project)
        except ContractError:
            continue
        raise AssertionError(f"the contract takes a topic named {name!r}")


def _works(world: World) -> list[Callable[[], Any]]:
    lands = [partial(world.land, name) for name in world.logs]
    return [
        *lands,
        world.compact,
        lambda: world.expire(0.1),
        lambda: [*letters(LandingFolder.at(world.landing), Choice())],
    ]
