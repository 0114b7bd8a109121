"""What a seed stands for: a city, the pieces in which it arrives, and what happens to the runs in between."""

from __future__ import annotations

import contextlib
import io
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from testbed.city.pieces import city
from testbed.schedules.pieces import Piece, cut
from testbed.schedules.senders import wronged

FAULTS = ["--duplicated", "0.02", "--malformed", "0.01", "--missing-field", "0.005", "--unknown-field", "0.01"]
FAULTS += ["--impossible", "0.01", "--sensor-outage", "0.02"]
# A plain Monday, the end of a leap day, the end of a year.
STARTS = [datetime(2026, 3, 2, 6), datetime(2028, 2, 29, 22, 30), datetime(2026, 12, 31, 22)]
APART_H = [0, 3, 24, 7 * 24 - 1, 7 * 24]  # the second visit to the city begins so many hours after the first
KINDS = ["whole", "broken", "left_broken", "some", "range", "killed", "two"]


@dataclass(frozen=True)
class Step:
    """Pieces that are landed, and how the run after them goes: one of KINDS."""

    pieces: tuple[Piece, ...]
    kind: str


@dataclass(frozen=True)
class Schedule:
    """`rebuilt_after`: the step after which a range is built again and must have the same rows. `spans`: from when to
    when the city was simulated."""

    seed: int
    spans: tuple[tuple[datetime, datetime], ...]
    steps: tuple[Step, ...]
    rebuilt_after: int

    @property
    def pieces(self) -> list[Piece]:
        """All pieces, in the order in which they are landed."""
        return [piece for step in self.steps for piece in step.pieces]

    @property
    def events(self) -> int:
        """Records of all topics, with the copies."""
        return sum(len(rows) for piece in self.pieces for rows in piece.rows.values())


def drawn(seed: int, folder: Path, events: int, runs: int) -> Schedule:
    """The schedule of a seed: the same seed, events and runs give the same. The city is simulated into `folder`."""
    draw = random.Random(f"schedule {seed}")
    first = draw.choice(STARTS).replace(tzinfo=UTC) + timedelta(minutes=draw.choice([0, 0, 17, 59]))
    second = first + timedelta(hours=draw.choice(APART_H))
    hours = draw.choice([1.5, 2, 3])
    spans = tuple((start, start + timedelta(hours=hours)) for start in (first, second))
    records: dict[str, list[dict[str, object]]] = {}
    for nth, (start, _) in enumerate(spans):
        # Another life of the same city: the second says the ids of the first again, at other times.
        options = ["--seed", str(2 * seed + nth), "--start", start.isoformat(), "--hours", str(hours)]
        with contextlib.redirect_stdout(io.StringIO()):
            visit = city(folder / str(nth), *options, "--vehicles", str(draw.choice([1, 2])), *FAULTS)
        for topic, rows in wronged(visit.records, draw).items():
            records.setdefault(topic, []).extend(rows)
    counts = [draw.choice([1, 1, 2, 3]) for _ in range(runs)]
    pieces = cut(records, draw, events, sum(counts))
    kinds = _kinds(draw, runs)
    steps, taken = [], 0
    for count, kind in zip(counts, kinds, strict=True):
        steps.append(Step(tuple(pieces[taken : taken + count]), kind))
        taken += count
    return Schedule(seed, spans, tuple(steps), draw.randrange(runs))


def _kinds(draw: random.Random, runs: int) -> list[str]:
    """A model breaks in at least one run; what chooses some models or a range needs all to be there already."""
    kinds = [draw.choice(["broken", "left_broken"]), *draw.choices(KINDS, k=runs - 1)]
    draw.shuffle(kinds)
    if kinds[0] in ("some", "range", "two"):
        kinds[0] = "whole"
    return kinds
