"""What happens to a world, a step at a time: landing, deaths, compaction, clocks, topics and their records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from contract.model import Column
from ingest.errors import LandingError
from testbed.attack.checks import check_again
from testbed.attack.world import World
from testbed.torture.points import BY_FORK, COMPACTING, EXPIRING, RECOVERING

_AT_LANDING = sorted(BY_FORK - RECOVERING.keys())
_RECOVERING = sorted(RECOVERING)


def land(world: World) -> None:
    """New records of a topic, and all of it landed, or a part."""
    name = world.draw.choice([*world.logs])
    world.produce(name, world.draw.choice([0, 1, 7, 40]))
    world.land(name, most=world.draw.choice([None, None, 1, 5]))


def land_without_records(world: World) -> None:
    """Offsets that hold nothing, alone or at the ends of a batch."""
    name = world.draw.choice([*world.logs])
    log = world.logs[name]
    for partition in log.partitions:
        if world.draw.random() < 0.7:
            for _ in range(world.draw.choice([1, 3])):
                world.history[name, log.generation, partition, log.append(partition, None)] = None
    if world.draw.random() < 0.5:
        world.produce(name, 3)
    world.land(name)


def die_landing(world: World) -> None:
    """A job dies at a point, the next one at another while it recovers; the third one lives."""
    name = world.draw.choice([*world.logs])
    world.produce(name, world.draw.choice([1, 20]))
    point = world.draw.choice(_AT_LANDING)
    world.die(point, lambda: world.land(name))
    for _ in range(world.draw.choice([0, 1, 2])):
        point = world.draw.choice(_RECOVERING)
        world.die(point, lambda: world.take_up(name, fail_on_lost_offsets=False))
    world.land(name)
    check_again(world)


def compaction(world: World) -> None:
    """Compact, in one run or after one that died."""
    if world.draw.random() < 0.5:
        world.die(world.draw.choice(sorted(COMPACTING)), world.compact)
    world.compact()
    assert world.compact() == 0, "a second compaction finds hours that the first one left"


def expiry(world: World) -> None:
    """Expire, in one run or after one that died."""
    days = world.draw.choice([0.1, 1.0, 3.0])
    if world.draw.random() < 0.5:
        world.die(world.draw.choice(sorted(EXPIRING)), lambda: world.expire(days))
    world.expire(days)
    assert world.expire(days) == 0, "a second expiry removes files that the first one left"


def later(world: World) -> None:
    """Time passes."""
    world.clock += world.draw.choice(
        [timedelta(seconds=1), timedelta(minutes=50), timedelta(hours=3), timedelta(days=2)]
    )


def much_later(world: World) -> None:
    """Days or months pass, or just as much as leads over midnight or the end of the year."""
    world.clock += world.draw.choice([timedelta(days=1), timedelta(days=40), timedelta(days=305)])
    midnight = world.clock.replace(hour=23, minute=59, second=59, microsecond=999_000)
    world.clock = world.draw.choice([world.clock, midnight, midnight + timedelta(milliseconds=1)])


def clock_back(world: World) -> None:
    """The clock steps back, or stands still, and the job lands on."""
    world.clock -= world.draw.choice([timedelta(), timedelta(milliseconds=1), timedelta(minutes=61), timedelta(days=1)])
    for name in world.logs:
        world.produce(name, 3)
        world.land(name)
        world.land(name)


def make_again(world: World) -> None:
    """A topic is removed and made again, with more partitions or fewer, and the records of its first life are gone."""
    name = world.draw.choice([*world.logs])
    world.make_topic(name, world.draw.choice([1, 2, 4]))
    world.produce(name, world.draw.choice([0, 9]))
    if world.draw.random() < 0.5:
        world.die(world.draw.choice(_AT_LANDING), lambda: world.land(name))
    world.land(name)


def add_partitions(world: World) -> None:
    """Partitions are added, empty or not, and perhaps only they get records."""
    name = world.draw.choice([*world.logs])
    for _ in range(world.draw.choice([1, 3])):
        world.add_partition(name)
    newest = max(world.logs[name].partitions)
    if world.draw.random() < 0.7:
        world.produce(name, 5, (newest,) if world.draw.random() < 0.5 else None)
    if world.draw.random() < 0.3:
        world.die(world.draw.choice(_AT_LANDING), lambda: world.land(name))
    world.land(name)


def lose(world: World) -> None:
    """Kafka removes records before they are landed: the job stops at it, and goes on when that is accepted."""
    name = world.draw.choice([*world.logs])
    log = world.logs[name]
    due = world.take_up(name).ledger.due
    world.produce(name, 12)
    lost = False
    for partition, records in log.partitions.items():
        end, first = due.get(partition, 0), world.draw.randrange(len(records) + 1)
        for offset in range(max(end, log.first.get(partition, 0)), first):
            world.gone.add((name, log.generation, partition, offset))
        lost |= first > end
        log.remove(partition, first)
    if lost:
        try:
            world.land(name)
        except LandingError as error:
            if "no longer has offsets" not in str(error):
                raise
        else:
            raise AssertionError("records were removed before they were landed and the job went on")
    if world.draw.random() < 0.5:
        world.die(world.draw.choice(_AT_LANDING), lambda: world.land(name, fail_on_lost_offsets=False))
    world.land(name, fail_on_lost_offsets=False)
    world.land(name)


def add_column(world: World) -> None:
    """The contract gets an optional column; what was sent of it before is in `_rescued`."""
    topic = world.draw.choice(world.contract.topics)
    number = len(topic.columns)
    name = "note" if all(column.name != "note" for column in topic.columns) else f"added_{number}"
    kind = "varchar(16)" if name == "note" else world.draw.choice(["double", "timestamp", "boolean", "bigint"])
    wider = replace(topic, columns=(*topic.columns, Column(name, kind)))
    topics = tuple(wider if other is topic else other for other in world.contract.topics)
    world.contract = replace(world.contract, topics=topics)
    world.produce(topic.topic, 4)
    world.land(topic.topic)
