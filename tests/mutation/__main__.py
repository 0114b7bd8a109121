"""`python -m tests.mutation`: how many of a sample of mutants do the tests catch? Writes docs/mutation.md."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from local.paths import ROOT
from tests.mutation.check import Verdict, landed
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import sampled

AIM = 0.95


def main() -> int:
    """Exit code 0 if at least AIM of the mutants that are not equivalent are caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--mutants", type=int, default=72, help="how many (72)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "mutation.md", help="file to write")
    chosen = parser.parse_args()
    began, verdicts, unmade = time.monotonic(), list[Verdict](), 0
    with tempfile.TemporaryDirectory() as folder, landed(Path(folder)) as (check, project):
        print(f"{time.monotonic() - began:5.0f} s  The city is landed and built", flush=True)
        for mutant in sampled(project, chosen.seed):
            verdict = check.verdict(mutant)
            number, before, after = mutant.lines((project / mutant.file).read_text())
            shown = f"{mutant.file}:{number}  {before}  =>  {after}  {verdict.detail[:80]!r}"
            print(f"{time.monotonic() - began:5.0f} s  {verdict.outcome:8}  {shown}", flush=True)
            unmade += verdict.outcome == "none"
            verdicts += [verdict] * (verdict.outcome != "none")
            if len(verdicts) == chosen.mutants:
                break
        text, share = report(verdicts, unmade, chosen.seed, time.monotonic() - began, project)
    chosen.report.write_text(text, encoding="utf-8")
    print(f"{share:.1%} of those that are not equivalent are caught; {chosen.report} tells of the others.")
    return int(share < AIM)


def report(verdicts: list[Verdict], unmade: int, seed: int, seconds: float, project: Path) -> tuple[str, float]:
    """The text of docs/mutation.md, and the share of the mutants that are not equivalent that were caught."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    survivors = []
    equivalent = 0
    for verdict in verdicts:
        if verdict.outcome == "survived":
            number, before, after = verdict.mutant.lines((project / verdict.mutant.file).read_text())
            why = EQUIVALENT.get((verdict.mutant.file, after))
            equivalent += why is not None
            kind = f"Equivalent: {why}" if why else "A gap."
            where = f"`{verdict.mutant.file}`, line {number}. {kind}"
            survivors.append(f"{where}\n\n```diff\n- {before}\n+ {after}\n```\n")
    caught = counts["unit"] + counts["fixture"]
    share = caught / max(1, len(verdicts) - equivalent)
    files = len({verdict.mutant.file for verdict in verdicts})
    text = f"""# Mutation check

`make mutation` changes one operator or constant at a time, of a model or of a macro of row rules or hours, and looks
whether a test notices: first the unit tests of the changed models, then an incremental run of them and their children
over a landed city with faults. Its tables must be those of the unmutated project, which `tests/standin/test_parity.py`
holds to the oracle. All mutants are found in the SQL; the sample is seeded and spread evenly over the files. What is no
valid SQL on Redshift is replaced by another.

| | |
|---|---|
| mutants (seed {seed}, {files} files) | {len(verdicts)} |
| caught by a unit test | {counts["unit"]} |
| caught by the landed city | {counts["fixture"]} |
| survivors that are equivalent | {equivalent} |
| survivors that are gaps | {counts["survived"] - equivalent} |
| **caught of those that are not equivalent** | **{100 * share:.1f} %** |
| drawn, but not valid SQL | {unmade} |
| minutes | {seconds / 60:.0f} |

## Survivors

""" + ("\n".join(survivors) or "None.\n")
    return text, share


if __name__ == "__main__":
    raise SystemExit(main())
