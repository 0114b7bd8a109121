"""What a payload becomes: a raw row, or a dead letter with its reason; the fast and the exact way agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import decode as decoding
from ingest.contract import Column, Topic, load_contract
from ingest.decode import decode, decode_one
from ingest.values import Misfit, Reason, parse_time

TOPIC = Topic(
    "things",
    (
        Column("id", "varchar(8)", required=True),
        Column("at", "timestamp", required=True),
        Column("n", "integer", required=True),
        Column("big", "bigint"),
        Column("x", "double"),
        Column("flag", "boolean"),
        Column("note", "varchar(4)"),
    ),
    topic="things",
    key="id",
)
GOOD = {"id": "a", "at": "2026-01-01T08:00:00.123Z", "n": 5}


def payload(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def raw(members: str) -> bytes:
    """GOOD without its closing brace, then `members` as they are."""
    return payload()[:-1] + b", " + members.encode() + b"}"


BAD: list[tuple[bytes | None, str, str | None]] = [
    (None, "null_payload", None),
    (b"", "null_payload", None),
    (b"\xff\xfe{}", "not_utf8", None),
    (payload(note="zz").replace(b"zz", b"\xc3("), "not_utf8", None),
    (payload(note="zz").replace(b"zz", b"\xed\xa0\x80"), "not_utf8", None),
    (b" ", "not_json", None),
    (b"nonsense", "not_json", None),
    (payload()[:-3], "not_json", None),
    (payload() + b"x", "not_json", None),
    (payload() + payload(), "not_json", None),
    (payload() + b"}", "not_json", None),
    (payload().replace(b"}", b",}"), "not_json", None),
    (payload().replace(b'"', b"'"), "not_json", None),
    (b"\xef\xbb\xbf" + payload(), "not_json", None),
    (payload(note="zz").replace(b"zz", b"\x01"), "not_json", None),
    (payload(note="zz").replace(b"zz", b"\n"), "not_json", None),
    (raw('"x": 01'), "not_json", None),
    (raw('"x": .5'), "not_json", None),
    (raw('"x": 0x1F'), "not_json", None),
    (raw('"n": 6'), "not_json", "n"),
    (raw('"more": 1, "more": 2'), "not_json", "more"),
    (raw('"more": NaN'), "not_json", None),
    (b"[" * 100_000, "not_json", None),
    (b"[" + payload() + b"]", "not_object", None),
    (b"null", "not_object", None),
    (b'"text"', "not_object", None),
    (b"{}", "missing_field", "id"),
    (payload(id=None), "missing_field", "id"),
    (payload().replace(b'"n"', b'"N"'), "missing_field", "n"),
    (payload(id=7), "wrong_type", "id"),
    (payload(id=["a"]), "wrong_type", "id"),
    (payload(id={"a": 1}), "wrong_type", "id"),
    (payload(id=True), "wrong_type", "id"),
    (raw('"note": "\\ud800"'), "wrong_type", "note"),
    (payload(n="5"), "wrong_type", "n"),
    (payload(n=5.0), "wrong_type", "n"),
    (payload(n=True), "wrong_type", "n"),
    (payload(n=2**31), "wrong_type", "n"),
    (payload().replace(b"5}", b"5e0}"), "wrong_type", "n"),
    (payload(big=2**63), "wrong_type", "big"),
    (payload(big=-(2**63) - 1), "wrong_type", "big"),
    (payload(x="1.5"), "wrong_type", "x"),
    (payload(x="NaN"), "wrong_type", "x"),
    (raw('"x": NaN'), "wrong_type", "x"),
    (raw('"x": -Infinity'), "wrong_type", "x"),
    (raw('"x": 1e999'), "wrong_type", "x"),
    (raw('"x": 1' + "0" * 400), "wrong_type", "x"),
    (payload(flag=1), "wrong_type", "flag"),
    (payload(flag="true"), "wrong_type", "flag"),
    (payload(at=1767254400), "wrong_type", "at"),
    (payload(at="2026-01-01T08:00:00"), "wrong_type", "at"),
    (payload(at="2026-01-01 08:00:00Z"), "wrong_type", "at"),
    (payload(at="2026-01-01"), "wrong_type", "at"),
    (payload(at="2026-02-30T00:00:00Z"), "wrong_type", "at"),
    (payload(at="2026-01-01T24:00:00Z"), "wrong_type", "at"),
    (payload(at="2026-01-01T08:00:60Z"), "wrong_type", "at"),
    (payload(at="0000-01-01T00:00:00Z"), "wrong_type", "at"),
    (payload(at="0001-01-01T00:00:00+01:00"), "wrong_type", "at"),
    (payload(at="9999-12-31T23:59:59-01:00"), "wrong_type", "at"),
    (payload(at="2026-01-01T08:00:00+25:00"), "wrong_type", "at"),
    (payload(at="2026-01-01T08:00:00+01:60"), "wrong_type", "at"),
    (payload(at="２０２６-01-01T08:00:00Z"), "wrong_type", "at"),  # noqa: RUF001  # full-width digits are meant
    (payload(at=" 2026-01-01T08:00:00Z"), "wrong_type", "at"),
    (payload(at="2026-01-01T08:00:00Z\n"), "wrong_type", "at"),
    (payload(at=""), "wrong_type", "at"),
    (payload(note="abcde"), "too_long", "note"),
    (payload(note="€€"), "too_long", "note"),  # two characters, six bytes
    (payload(more="x" * 65_536), "too_long", "_rescued"),
]

FITTING: list[tuple[bytes, dict[str, Any]]] = [
    (payload(), {}),
    (payload(note=None), {"note": None}),
    (b" \n" + payload() + b"\r\n", {}),
    (json.dumps(GOOD, indent=2).encode(), {}),
    (payload(n=-(2**31), big=2**63 - 1, x=1, flag=False, note="€"), 
     {"n": -(2**31), "big": 2**63 - 1, "x": 1.0, "flag": False, "note": "€"}),
    (raw('"x": 1E2'), {"x": 100.0}),
    (raw('"x": 1e-999'), {"x": 0.0}),
    (raw('"x": 9007199254740993'), {"x": 9007199254740992.0}),
    (raw('"note": "\\u20ac\\/"'), {"note": "€/"}),
    (raw('"note": ""'), {"note": ""}),
    (raw('"n\\u006fte": "k"'), {"note": "k"}),
    (payload(at="2026-01-01T08:00:00Z"), {"at": datetime(2026, 1, 1, 8, tzinfo=UTC)}),
    (payload(at="2026-01-01T08:00:00+00:00"), {"at": datetime(2026, 1, 1, 8, tzinfo=UTC)}),
    (payload(at="2026-01-01T08:00:00.5+05:30"), {"at": datetime(2026, 1, 1, 2, 30, 0, 500_000, UTC)}),
    (payload(at="2026-01-01T08:00:00.123456789Z"), {"at": datetime(2026, 1, 1, 8, 0, 0, 123_456, UTC)}),
    (payload(at="0001-01-01T00:00:00Z"), {"at": datetime(1, 1, 1, tzinfo=UTC)}),
    (payload(at="9999-12-31T23:59:59.999999Z"), {"at": datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)}),
    (raw('"more": 1.10'), {"_rescued": '{"more":1.10}'}),
    (raw('"more": null'), {"_rescued": '{"more":null}'}),
    (raw('"mor\\u0065": null'), {"_rescued": '{"mor\\u0065":null}'}),
    (raw('"a": {"x": [1, "}"]}, "x": 2, "b": "\\ud800"'),
     {"x": 2.0, "_rescued": '{"a":{"x": [1, "}"]},"b":"\\ud800"}'}),
    (raw('"number": ' + "9" * 400), {"_rescued": '{"number":' + "9" * 400 + "}"}),
]  # fmt: skip


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


def test_rescued_fields_fit_their_column() -> None:
    (rescued,) = (column for column in load_contract().landing_columns if column.name == "_rescued")
    assert rescued.max_bytes == decoding.RESCUED_MAX_BYTES


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


@settings(max_examples=150, deadline=None)
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
