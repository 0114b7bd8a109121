"""A command of ingest that kills itself (SIGKILL) at a named point: `python -m testbed.torture.crash POINT TOPICS …`.

POINT is a name of points.py or `nowhere`. TOPICS cuts the contract to these topics, `all` leaves it; `name:other` is
the topic `name` with the columns of `other`. Then follow the arguments of `python -m ingest`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from contract.model import Contract
from contract.reading import load_contract
from ingest import __main__ as command
from ingest.landing import topic
from ingest.replay import command as replay_command
from ingest.replay import kafka as replay_kafka
from ingest.retention import compact, expire
from ingest.settings import parse_settings
from testbed.torture.bucket_points import IN_A_BUCKET
from testbed.torture.points import EVERYWHERE, AnyPoint, Appears, InTask, Point, WatchedProducer


def contract_of(topics: str) -> Contract:
    """The contract that TOPICS says."""
    whole = load_contract()
    if topics == "all":
        return whole
    pairs = [(name, like or name) for name, _, like in (topic.partition(":") for topic in topics.split(","))]
    return replace(whole, topics=tuple(replace(whole.topic(like), topic=name) for name, like in pairs))


def arm(point: AnyPoint, flags: list[str]) -> None:
    """Make this process die at the point."""
    if isinstance(point, Point):
        _replace(point)
    elif isinstance(point, InTask):
        vars(topic)["writer"] = _deadly_writer(topic.writer, point.closed)
    else:
        _watch(point, parse_settings(flags).checkpoints)


def _replace(point: Point) -> None:
    real: Callable[..., Any] = getattr(point.owner, point.function)
    calls = 0

    def deadly(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        due = False
        if point.having in " ".join(map(str, arguments)):
            calls += 1
            due = calls == point.nth
        if due and not point.after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*arguments, **named)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(point.owner, point.function, deadly)


def _deadly_writer(real: Callable[..., Any], closed: bool) -> Callable[..., Any]:
    """A writer whose task kills the driver; it is sent to Spark's workers by value, since they lack this module."""
    driver = os.getpid()

    def make(batch: Any) -> Callable[..., Any]:
        write = real(batch)

        def ending(records: Iterable[Any]) -> Iterator[Any]:
            for chunk in records:
                yield chunk
                if not closed:
                    os.kill(driver, signal.SIGKILL)

        def deadly(records: Iterable[Any]) -> Iterator[Any]:
            for row in write(ending(records)):
                if closed:
                    os.kill(driver, signal.SIGKILL)
                yield row

        return deadly

    return make


def _watch(point: Appears, checkpoints: Path) -> None:
    began = time.time_ns()  # a start throws the files of an earlier query away, and Spark writes the same names again

    def is_new(path: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return path.stat().st_mtime_ns > began
        return False

    def watch() -> None:
        while not any(is_new(path) for path in checkpoints.glob(f"*/*/{point.pattern}")):
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    """Run the command up to the point; its exit code if it gets by."""
    name, topics, *flags = sys.argv[1:]
    contract = contract_of(topics)
    for module in (command, compact, expire, replay_command):
        vars(module)["load_contract"] = lambda: contract
    vars(replay_kafka)["Producer"] = WatchedProducer
    if name != "nowhere":
        in_a_bucket = any(flag.startswith("s3://") for flag in flags)
        arm((IN_A_BUCKET if in_a_bucket else EVERYWHERE)[name], flags)
    sys.argv[1:] = flags
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
