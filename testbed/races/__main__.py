"""`python -m testbed.races` (`make races`): races of three jobs on a disk and in a bucket; writes docs/races.md."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract.options import Parser, Place
from contract.reading import load_contract
from local import interrupt, paths
from local.progress import Progress
from testbed.bucket.faults import faulty
from testbed.bucket.server import new_bucket, served
from testbed.races import report
from testbed.races.race import Race, Runner

STORES = ("local", "s3")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the races and write the report; 0 only without a fault."""
    parser = Parser(prog="python -m testbed.races", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="races on each store (default %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1, help="the seed of the first (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="of each race (default %(default)s)")
    parser.add_argument("--stores", default=",".join(STORES), help="where (default %(default)s)")
    parser.add_argument("--report", type=Path, default=paths.ROOT / "docs", help="the folder of the report")
    flags = parser.parse_args(arguments)
    progress, races = Progress(), []
    with served() as environment:
        for store in flags.stores.split(","):
            for seed in range(flags.first_seed, flags.first_seed + flags.seeds):
                races.append(race(store, seed, flags.seconds, environment))
                progress.phase(f"{store} {seed}: {races[-1].rows} rows, {races[-1].faults or 'no fault'}")
    report.write(races, flags.report)
    return int(any(race.faults for race in races))


def race(store: str, seed: int, seconds: float, environment: dict[str, str]) -> Race:
    """One race on a store; in a bucket through a proxy that fails."""
    contract = load_contract()
    with _place(store, seed, environment) as (place, done):
        found = Runner(contract, contract.topic("sensors-sample"), place, seed, seconds).run(store)
        found.seen.update(done)
    return found


@contextlib.contextmanager
def _place(store: str, seed: int, environment: dict[str, str]) -> Iterator[tuple[Place, dict[str, int]]]:
    if store == "local":
        with tempfile.TemporaryDirectory(prefix="race-") as folder:
            yield Path(folder), {}
        return
    with faulty(environment, seed) as (through, faults):
        os.environ.update(through)
        yield new_bucket(), faults.done


if __name__ == "__main__":
    interrupt.expect()
    sys.exit(main())
