"""What a payload becomes: a raw row, or a dead letter with its reason; the fast and the exact way agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.model import Column, Topic
from contract.reading import load_contract
from contract.values import Misfit, Reason, parse_time
from ingest.landing import decode as decoding
from ingest.landing.decode import decode, decode_one
from ingest.landing.rescue import RESCUED_MAX_BYTES
from testbed.landing.payloads import BAD, FITTING, TOPIC, payload, raw


def row(**changes: Any) -> dict[str, Any]:
    plain = dict.fromkeys([*(column.name for column in TOPIC.columns), "_rescued"])
    return plain | {"id": "a", "at": datetime(2026, 1, 1, 8, 0, 0, 123_000, UTC), "n": 5} | changes


def exactly(payloads: Sequence[bytes | None]) -> list[Any]:
    """Each payload's row or (reason, field), by the exact way."""
    outcomes: list[Any] = []
    for each in payloads:
        try:
            names = [*(column.name for column in TOPIC.columns), "_rescued"]
            outcomes.append(dict(zip(names, decode_one(TOPIC, each), strict=True)))
        except Misfit as misfit:
            outcomes.append((misfit.reason, misfit.field))
    return outcomes


def together(payloads: Sequence[bytes | None]) -> list[Any]:
    """The same by `decode`, which takes the fast way where it can."""
    table, indexes, dead_letters = decode(TOPIC, pa.array(payloads, pa.binary()))
    assert indexes.to_pylist() == sorted(indexes.to_pylist())
    found = dict(zip(indexes.to_pylist(), table.to_pylist(), strict=True))
    for letter in dead_letters:
        assert letter.index not in found
        found[letter.index] = (letter.reason, letter.field)
    return [found[index] for index in range(len(payloads))]


@pytest.mark.parametrize(("value", "reason", "field"), BAD, ids=lambda part: repr(part)[:50])
def test_what_does_not_fit_is_a_dead_letter(value: bytes | None, reason: str, field: str | None) -> None:
    assert exactly([value]) == [(reason, field)]


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0e5", "-1e-400"])
def test_zero_has_no_sign(text: str) -> None:
    """Else it would land with one or without, by what stands beside it."""
    payloads: list[bytes | None] = [raw(f'"x": {text}')]
    assert [str(found["x"]) for found in exactly(payloads) + together(payloads * 100)] == ["0.0"] * 101


@pytest.mark.parametrize(("value", "changes"), FITTING, ids=lambda part: repr(part)[:50])
def test_what_fits_is_a_row(value: bytes, changes: dict[str, Any]) -> None:
    assert exactly([value]) == [row(**changes)]


def test_every_reason_is_reached() -> None:
    assert {reason for _, reason, _ in BAD} == {reason.value for reason in Reason}


def test_no_fast_way_vouches_for_what_the_exact_one_refuses() -> None:
    """Each odd payload alone among many plain ones, so that the fast way is really taken and really tempted."""
    for odd in [value for value, _, _ in BAD] + [value for value, _ in FITTING]:
        batch = [*[payload(n=n) for n in range(50)], odd, *[payload(n=n) for n in range(50)]]
        assert together(batch) == exactly(batch), odd


def test_all_odd_payloads_together() -> None:
    batch = [value for value, _, _ in BAD for _ in range(40)] + [value for value, _ in FITTING for _ in range(40)]
    batch = batch[::7] + batch[::5] + batch[::3]
    assert together(batch) == exactly(batch)


def test_lines_cannot_shift() -> None:
    """Two values in one payload and none in another would keep the count and move every row between them."""
    batch = [payload(n=1) + payload(n=2), *[payload(n=n) for n in range(40)], b" ", b"", payload(n=99)]
    assert together(batch) == exactly(batch)


def test_the_fast_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[Any] = []

    def watched(topic: Topic, value: bytes | None) -> tuple[Any, ...]:
        slow.append(value)
        return decode_one(topic, value)

    monkeypatch.setattr(decoding, "decode_one", watched)
    batch: list[bytes | None] = [payload(n=n) for n in range(3000)]
    batch[1500], batch[2000] = payload(n="x"), raw('"more": 1')
    assert together(batch) == exactly(batch)
    assert len(slow) < 100


def test_rows_keep_their_order_over_many_windows() -> None:
    batch = [payload(n=n) for n in range(10_000)]
    table, indexes, _ = decode(TOPIC, pa.array(batch, pa.binary()))
    assert table["n"].to_pylist() == indexes.to_pylist() == list(range(10_000))


def test_rescued_fields_fit_their_column() -> None:
    (rescued,) = (column for column in load_contract().landing_columns if column.name == "_rescued")
    assert rescued.max_bytes == RESCUED_MAX_BYTES


def test_no_payloads_give_no_rows() -> None:
    table, indexes, dead_letters = decode(TOPIC, pa.array([], pa.binary()))
    assert (len(table), len(indexes), dead_letters) == (0, 0, [])


def test_binary_is_base64() -> None:
    topic = Topic("t", (Column("blob", "binary", required=True),), topic="t", key="blob")
    table, _, dead_letters = decode(topic, pa.array([b'{"blob": "AAE="}', b'{"blob": "A"}'], pa.binary()))
    assert table.to_pylist() == [{"blob": b"\x00\x01", "_rescued": None}]
    assert [(letter.index, letter.reason, letter.field) for letter in dead_letters] == [(1, "wrong_type", "blob")]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from([column.name for column in TOPIC.columns] + ["more", "_rescued", ""])
PAYLOADS = (
    st.dictionaries(NAMES, ANY_JSON, max_size=4).map(lambda changes: payload(**changes))
    | st.tuples(st.integers(0, 60), st.binary(max_size=3)).map(
        lambda at: payload()[: at[0]] + at[1] + payload()[at[0] :]
    )
    | st.just(payload())
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PAYLOADS, min_size=33, max_size=60))
def test_the_two_ways_agree(batch: list[bytes | None]) -> None:
    assert together(batch) == exactly(batch)


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_times_keep_their_instant(time: datetime) -> None:
    offset = time.utcoffset()
    assert offset is not None
    try:
        instant = time.astimezone(UTC)
    except OverflowError:
        return
    if offset % timedelta(minutes=1):  # ISO 8601 has no seconds in an offset
        return
    assert parse_time(time.isoformat()) == instant
