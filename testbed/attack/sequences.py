"""Kinds of interleavings: which steps a world goes through, and that all holds after each."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from testbed.attack import damage, steps
from testbed.attack.broken_staging import broken_staging
from testbed.attack.checks import check, check_again, check_all_landed
from testbed.attack.world import World

Step = Callable[[World], None]
_STEPS = 7
_PLAIN: tuple[Step, ...] = (steps.land, steps.later, steps.die_landing)
_RETENTION: tuple[Step, ...] = (steps.compaction, steps.expiry, steps.later, steps.later)
_ODD_NAMES = [
    ("a", "a-b"), ("a.b", "a_b"), ("x" * 178, "x" * 177), ("-", "--"), ("t-abcdefghijklmnopqrstuv", "t"), ("A", "b"),
    ("a-abcdefghijklmnopqrstuv-20260302T081000000000Z", "a"), ("landed_batches", "dead_letters"), ("0", "00"),
    ("a-abcdefghijklmnopqrstuv-00000-0000000000000000000-0000000000000000009", "a"), ("manifest.json", "x.parquet"),
]  # fmt: skip

KINDS: Mapping[str, Sequence[Step]] = {
    "deaths, and deaths while recovering": (steps.die_landing, steps.die_landing, steps.land, steps.later),
    "clocks that step back or stand still": (*_PLAIN, steps.clock_back, steps.clock_back, steps.compaction),
    "topics made again": (*_PLAIN, steps.make_again, steps.make_again, *_RETENTION),
    "partitions added": (*_PLAIN, steps.add_partitions, steps.add_partitions),
    "records removed before they were landed": (*_PLAIN, steps.lose, steps.lose, steps.add_partitions),
    "columns added between batches": (*_PLAIN, steps.add_column, steps.add_column, *_RETENTION),
    "compaction and expiry that die": (*_PLAIN, *_RETENTION, *_RETENTION),
    "offsets without a record": (*_PLAIN, steps.land_without_records, steps.land_without_records, *_RETENTION),
    "days and months between batches": (steps.land, steps.die_landing, steps.much_later, *_RETENTION),
    "published files cut or overwritten": (*_PLAIN, damage.torn_file, damage.torn_file, *_RETENTION),
    "notes that cannot be read": (*_PLAIN, damage.unreadable_note, damage.unreadable_note, steps.make_again),
    "strays with odd names": (*_PLAIN, damage.strays, damage.strays, *_RETENTION),
    "links in the folder": (*_PLAIN, damage.links, damage.linked_folder, *_RETENTION),
    "staged batches that are damaged": (*_PLAIN, broken_staging, broken_staging),
    "topics with odd names": (*_PLAIN, damage.refused_names, steps.make_again, *_RETENTION),
    "all of it": (
        *_PLAIN, *_RETENTION, steps.clock_back, steps.make_again, steps.add_partitions, steps.lose, steps.add_column,
        steps.land_without_records, damage.torn_file, damage.strays, broken_staging, damage.links,
    ),
}  # fmt: skip


def live(kind: str, seed: int) -> tuple[list[str], list[str]]:
    """The names of the steps of a seed's world, and what did not hold, with the step after which it was seen."""
    folder = Path(tempfile.mkdtemp(prefix="attack-"))
    done: list[str] = []
    try:
        names = (
            _ODD_NAMES[seed % len(_ODD_NAMES)]
            if kind == "topics with odd names"
            else ("sensors-sample", "other.sensors")
        )
        world = World(folder, seed, names)
        for step in [steps.land, *(world.draw.choice(KINDS[kind]) for _ in range(_STEPS)), KINDS[kind][-1]]:
            done.append(step.__name__)
            step(world)
            check(world)
        done.append("the end")
        for name in world.logs:
            world.land(name, fail_on_lost_offsets=False)
        check(world)
        check_again(world)
        check_all_landed(world)
    except Exception as error:
        trace = "".join(traceback.format_exception(error)[-4:])
        where = str(error) if isinstance(error, AssertionError) else trace
        return done, [f"after {', '.join(done)}: {where}"[:3000]]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return done, []
