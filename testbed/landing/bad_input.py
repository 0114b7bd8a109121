"""Kinds of bad input to the topic sensors-sample: each name says what is odd, each outcome what landing makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

GOOD = {"event_id": "e", "event_time": "2026-01-01T08:00:00.123Z", "car_id": "c", "speed": 90, "rpm": 3000, "gear": 3}


@dataclass(frozen=True)
class Kind:
    """A record and its outcome: `reason` None is a raw row, which has the values in `row`."""

    name: str
    value: bytes | None
    reason: str | None = None
    field: str | None = None
    row: tuple[tuple[str, Any], ...] = ()
    key: bytes | None = b"c"
    timestamp_ms: int | None = None  # of the Kafka record; None is the producer's clock


def _sample(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def _with(members: bytes) -> bytes:
    return _sample()[:-1] + b", " + members + b"}"


def _without(field: str) -> bytes:
    return json.dumps({name: value for name, value in GOOD.items() if name != field}).encode()


def _nested(depth: int) -> bytes:
    return _with(b'"more": ' + b"[" * depth + b"]" * depth)


def _rescued(text: str) -> tuple[tuple[str, Any], ...]:
    return (("_rescued", text),)


PAYLOADS = [
    Kind("empty", b"", "null_payload"),
    Kind("null", None, "null_payload"),
    Kind("blank", b" \t\r\n", "not_json"),
    Kind("zero bytes", b"\0" * 64, "not_json"),
    Kind("not UTF-8", b"\xff\xfe\xfa", "not_utf8"),
    Kind("UTF-16", json.dumps(GOOD).encode("utf-16"), "not_utf8"),
    Kind("Latin-1 in a text", _sample(car_id="zz").replace(b"zz", b"\xe9"), "not_utf8"),
    Kind("a byte-order mark", b"\xef\xbb\xbf" + _sample(), "not_json"),
    Kind("truncated", _sample()[:-9], "not_json"),
    Kind("no JSON", b"speed=90;gear=3", "not_json"),
    Kind("Avro's magic byte and id first", b"\0\0\0\0\x07" + _sample(), "not_json"),
    Kind("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "not_utf8"),
    Kind("two objects in one", _sample() + _sample(), "not_json"),
    Kind("duplicate keys", _with(b'"gear": 4'), "not_json", "gear"),
    Kind("duplicate keys that steer a terminal", _with(b'"\\u001b[2J": 1, "\\u001b[2J": 2'), "not_json", "?[2J"),
    Kind("a control character in a text", _sample(car_id="zz").replace(b"zz", b"\x07"), "not_json"),
    Kind("an escaped control character", _with(b'"more": "\\u0007"'), row=_rescued('{"more":"\\u0007"}')),
    Kind("nested too deep", _nested(5_000), "not_json"),
    Kind("nested deep enough to break a parser", _nested(400_000), "not_json"),
    Kind("nested deep", _nested(50), row=_rescued('{"more":' + "[" * 50 + "]" * 50 + "}")),
    Kind("an array", b"[" + _sample() + b"]", "not_object"),
    Kind("a bare number", b"90", "not_object"),
    Kind("JSON null", b"null", "not_object"),
    Kind("an empty object", b"{}", "missing_field", "event_id"),
    Kind("missing required", _without("rpm"), "missing_field", "rpm"),
    Kind("null required", _sample(rpm=None), "missing_field", "rpm"),
    Kind("wrong case of a name", _sample().replace(b'"rpm"', b'"RPM"'), "missing_field", "rpm"),
    Kind("wrong type", _sample(speed=[90]), "wrong_type", "speed"),
    Kind("number as text", _sample(speed="90"), "wrong_type", "speed"),
    Kind("text as number", _sample(car_id=7), "wrong_type", "car_id"),
    Kind("true for a number", _sample(gear=True), "wrong_type", "gear"),
    Kind("a fraction for an integer", _sample(gear=3.5), "wrong_type", "gear"),
    Kind("an integer beyond 32 bits", _sample(rpm=2**40), "wrong_type", "rpm"),
    Kind("an integer of 5,000 digits", _sample(rpm=0).replace(b"0,", b"9" * 5_000 + b","), "not_json"),
    Kind("NaN", _sample(speed=float("nan")), "wrong_type", "speed"),
    Kind("Infinity", _sample(speed=float("-inf")), "wrong_type", "speed"),
    Kind("NaN in an unknown field", _with(b'"more": NaN'), "not_json"),
    Kind("1e400", _sample().replace(b"90", b"1e400"), "wrong_type", "speed"),
    Kind("1e400 in an unknown field", _with(b'"more": 1e400'), row=_rescued('{"more":1e400}')),
    Kind("a text too long", _sample(car_id="c" * 33), "too_long", "car_id"),
    Kind("a text too long in bytes only", _sample(car_id="é" * 17), "too_long", "car_id"),
    Kind("a field of 900 kB", _sample(car_id="c" * 900_000), "too_long", "car_id"),
    Kind("an unknown field of 900 kB", _sample(more="c" * 900_000), "too_long", "_rescued"),
    Kind("U+0000 in a text", _sample(car_id="c\0"), "wrong_type", "car_id"),
    Kind("half a surrogate pair", _sample(car_id="zz").replace(b"zz", b"\\ud83d"), "wrong_type", "car_id"),
    Kind("time without offset", _sample(event_time="2026-01-01T08:00:00"), "wrong_type", "event_time"),
    Kind("time as a number", _sample(event_time=1767254400), "wrong_type", "event_time"),
    Kind("a day that is none", _sample(event_time="2026-02-30T08:00:00Z"), "wrong_type", "event_time"),
    Kind("a year of five digits", _sample(event_time="12026-01-01T08:00:00Z"), "wrong_type", "event_time"),
    Kind("a time in the future", _sample(event_time="9999-12-31T23:59:59Z")),
    Kind("an ancient time", _sample(event_time="0001-01-01T00:00:00Z")),
    Kind("a non-UTC offset", _sample(event_time="2026-01-01T08:00:00+05:45")),
    Kind("unknown fields", _with(b'"b": 1.10, "a": {"x": "}"}'), row=_rescued('{"b":1.10,"a":{"x": "}"}}')),
    Kind("a field named like landing's own", _with(b'"_kafka_offset": -1'), row=_rescued('{"_kafka_offset":-1}')),
    Kind("absurd but of the right type", _sample(gear=-7), row=(("gear", -7),)),
]  # fmt: skip
KEYS = [
    Kind("a null key", _sample(), key=None),
    Kind("an empty key", _sample(), key=b""),
    Kind("a key that is not UTF-8", _sample(), key=b"\xff\0\xfe"),
    Kind("a key that is not the field", _sample(), key=b"another car"),
    Kind("a key of 100 kB", _sample(), key=b"k" * 100_000),
    Kind("no value and a key that is not UTF-8", None, "null_payload", key=b"\xff\0\xfe"),
    Kind("a Kafka timestamp of 1970", _sample(), timestamp_ms=1),
]
KINDS = PAYLOADS + KEYS
