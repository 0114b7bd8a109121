"""A schedule's pieces: nothing of a city is lost, offsets are as Kafka gives them, and the world is unkind."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testbed.schedules.pieces import DEAD_LETTER, Piece, cut

TOPICS = {"weather": 50, "vehicle-telemetry": 4000, "traffic-sensors": 6000}
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _sent(topic: str, number: int) -> dict[str, Any]:
    time = START + timedelta(seconds=number)
    value = {"event_id": f"{topic}-{number}", "event_time": time.isoformat()}
    key = f"{topic}-{number % 30}".encode()
    timestamp = int(time.timestamp()) * 1_000_000
    return {"partition": 9, "offset": 9, "timestamp": timestamp, "key": key, "value": json.dumps(value).encode()}


def _cut(seed: int, pieces: int = 6) -> list[Piece]:
    records = {topic: [_sent(topic, number) for number in range(count)] for topic, count in TOPICS.items()}
    return cut(records, random.Random(seed), 3000, pieces)


@pytest.fixture(scope="module")
def drawn() -> list[Piece]:
    return _cut(1)


def test_a_seed_says_it_all(drawn: list[Piece]) -> None:
    assert _cut(1) == drawn
    assert _cut(2) != drawn


def test_each_piece_has_the_offsets_behind_those_of_the_piece_before(drawn: list[Piece]) -> None:
    for topic in TOPICS:
        nexts = Counter[int]()
        for piece in drawn:
            for row in piece.rows[topic]:
                assert row["offset"] == nexts[row["partition"]]
                nexts[row["partition"]] += 1
        assert len(nexts) > 1


def test_rare_topics_are_whole_and_all_have_no_more_than_the_events(drawn: list[Piece]) -> None:
    values = [row["value"] for piece in drawn for row in piece.rows["weather"]]
    ids = {json.loads(value)["event_id"] for value in values if value != DEAD_LETTER}
    assert any(event_id.endswith(" ") for event_id in ids)
    assert {event_id.rstrip() for event_id in ids} == {f"weather-{number}" for number in range(TOPICS["weather"])}
    assert 2000 < sum(len(rows) for piece in drawn for rows in piece.rows.values()) <= 3300


def test_records_are_late_twice_and_out_of_order(drawn: list[Piece]) -> None:
    times, identities, order = [], Counter[tuple[str, str]](), []
    for number, piece in enumerate(drawn):
        for row in piece.rows["vehicle-telemetry"]:
            if row["value"] == DEAD_LETTER:
                continue
            said = json.loads(row["value"])
            time = datetime.fromisoformat(said["event_time"])
            times.append(datetime.fromtimestamp(row["timestamp"] / 1e6, UTC) - time)
            identities[said["event_id"], said["event_time"]] += 1
            order.append((number, time))
    assert max(times) > timedelta(days=6)
    assert min(times) < -timedelta(minutes=59)
    assert sum(late > timedelta(days=1) for late in times) > 10
    assert max(identities.values()) > 1
    assert len({event for event, _ in identities}) < len(identities)  # the same id at another time
    assert max(time for number, time in order if number == 0) > min(time for number, time in order if number == 5)
    assert order != sorted(order)


def test_some_pieces_lack_a_topic() -> None:
    lacking = sum(not rows for seed in range(5) for piece in _cut(seed) for rows in piece.rows.values())
    assert 0 < lacking < 5 * 6 * len(TOPICS)


def test_some_pieces_are_a_topics_dead_letter_only() -> None:
    parts = [rows for seed in range(5) for piece in _cut(seed) for rows in piece.rows.values()]
    assert any([row["value"] for row in rows] == [DEAD_LETTER] for rows in parts)


def test_a_topic_lands_later_and_later_but_topics_overtake_each_other() -> None:
    overtakes = 0
    for seed in range(5):
        clock, newest = START, dict.fromkeys(TOPICS, START - timedelta(days=1))
        for piece in _cut(seed):
            clock += piece.after
            overtakes += any(clock - late < max(newest.values()) for late in piece.late.values())
            for topic in (topic for topic in TOPICS if piece.rows[topic]):
                assert clock - piece.late[topic] > newest[topic]
                newest[topic] = clock - piece.late[topic]
    assert overtakes > 0


def test_some_files_are_hidden_and_some_clocks_of_landing_go_ahead() -> None:
    pieces = [piece for seed in range(20) for piece in _cut(seed)]
    assert 0 < sum(bool(piece.hidden) for piece in pieces) < len(pieces) / 2
    assert {runs for piece in pieces for runs in piece.hidden.values()} == {1, 2, 3}
    ahead = [piece.ahead for piece in pieces if piece.ahead]
    assert 2 < len(ahead) < 16
    assert max(ahead) <= timedelta(hours=5)
