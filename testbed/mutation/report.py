"""Writes docs/mutation.md: the figures of each sample, and its survivors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local import paths
from testbed.mutation.check import Verdict
from testbed.mutation.equivalent import EQUIVALENT

_KEPT = "## What the samples found"  # from here on the page is written by hand
_ABOUT = """# Mutation check

`make mutation` changes one operator or constant at a time, of a model or of a macro of row rules, hours or exact
arithmetic, and looks whether a test notices: first the unit tests of the changed models, then an incremental run of
them and their children over a landed city with faults and late events far away, and a rebuild of some hours. The tables
must be those of the unmutated project, which `tests/warehouse/redshift/test_parity.py` holds to the oracle; a query
that does not end is noticed too. All mutants are found in the SQL, none is picked by hand; a sample is seeded and
spread evenly over the files, and the second holds none of the first. A mutant that is no valid SQL on Redshift is
replaced by another. Each verdict is kept below `var/mutation` as it comes: a check that was stopped goes on.
[testbed/mutation](../testbed/mutation/README.md) has how to run it, how to read this page, and what it does not prove.

Left out: macros that run on Spark only (`spark__…`), since the check runs on the Redshift stand-in; staging, `clean`
and `quarantine`, views of one condition that would flatter the figure; longer reaches, which only repeat work.

"""


@dataclass(frozen=True)
class Sample:
    """The verdicts on the mutants of one seed; those of `none` are not counted."""

    seed: int
    verdicts: list[Verdict]

    @property
    def counted(self) -> list[Verdict]:
        """Those that are valid SQL."""
        return [verdict for verdict in self.verdicts if verdict.outcome != "none"]

    @property
    def survivors(self) -> list[Verdict]:
        """Those that no test caught, equivalent or not."""
        return [verdict for verdict in self.verdicts if verdict.outcome == "survived"]

    @property
    def share(self) -> float:
        """Caught of those that are not equivalent."""
        missed = sum(why(verdict) is None for verdict in self.survivors)
        caught = len(self.counted) - len(self.survivors)
        return caught / max(1, caught + missed)


def why(verdict: Verdict) -> str | None:
    """Why a survivor is equivalent, None if it is a gap."""
    return EQUIVALENT.get((verdict.mutant.file, _lines(verdict)[2]))


def write(path: Path, samples: list[Sample]) -> None:
    """Write the page; what stands below its heading _KEPT stays."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = before[before.index(_KEPT) :] if _KEPT in before else f"{_KEPT}\n"
    path.write_text(f"{_ABOUT}{_table(samples)}\n## Survivors\n\n{_survivors(samples)}\n{kept}", encoding="utf-8")


def _table(samples: list[Sample]) -> str:
    counts = [Counter(verdict.outcome for verdict in sample.verdicts) for sample in samples]
    equivalent = [sum(why(verdict) is not None for verdict in sample.survivors) for sample in samples]
    rows: dict[str, Sequence[object]] = {
        "files": [len({verdict.mutant.file for verdict in sample.counted}) for sample in samples],
        "mutants": [len(sample.counted) for sample in samples],
        "caught by a unit test": [count["unit"] for count in counts],
        "caught by the landed city": [count["fixture"] for count in counts],
        "survivors that are equivalent": equivalent,
        "survivors that are gaps": [count["survived"] - same for count, same in zip(counts, equivalent, strict=True)],
        "**caught of those that are not equivalent**": [f"**{100 * sample.share:.1f} %**" for sample in samples],
        "drawn, but not valid SQL": [count["none"] for count in counts],
        "minutes": [f"{sum(verdict.seconds for verdict in sample.verdicts) / 60:.0f}" for sample in samples],
    }
    head = "".join(f" sample {sample.seed} |" for sample in samples)
    lines = [f"| {name} |" + "".join(f" {value} |" for value in values) for name, values in rows.items()]
    return "\n".join([f"| |{head}", "|---|" + "---|" * len(samples), *lines, ""])


def _survivors(samples: list[Sample]) -> str:
    told = [_told(sample, verdict) for sample in samples for verdict in sample.survivors]
    return "\n".join(told) or "None.\n"


def _told(sample: Sample, verdict: Verdict) -> str:
    number, before, after = _lines(verdict)
    reason = why(verdict)
    kind = f"Equivalent: {reason}" if reason else "A gap."
    where = f"Sample {sample.seed}: `{verdict.mutant.file}`, line {number}. {kind}"
    return f"{where}\n\n```diff\n- {before}\n+ {after}\n```\n"


def _lines(verdict: Verdict) -> tuple[int, str, str]:
    return verdict.mutant.lines((paths.PROJECT_DIR / verdict.mutant.file).read_text())
