"""The report of a torture: docs/torture.md for readers, torture.json for who wants the figures."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.jars import COORDINATES
from testbed.torture.bucket_points import IN_A_BUCKET
from testbed.torture.points import COMPACTING, EVERYWHERE, EXPIRING, LANDING
from testbed.torture.run import Outcome
from testbed.torture.troubles import EXPECTED, Seen

_WORDS = """\
# Landing under fire: what `make torture` found

This page is written by `python -m testbed.torture{flags}`; [its own page](../testbed/torture/README.md) has how to run
it, how to read this one, and what it does not prove. It kills the landing job, compaction, `expire` and the broker
(SIGKILL) while events arrive, hurts what landing depends on (*Troubles*), and reckons afterwards. The events are a
simulated city's, with malformed, duplicated and incomplete ones among them, sent by an idempotent producer that waits
for all acknowledgements.

At the end the topics are read from the broker: each record that Kafka confirmed must be at its place with its key,
bytes and timestamp, and any other must repeat a confirmed one (a broker that is killed before it has written down whose
batch it took holds the batch twice when the producer sends it again). What landed must be exactly what the topics hold.

While the job runs and dies, DuckDB reads the folders and pyarrow the catalog's files: no row may be there twice, none
may go, no published file may change. At the end each record of the topics is compared with its raw row, field by field,
or with the bytes of its dead letter; SHA-256 over all of them, in order, must be the same on both sides.
{bucket}
"""
_BUCKET = """
The landing folder is in a bucket of versitygw, behind a proxy that answers 409, 429, 500 or 503, resets and cuts
connections and is slow, before the store has done what it was asked or after. Readers see the files of the disk that
versitygw keeps objects on.
"""


@dataclass(frozen=True)
class Demand:
    """What a torture must have done at least to count."""

    events: int
    kills: int
    broker_kills: int
    lost_checkpoints: int
    troubles: int = 0


def name_of(requests: Mapping[str, int]) -> str:
    """The report's name: of a torture on a disk, or of one in a bucket, which has counted requests."""
    return "torture-bucket" if requests else "torture"


