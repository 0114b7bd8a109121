"""The loop on a terminal: topics, marts, the last run, the newest anomalies and alerts."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from local.loop.figures import Figures
from local.loop.runs import Runs
from local.progress import Progress

_KEPT = 6  # messages


class Screen(Progress):
    """Keeps what is said while a terminal shows the rest: the last messages, and how far the run is.

    Until the screen is `on` it prints, as elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on = False
        self.messages: deque[str] = deque(maxlen=_KEPT)
        self.step = ""

    def note(self, text: str) -> None:
        """Say how far it is."""
        self.step = text

    def _print(self, text: str) -> None:
        self.messages.append(f"{datetime.now(UTC):%H:%M:%S}  {text}")
        if not self.on:
            super()._print(text)


class Lines(Progress):
    """For a pipe or a log: phases only, since a line of each run follows."""

    def note(self, text: str) -> None:
        """Say nothing of a run's nodes."""


def rendered(figures: Figures, runs: Runs, screen: Screen, where: str) -> RenderableType:
    """All that is shown, as it is now."""
    left = Group(
        _topics(figures),
        _rows("Last anomalies", ("minute", "sensor", "road", "kind"), figures.anomalies),
        _rows("Last alerts", ("time", "car", "km/h", "rpm", "gear", "reasons"), figures.alerts),
    )
    both = Table.grid(padding=(0, 3))
    both.add_row(left, _marts(figures))
    said = Text("\n".join(map(shown, screen.messages)), style="dim")
    return Group(Text(f"Junction  {where}; Ctrl-C ends it"), Text(last_run(runs, screen.step)), both, said)


def last_run(runs: Runs, step: str = "") -> str:
    """The run that goes on, the last one, and until when the marts have what was landed."""
    parts, since, last, through = [], runs.running_since, runs.last, runs.through  # another thread changes them
    if since is not None:
        parts.append(f"a run for {time.monotonic() - since:.0f} s ({shown(step) or 'it begins'})")
    if last:
        what, done = ("tests after run", "passed") if last.tests else ("run", "is done")
        how = f"failed; what it left is tried again ({shown(last.failure)})" if last.failure else done
        parts.append(f"{what} {last.number} of {last.began:%H:%M:%S} {how}, {last.seconds:.1f} s")
    if runs.red and not (last and last.failure):
        parts.append(f"tests have failed and not passed since ({shown(runs.red)})")
    if through:
        waiting = ", ".join(sorted(runs.waiting))
        lacking = f", but for batches of {waiting} whose files raw lacks" if waiting else ""
        parts.append(f"marts have what landed until {through:%H:%M:%S} ({_ago(through)}){lacking}")
    return "; ".join(parts) or "no run so far"


def in_a_line(figures: Figures, runs: Runs) -> str:
    """The same for a log: the last run, and sums over all topics."""
    rate, lag = sum(topic.rate for topic in figures.topics), sum(topic.lag for topic in figures.topics)
    dead = sum(topic.landed.dead_letters for topic in figures.topics)
    silent = f"; the bucket does not answer: {shown(figures.trouble)}" if figures.trouble else ""
    return f"{last_run(runs)}; {rate:,.0f} records/s, {lag:,} not landed, {dead:,} dead letters{silent}"


def shown(value: object) -> str:
    """A value as a terminal may have it: what senders wrote can hold control characters."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else "".join(sign if sign.isprintable() else "?" for sign in str(value))


def _title(figures: Figures) -> str:
    silent = "" if figures.kafka_answers else " (Kafka does not answer)"
    return f"Topics{silent}" + (f" (the bucket does not answer: {shown(figures.trouble)})" if figures.trouble else "")


def _topics(figures: Figures) -> Table:
    table = _table(
        _title(figures),
        ("topic", ">records/s", ">not landed", ">rows", ">dead letters", ">landed"),
    )
    for topic in figures.topics:
        landed = topic.landed
        _add(table, (topic.name, f"{topic.rate:,.1f}", f"{topic.lag:,}", f"{landed.rows:,}",
                     f"{landed.dead_letters:,}", _ago(landed.newest)))  # fmt: skip
    return table


def _marts(figures: Figures) -> Table:
    table = _table("Marts", ("mart", ">rows", ">written"))
    for mart in figures.marts:
        _add(table, (mart.name, f"{mart.rows:,}", _ago(mart.built)))
    return table


def _rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    table = _table(title, columns)
    for row in rows:
        _add(table, row)
    return table


def _table(title: str, columns: Iterable[str]) -> Table:
    """A column whose name begins with `>` is of numbers."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left", no_wrap=True)
    return table


def _add(table: Table, values: Iterable[object]) -> None:
    table.add_row(*(Text(shown(value)) for value in values))  # Text: no markup in what others wrote


def _ago(at: datetime | None) -> str:
    if at is None:
        return ""
    seconds = max(0.0, (datetime.now(UTC) - at).total_seconds())
    return f"{seconds:.0f} s ago" if seconds < 600 else f"{seconds / 60:.0f} min ago"
