"""`python -m testbed.torture` (`make torture`): does landing lose or repeat a record when everything is killed?"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract.options import Parser
from local import paths
from testbed.bucket.faults import faulty
from testbed.bucket.versitygw import gateway
from testbed.torture.clocks import compiler
from testbed.torture.jobs import Storage
from testbed.torture.plan import plans
from testbed.torture.report import Demand, figures, name_of, write
from testbed.torture.run import Outcome, Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Torture, and write the report; 0 only if nothing is lost, twice or changed and enough was killed."""
    parser = _parser()
    flags = parser.parse_args(arguments)
    if flags.clocks and not compiler():
        parser.error("a clock needs a C compiler (testbed/torture/clock.c): install cc, or give --clocks 0.")
    began, outcomes = time.monotonic(), dict[int, Outcome]()
    folder = Path(tempfile.mkdtemp(prefix="torture-", dir=flags.folder))

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    in_bucket = flags.store == "bucket"
    planned = plans(flags.seeds, flags.kills, flags.broker_kills, flags.troubles, flags.clocks, bucket=in_bucket)
    requests: Counter[str] = Counter()
    for seed, plan in planned.items():
        say(f"seed {seed}: {len(plan.steps)} lives of the landing job, {len(plan.commands)} kills beside it")
        with _storage(in_bucket, folder / f"bucket-{seed}", seed) as storage:
            events = -(-flags.events // len(flags.seeds))
            outcomes[seed] = Run(seed, plan, events, folder / str(seed), say, storage).go()
            requests += storage.faults.done if storage else Counter()
        reckoning, kafka = outcomes[seed].reckoning, outcomes[seed].kafka
        say(f"seed {seed}: of {kafka.confirmed:,} confirmed records the topics hold {kafka.repeated} twice")
        say(f"seed {seed}: of their {reckoning.held:,} landing lost {reckoning.lost}, has twice {reckoning.twice}")
        for fault in [*outcomes[seed].faults, *reckoning.ledger_faults]:
            say(f"seed {seed}: {fault}")
        if reckoning.exact and not outcomes[seed].faults:  # what failed stays, to look at
            shutil.rmtree(folder / str(seed))
            shutil.rmtree(folder / f"bucket-{seed}", ignore_errors=True)
    demand = Demand(flags.events, flags.kills, flags.broker_kills, flags.kills // 5, flags.troubles + flags.clocks)
    found = figures(outcomes, demand, time.monotonic() - began, requests)
    write(found, flags.report, "".join(f" {part}" for part in (sys.argv[1:] if arguments is None else ())))
    if found["passed"]:
        shutil.rmtree(folder)
    verdict = "passed" if found["passed"] else f"FAILED, see {folder}"
    say(f"{verdict}; report in {flags.report}/{name_of(requests)}.md")
    return 0 if found["passed"] else 1


@contextlib.contextmanager
def _storage(in_bucket: bool, folder: Path, seed: int) -> Iterator[Storage | None]:
    """A bucket behind a proxy that fails as a store fails; None for a disk."""
    if not in_bucket:
        yield None
        return
    with gateway(folder) as (environment, place, objects), faulty(environment, seed) as (through, faults):
        yield Storage(place, through, objects, faults)


def _parser() -> Parser:
    parser = Parser(prog="python -m testbed.torture", description=__doc__)
    add = parser.add_argument
    add("--events", type=int, default=1_020_000, help="records in all (default %(default)s)")
    add("--kills", type=int, default=170, help="of landing, compaction and expiry, in all (default %(default)s)")
    add("--broker-kills", type=int, default=24, help="in all (default %(default)s)")
    add("--troubles", type=int, default=32, help="hangs, slow and cut connections, slow disks (default %(default)s)")
    add("--clocks", type=int, default=6, help="lives with a clock ahead or behind (default %(default)s)")
    add("--store", choices=["disk", "bucket"], default="disk", help="what it lands on (default %(default)s)")
    add("--seeds", type=int, nargs="+", default=[1, 2, 3], help="one city and one landing folder each (default 1 2 3)")
    add("--report", type=Path, default=paths.ROOT / "docs", help="the folder of the report (default docs)")
    add("--folder", type=Path, default=None, help="where to work (default the folder of temporary files)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
