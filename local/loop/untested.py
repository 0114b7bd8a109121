"""Which data tests have not seen what the loop's runs wrote, in pieces: while tests run, no new row reaches a mart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dbt.contracts.graph.manifest import Manifest

_ALWAYS = ("landed_batches", "dead_letters")  # tables of the source raw that every landing can change
AUDIT = "int_landing_hours"  # reads all rows of the landing hour: it is made with the tests that ask it
_AT_ONCE = 32  # tests of a piece: two to three seconds beside landing on two cores


@dataclass
class Piece:
    """Some data tests, by name, each with all that is above it; the topics whose new rows they have to see; and whether
    such rows may have been written, or a run has only tried."""

    tests: Mapping[str, frozenset[str]]
    topics: set[str] = field(default_factory=set)
    wrote: bool = False


class Untested:
    """The project's data tests in pieces, which take turns. `tables` has the raw table of each Kafka topic."""

    def __init__(self, tables: Mapping[str, str]) -> None:
        self._tables = tables
        self._never_fresher: frozenset[str] = frozenset()
        self.pieces: list[Piece] = []

    @property
    def pending(self) -> bool:
        """Whether a piece has something to see."""
        return any(piece.topics for piece in self.pieces)

    @property
    def wrote(self) -> bool:
        """Whether rows may have been written that a piece has not seen."""
        return any(piece.wrote for piece in self.pieces)

    def cut(self, manifest: Manifest) -> None:
        """Take the tests of a project that was just parsed; all have to see what some of the old ones had to."""
        topics, wrote = {topic for piece in self.pieces for topic in piece.topics}, self.wrote
        tests = _tests(manifest)
        names = sorted(tests, key=lambda name: (not _asks_audit(tests[name]), name))  # the audit is made for one piece
        cut = (names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE))
        self.pieces = [Piece({name: tests[name] for name in some}) for some in cut]
        fresh = {id for id, source in manifest.sources.items() if source.has_freshness}
        self._never_fresher = frozenset(name for name, above in tests.items() if not above & fresh)
        self.add(topics, wrote)

    def add(self, topics: Iterable[str], wrote: bool) -> None:
        """Something new of these topics was built, or only tried."""
        raw = {topic: self._raw([topic]) for topic in topics}
        for piece in self.pieces:
            above = frozenset().union(*piece.tests.values())
            below = {topic for topic in topics if above & raw[topic]}
            piece.topics |= below
            piece.wrote |= wrote and bool(below)

    def turn(self, of_all: bool) -> list[Piece]:
        """The piece whose turn it is, or all that have something to see."""
        waiting = sorted((piece for piece in self.pieces if piece.topics), key=lambda piece: not piece.wrote)
        return waiting if of_all else waiting[:1]

    def selection(self, pieces: Iterable[Piece]) -> list[str]:
        """What `dbt build --select` takes for them: the tests below their topics, and the audit if these ask it."""
        chosen: dict[str, frozenset[str]] = {}
        for piece in pieces:
            raw = self._raw(piece.topics)
            chosen |= {name: above for name, above in piece.tests.items() if above & raw}
        return [*chosen, *([AUDIT] if any(map(_asks_audit, chosen.values())) else [])]

    def seen(self, pieces: Iterable[Piece]) -> None:
        """These have passed over all that there was: their next turn is after the others."""
        for piece in pieces:
            piece.topics, piece.wrote = set(), False
            self.pieces.remove(piece)
            self.pieces.append(piece)

    def refreshed(self, topics: Iterable[str]) -> None:
        """A refresh has built these topics and tested what is below fresher sources: all but the tests of sources that
        have no freshness."""
        self.seen([*self.pieces])
        for piece in self.pieces:
            above = frozenset().union(*(piece.tests[name] for name in piece.tests.keys() & self._never_fresher))
            piece.topics = {topic for topic in topics if above & self._raw([topic])}
            piece.wrote = bool(piece.topics)

    def _raw(self, topics: Iterable[str]) -> frozenset[str]:
        return frozenset(f"source.junction.raw.{table}" for table in raw_tables(self._tables, topics))


def raw_tables(tables: Mapping[str, str], topics: Iterable[str]) -> list[str]:
    """The tables of the source raw to which a landing of these topics can add rows; `tables` has each topic's own."""
    return [*sorted(tables[topic] for topic in topics if topic in tables), *_ALWAYS]


def _tests(manifest: Manifest) -> dict[str, frozenset[str]]:
    """Each data test's name, with the unique ids of all nodes above it."""
    known: dict[str, frozenset[str]] = {}

    def above(unique_id: str) -> frozenset[str]:
        if unique_id not in known:
            node = manifest.nodes.get(unique_id)
            parents = node.depends_on_nodes if node else []
            known[unique_id] = frozenset(parents).union(*map(above, parents))
        return known[unique_id]

    return {node.name: above(node.unique_id) for node in manifest.nodes.values() if node.resource_type == "test"}


def _asks_audit(above: frozenset[str]) -> bool:
    return f"model.junction.{AUDIT}" in above
