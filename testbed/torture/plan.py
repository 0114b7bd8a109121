"""What happens to the job in which order: each point with and without its checkpoint, the rest at random."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from testbed.torture.bucket_points import IN_A_BUCKET
from testbed.torture.points import COMPACTING, EVERYWHERE, EXPIRING, LANDING, PUBLISHING, AnyPoint, Point, in_turn

HANGS, SLOW, CUT, SLOW_DISK = "the broker hangs", "a slow connection", "cut connections", "a slow disk"
AHEAD, BEHIND = "the job's clock ahead", "the job's clock behind"
STORE_HANGS, ZOMBIE = "the bucket hangs", "a paused job, and another"
TROUBLES, CLOCKS = (HANGS, SLOW, CUT, SLOW_DISK), (AHEAD, BEHIND)
BUCKET_TROUBLES = (HANGS, STORE_HANGS, ZOMBIE, CUT)


@dataclass(frozen=True)
class Step:
    """One life of the landing job: it dies at `point`, or at a random time; before that its checkpoint may go.

    `trouble`: one of TROUBLES, BUCKET_TROUBLES or CLOCKS, which it must outlive first, but for a slow disk.
    """

    point: str = ""
    trouble: str = ""
    lost_checkpoint: bool = False
    broker_killed: bool = False


@dataclass
class Plan:
    """A seed's steps, and the kills of `compact` and `expire` (their points) that happen beside them."""

    steps: deque[Step] = field(default_factory=deque)
    commands: deque[str] = field(default_factory=deque)


def plans(
    seeds: list[int], kills: int, broker_kills: int, troubles: int = 0, clocks: int = 0, *, bucket: bool = False
) -> dict[int, Plan]:
    """Share `kills` among the seeds: compaction, each point twice if there are enough, the rest at random.

    `troubles` and `clocks` are more lives, of TROUBLES and CLOCKS in turn. Those with a clock come last: they land as
    of the present, and what follows them in time must not be before it.
    """
    found = {seed: Plan() for seed in seeds}
    there = IN_A_BUCKET if bucket else EVERYWHERE
    commands = [name for name in COMPACTING | EXPIRING if name in there]
    beside = (commands * len(seeds))[: kills // 5]
    for number, point in enumerate(beside):
        found[seeds[number // len(commands)]].commands.append(point)
    dice = random.Random(len(seeds) * kills)
    chains, at_random = [], kills - len(beside)
    for chain in dice.sample(every := _chains(there), len(every)):
        if at_random - len(chain) >= max(broker_kills, kills // 6):
            chains.append(chain)
            at_random -= len(chain)
    lost, broken = [dice.random() < 0.3 for _ in range(at_random)], broker_kills
    chains += [[Step(lost_checkpoint=gone, broker_killed=time < broken)] for time, gone in enumerate(lost)]
    kinds = BUCKET_TROUBLES if bucket else TROUBLES
    chains += [[_troubled(number, kinds, dice)] for number in range(troubles)]
    for chain in dice.sample(chains, len(chains)):
        min(found.values(), key=lambda plan: len(plan.steps)).steps.extend(chain)
    for number in range(clocks):
        found[seeds[number // len(CLOCKS) % len(seeds)]].steps.append(Step(trouble=CLOCKS[number % len(CLOCKS)]))
    return found


def _troubled(number: int, kinds: tuple[str, ...], dice: random.Random) -> Step:
    trouble = kinds[number % len(kinds)]
    if trouble == SLOW_DISK and number // len(kinds) % 2:  # every other one dies where files get their names
        return Step(dice.choice([name for name, point in PUBLISHING.items() if isinstance(point, Point)]), trouble)
    return Step(trouble=trouble, lost_checkpoint=dice.random() < 0.3)


def _chains(there: Mapping[str, AnyPoint]) -> list[list[Step]]:
    """Each point with its checkpoint and without it; what needs a staged batch stays behind what leaves one."""
    chains: list[list[Step]] = []
    for lost in (False, True):
        for number, name in enumerate(name for name in in_turn() if name in there):
            step = Step(name, lost_checkpoint=(number % 2 == 0) == lost)
            if LANDING[name].needs:
                chains[-1].append(step)
            else:
                chains.append([step])
    return chains
