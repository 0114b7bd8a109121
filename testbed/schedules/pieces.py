"""What the world does to a city's records: thinned, late, copied, reordered, and cut into pieces to be landed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from testbed.city.pieces import PARTITIONS, Records, land_batch, numbered
from testbed.oracle.engine import project_contract
from testbed.schedules.hidden import Hidden

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
# A share of all records each: their way to Kafka in ms, and how far behind their turn they are landed (1: the whole).
LATENESS = [
    (0.76, (0, 0), 0.0),
    (0.08, (5 * MINUTE_MS, HOUR_MS), 0.1),
    (0.08, (HOUR_MS, DAY_MS), 0.5),
    (0.06, (DAY_MS, 7 * DAY_MS - HOUR_MS), 1.0),
    (0.01, (7 * DAY_MS - 2000, 7 * DAY_MS + 2000), 1.0),  # about the bound at which a time is no longer believed
    (0.01, (-HOUR_MS - 2000, -HOUR_MS + 2000), 0.0),
]
DEAD_LETTER = b"{"
HIDDEN_SHARE = 0.06  # of the batches: a raw file appears some runs later than the ledger's line
GAPS_S = [1, 40, 600, 1800, 3599, 3600, 7300]  # between two pieces: the same landing hour, the next, one left out


@dataclass(frozen=True)
class Piece:
    """What is landed at one time: `after` the piece before, and per topic the records with their offsets.

    `late`: how long before that a topic's job took the time of its batch, which is published only now. `ahead`: by how
    much the clock of landing is wrong from now on. `hidden`: for how many runs a file of a topic is not there yet.
    """

    after: timedelta
    rows: Records
    late: Mapping[str, timedelta] = field(default_factory=dict)
    ahead: timedelta = timedelta()
    hidden: Mapping[str, int] = field(default_factory=dict)

    def land(self, landing: Path, number: int, landed_at: datetime, hidden: Hidden | None = None) -> None:
        """Land it as each topic's batch `number`; a topic's clock may be some milliseconds behind."""
        contract, draw = project_contract(), random.Random(f"hidden {number}")
        hidden = hidden or Hidden(landing, landing.with_name("hidden"))
        for nth, topic in enumerate(contract.topics):
            if rows := self.rows.get(topic.topic):
                moment = landed_at + timedelta(milliseconds=71 * nth) - self.late.get(topic.topic, timedelta())
                with hidden.hiding(topic.table, self.hidden.get(topic.topic, 0), draw):
                    land_batch(contract, topic, landing, rows, number, moment)


def cut(records: Records, draw: random.Random, events: int, pieces: int) -> list[Piece]:
    """`events` or fewer of a city's records (with the copies), cut into pieces in an unkind way."""
    kept = _thinned(records, draw, int(events / 1.15))
    gaps = [timedelta(seconds=draw.choice(GAPS_S)) for _ in range(pieces)]
    cuts = {topic: _cut_topic(rows, draw, pieces) for topic, rows in kept.items()}
    for number in range(pieces - 1):  # nothing at all arrives, or nothing of a topic
        silent = draw.random() < 0.1
        for rows in cuts.values():
            if silent or draw.random() < 0.15:
                rows[number + 1] += rows[number]
                rows[number] = []
            elif rows[number] and draw.random() < 0.1:  # or nothing of it but dead letters
                rows[number + 1] += rows[number]
                rows[number] = [{**rows[number][0], "value": DEAD_LETTER}]
    wrong = draw.randrange(pieces) if draw.random() < 0.4 else None  # from then on landing's clock is hours ahead
    return [
        Piece(
            gaps[number],
            {topic: numbered(parts[number], parts[:number]) for topic, parts in cuts.items()},
            {topic: _late(draw, gaps, parts, number) for topic, parts in cuts.items()},
            timedelta(minutes=draw.randint(90, 300)) if number == wrong else timedelta(),
            {topic: draw.randint(1, 3) for topic in sorted(cuts) if draw.random() < HIDDEN_SHARE},
        )
        for number in range(pieces)
    ]


def _late(draw: random.Random, gaps: Sequence[timedelta], parts: Sequence[Any], number: int) -> timedelta:
    """Mostly not at all; never before the topic's batch before, which was landed less late or at all."""
    before = max((n for n in range(number) if parts[n]), default=number - 1)
    since = sum(gaps[before + 1 : number + 1], timedelta())
    return since * draw.random() if draw.random() < 0.4 else timedelta()


def _thinned(records: Records, draw: random.Random, most: int) -> dict[str, list[dict[str, Any]]]:
    """Rare topics whole; of a topic that has more than its share every nth record, of sensors some."""
    kept: dict[str, list[dict[str, Any]]] = {}
    left, topics = most, sorted(records, key=lambda topic: (len(records[topic]), topic))
    for nth, topic in enumerate(topics):
        rows, share = list(records[topic]), left // (len(topics) - nth)
        if len(rows) > share and topic == "traffic-sensors":
            keys = sorted({row["key"] for row in rows})
            chosen = set(draw.sample(keys, max(1, len(keys) * share // len(rows))))
            rows = [row for row in rows if row["key"] in chosen][:share]
        elif len(rows) > share:
            step = -(-len(rows) // share)
            rows = rows[draw.randrange(step) :: step]
        kept[topic] = rows
        left -= len(rows)
    return kept


def _cut_topic(rows: Sequence[dict[str, Any]], draw: random.Random, pieces: int) -> list[list[dict[str, Any]]]:
    cuts: list[list[dict[str, Any]]] = [[] for _ in range(pieces)]
    for nth, row in enumerate(rows):
        turn = nth / len(rows)
        for copy in range(1 + (draw.random() < 0.08) + (draw.random() < 0.03)):
            again = _again(row, draw) if copy else {**row, "partition": crc32(row["key"]) % PARTITIONS}
            delay_ms, behind = _lateness(draw)
            again["timestamp"] = row["timestamp"] + delay_ms * 1000
            place = draw.random() if copy else turn + draw.random() * behind + draw.gauss(0, 0.02)
            cuts[min(max(int(place * pieces), 0), pieces - 1)].append(again)
    for part in cuts:
        draw.shuffle(part)
    return cuts


def _lateness(draw: random.Random) -> tuple[int, float]:
    shares = [share for share, *_ in LATENESS]
    _, bounds, behind = draw.choices(LATENESS, shares)[0]
    return draw.randint(*bounds), behind


def _again(row: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """A copy, on any partition; one in eight says another time under the same id, one in eight has trailing blanks."""
    copy = {**row, "partition": draw.randrange(PARTITIONS)}
    change = draw.random()
    if change < 0.25:
        try:
            payload = json.loads(row["value"] or b"")
            if change < 0.125:
                return {**copy, "value": json.dumps(_with_blanks(payload, draw)).encode()}
            moved = timedelta(milliseconds=draw.choice([-1, 1, 1000, -60_000, HOUR_MS, -HOUR_MS, DAY_MS]))
            payload["event_time"] = (datetime.fromisoformat(payload["event_time"]) + moved).isoformat()
            copy["value"] = json.dumps(payload).encode()
        except (ValueError, TypeError, KeyError, AttributeError):  # a malformed payload stays as it is
            pass
    return copy


def _with_blanks(payload: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Behind each text; U+00A0 looks like a blank and is none."""
    texts = {name: text for name, text in payload.items() if isinstance(text, str) and name != "event_time"}
    return {**payload, **{name: text + draw.choice([" ", " ", "  ", "\u00a0"]) for name, text in texts.items()}}
