"""Payloads of a topic that has a column of each type: what does not fit and why, and what fits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from contract.model import Column, Topic

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
    (payload(note="\0"), "wrong_type", "note"),
    (payload(id="a\0"), "wrong_type", "id"),
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