def figures(
    outcomes: Mapping[int, Outcome], demand: Demand, seconds: float, requests: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """All figures; `passed` says whether nothing was lost, twice or changed, and enough was killed.

    `requests`: to a bucket, and what the proxy before it did to some of them.
    """
    there = IN_A_BUCKET if requests else EVERYWHERE
    names = [name for name in LANDING | COMPACTING | EXPIRING if name in there]
    kills: Counter[str] = sum((outcome.kills for outcome in outcomes.values()), Counter())
    points: Counter[str] = sum((outcome.points for outcome in outcomes.values()), Counter())
    ended: Counter[str] = sum((outcome.ended_itself for outcome in outcomes.values()), Counter())
    troubles = {
        kind: sum((o.troubles[kind] for o in outcomes.values() if kind in o.troubles), Seen()) for kind in EXPECTED
    }
    found = {
        "events": sum(outcome.kafka.confirmed for outcome in outcomes.values()),
        "sent_twice_by_a_retry": sum(outcome.kafka.repeated for outcome in outcomes.values()),
        "records_in_the_topics": sum(outcome.reckoning.held for outcome in outcomes.values()),
        "raw_rows": sum(outcome.reckoning.rows for outcome in outcomes.values()),
        "dead_letters": sum(outcome.reckoning.dead_letters for outcome in outcomes.values()),
        "kills": kills.total(),
        "kills_by_kind": dict(kills.most_common()),
        "lost_checkpoints": sum(outcome.lost_checkpoints for outcome in outcomes.values()),
        "broker_kills": sum(outcome.broker_kills for outcome in outcomes.values()),
        "points_reached": len([name for name in names if points[name]]),
        "points": len(names),
        "troubles": sum(seen.times for seen in troubles.values()),
        "troubles_by_kind": {kind: vars(seen) for kind, seen in troubles.items() if seen.times},
        "lost": sum(outcome.reckoning.lost for outcome in outcomes.values()),
        "twice": sum(outcome.reckoning.twice for outcome in outcomes.values()),
        "changed": sum(outcome.reckoning.changed for outcome in outcomes.values()),
        "faults_seen_by_readers": [fault for outcome in outcomes.values() for fault in outcome.faults],
        "faults_of_the_ledger": [fault for outcome in outcomes.values() for fault in outcome.reckoning.ledger_faults],
        "looks_by_readers": sum(outcome.looks for outcome in outcomes.values()),
        "published_files": sum(outcome.files for outcome in outcomes.values()),
        "digests": {str(seed): (o.reckoning.sent_digest, o.reckoning.landed_digest) for seed, o in outcomes.items()},
        "kills_at_points": {name: points[name] for name in names},
        "requests": dict(sorted((requests or {}).items())),
        "ended_by_itself": dict(ended.most_common()),
        "minutes": round(seconds / 60, 1),
        "seeds": list(outcomes),
        "versions": _versions(),
    }
    exact = all(outcome.reckoning.exact and not outcome.faults for outcome in outcomes.values())
    demanded = ("events", "kills", "broker_kills", "lost_checkpoints", "troubles")
    return {"passed": exact and all(found[name] >= getattr(demand, name) for name in demanded), **found}


def _versions() -> dict[str, str]:
    packages = ("pyspark", "pyarrow", "duckdb", "confluent-kafka")
    kafka = COORDINATES["broker"].split(":")[2].split("+")[0]
    return {"python": platform.python_version(), "cores": str(os.cpu_count()), "kafka": kafka} | {
        package: version(package) for package in packages
    }


def write(found: Mapping[str, Any], folder: Path, flags: str) -> None:
    """Write torture.md and torture.json."""
    folder.mkdir(parents=True, exist_ok=True)
    name = name_of(found["requests"])
    (folder / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    words = _WORDS.format(flags=flags, bucket=_BUCKET if found["requests"] else "")
    (folder / f"{name}.md").write_text(words + "".join(_tables(found)), encoding="utf-8")


def _tables(found: Mapping[str, Any]) -> list[str]:
    verdict = "passed" if found["passed"] else "FAILED"
    first = {
        "events confirmed by Kafka, over seeds " + ", ".join(map(str, found["seeds"])): found["events"],
        "sent twice by the producer's retry over a kill of the broker": found["sent_twice_by_a_retry"],
        "records that the topics hold": found["records_in_the_topics"],
        "landed as raw rows": found["raw_rows"],
        "landed as dead letters": found["dead_letters"],
        "**lost**": found["lost"],
        "**twice**": found["twice"],
        "changed on the way": found["changed"],
        "faults seen by readers, of the ledger": len(found["faults_seen_by_readers"] + found["faults_of_the_ledger"]),
        "looks by DuckDB and pyarrow": found["looks_by_readers"],
        "published files watched": found["published_files"],
        "kills of landing, compaction, expiry": found["kills"],
        "of these together with a lost checkpoint": found["lost_checkpoints"],
        "kills of the broker": found["broker_kills"],
        "lives with a trouble": found["troubles"],
        "named points at which a job died": f"{found['points_reached']} of {found['points']}",
        "minutes": found["minutes"],
    }
    lines = [f"Verdict: **{verdict}**.\n\n| | |\n|---|--:|\n"]
    lines += [f"| {name} | {value:,} |\n" if isinstance(value, int) else f"| {name} | {value} |\n"
              for name, value in first.items()]  # fmt: skip
    if found["requests"]:
        lines += [
            "\n## Requests\n\nTo the bucket, and what the proxy did to some of them.\n\n| what | requests |\n",
            "|---|--:|\n",
        ]
        lines += [f"| {what} | {count:,} |\n" for what, count in found["requests"].items()]
    lines += _troubles(found["troubles_by_kind"])
    lines += ["\n## Kills by kind\n\n| kind | kills |\n|---|--:|\n"]
    lines += [f"| {kind} | {count} |\n" for kind, count in found["kills_by_kind"].items()]
    lines += [
        "\n## Kills by point\n\nThe points are those of `testbed/torture/points.py`.\n\n| point | kills |\n|---|--:|\n"
    ]
    lines += [f"| {point} | {count} |\n" for point, count in found["kills_at_points"].items()]
    if found["ended_by_itself"]:
        lines += ["\n## What jobs said that ended by themselves\n\nThe broker was away. They were started again.\n\n"]
        lines += ["| sentence | times |\n|---|--:|\n"]
        lines += [f"| {' '.join(said.split())[:300]} | {count} |\n" for said, count in found["ended_by_itself"].items()]
    lines += ["\n## SHA-256 of what the topics hold and of what landed\n\n| seed | topics | landed |\n|---|---|---|\n"]
    lines += [f"| {seed} | `{sent}` | `{landed}` |\n" for seed, (sent, landed) in found["digests"].items()]
    lines += ["\n" + ", ".join(f"{name} {number}" for name, number in found["versions"].items()) + "\n"]
    return lines


def _troubles(kinds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not kinds:
        return []
    lines = [
        "\n## Troubles\n\nEach is a life of the landing job. It is killed when it has landed all that was sent until "
        "the trouble ended;\non the slow disk, in the midst of it. A restart is a job that ended by itself.\n\n"
        "| trouble | lives | done to it | expected | restarts | topics taken up again | all landed, seconds later |\n"
        "|---|--:|---|---|--:|--:|--:|\n"
    ]
    for kind, seen in kinds.items():
        done = ", ".join(f"{count:,} {what}" for what, count in seen["injected"].items())
        later = f"{min(seen['caught_up']):.1f} to {max(seen['caught_up']):.1f}" if seen["caught_up"] else ""
        cells = [kind, seen["times"], done, EXPECTED[kind], seen["restarts"], seen["taken_up"], later]
        lines.append("| " + " | ".join(map(str, cells)) + " |\n")
    said = {(kind, text): count for kind, seen in kinds.items() for text, count in seen["said"].items()}
    if said:
        lines += [
            "\nWhat the job said of a topic that it took up again:\n\n| trouble | sentence | times |\n|---|---|--:|\n"
        ]
        lines += [f"| {kind} | {' '.join(text.split())} | {count} |\n" for (kind, text), count in said.items()]
    return lines
