"""`python -m testbed.mutation`: how many of a sample of mutants do the tests catch? Writes docs/mutation.md."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from contract.options import Parser
from local import interrupt, paths
from testbed.mutation.check import Check, Verdict, landed
from testbed.mutation.journal import Journal
from testbed.mutation.mutants import Mutant, sampled
from testbed.mutation.report import Sample, write

AIM = 0.95


def main() -> int:
    """Exit code 0 if at least AIM of each sample's mutants that are not equivalent are caught."""
    parser = Parser(prog="python -m testbed.mutation", description=__doc__)
    parser.add_argument("--mutants", type=int, default=72, help="in each sample (72)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2], help="a sample for each (1 2)")
    parser.add_argument("--report", type=Path, default=paths.ROOT / "docs" / "mutation.md", help="file to write")
    chosen = parser.parse_args()
    journal, samples = Journal(paths.var() / "mutation"), list[Sample]()
    print(f"Verdicts are kept in {journal.path}", flush=True)
    with tempfile.TemporaryDirectory() as folder, landed(Path(folder)) as (check, project):
        for seed in chosen.seeds:
            drawn = frozenset(verdict.mutant for sample in samples for verdict in sample.verdicts)
            samples.append(Sample(seed, _verdicts(check, project, journal, seed, chosen.mutants, drawn)))
        check.control()  # the mutants have left nothing behind
    write(chosen.report, samples)
    for sample in samples:
        print(f"Sample {sample.seed}: {sample.share:.1%} of those that are not equivalent are caught.")
    print(f"{chosen.report} tells of the others.")
    return int(min(sample.share for sample in samples) < AIM)


def _verdicts(
    check: Check, project: Path, journal: Journal, seed: int, count: int, without: frozenset[Mutant]
) -> list[Verdict]:
    verdicts, valid, began = list[Verdict](), 0, time.monotonic()
    for mutant in sampled(project, seed, without):
        if valid == count:
            break
        verdict = journal.known(mutant)
        if verdict is None:
            verdict = check.verdict(mutant)
            interrupt.raise_if_came()
            journal.add(verdict)
        verdicts.append(verdict)
        valid += verdict.outcome != "none"
        number, before, after = mutant.lines((project / mutant.file).read_text())
        shown = f"{mutant.file}:{number}  {before}  =>  {after}  {verdict.detail[:80]!r}"
        print(f"{time.monotonic() - began:5.0f} s  {seed}: {valid:3}  {verdict.outcome:8}  {shown}", flush=True)
    return verdicts


if __name__ == "__main__":
    interrupt.expect()
    raise SystemExit(main())
