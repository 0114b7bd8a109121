"""A step in which what a dead job had staged is damaged: refused with a name, or landed exactly."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from ingest.errors import LandingError
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.names import parse_file_name
from testbed.attack.refusals import WRONG, must_hold, refused, refused_or_done
from testbed.attack.world import World
from testbed.torture.points import PUBLISHING


def broken_staging(world: World) -> None:
    """A job died while it published, and what it had staged is damaged: refused with a name, or landed exactly."""
    name = world.draw.choice([*world.logs])
    world.produce(name, 20)
    points = sorted(point for point, of in PUBLISHING.items() if getattr(of, "leaves", "") == "marked")
    if not world.die(world.draw.choice(points), lambda: world.land(name)):
        return
    marked = LandingFolder.at(world.landing).newest_batch(name)
    assert marked is not None
    must_hold(bool(marked.awaited()), "no batch is marked")
    manifest = world.landing / marked.key
    world.draw.choice([_torn_manifest, _staging_removed, _staged_file_removed])(world, name, manifest)
    world.land(name)


def _torn_manifest(world: World, name: str, manifest: Path) -> None:
    content = manifest.read_bytes()
    manifest.unlink()
    manifest.write_bytes(world.draw.choice([*WRONG, content[:-9]]))
    refused(lambda: world.land(name), manifest.name)
    refused_or_done(world.compact, manifest.name)
    manifest.write_bytes(content)


def _staging_removed(world: World, name: str, manifest: Path) -> None:
    """And the manifest with it, as the message says."""
    shutil.rmtree(world.landing / "_staging" / name)
    refused_or_done(lambda: world.take_up(name), manifest.name)
    manifest.unlink()
    world.clock += world.draw.choice([timedelta(), timedelta(hours=1)])  # in another hour no name is taken
    _moved_out_until_landed(world, name)


def _staged_file_removed(world: World, name: str, manifest: Path) -> None:
    staged = sorted((world.landing / "_staging" / name).glob("*/*.parquet"))
    if not staged:
        return
    lost = world.draw.choice(staged)
    content = lost.read_bytes()
    lost.unlink()
    refused_or_done(lambda: world.take_up(name), lost.name)
    if lost.parent.exists():  # or its other name was published already, and nothing was lost
        lost.write_bytes(content)


def _moved_out_until_landed(world: World, name: str) -> None:
    """Do what the message says, as often as it is said."""
    for _ in range(20):
        try:
            world.land(name)
        except LandingError as error:
            named = [path for path in (world.landing / "raw").rglob(f"{name}-*.parquet") if path.name in str(error)]
            must_hold(bool(named), f"a message without the file: {error}")
            for path in named:
                must_hold(parse_file_name(path.name) is not None, f"a file of the ledger is to be moved out: {error}")
                path.unlink()
            continue
        return
    raise AssertionError("the landing still refuses after 20 files were moved out")
