"""Kinds of hostile input: texts."""

from __future__ import annotations

import json
import unicodedata
from typing import Literal

from testbed.attack.case import Maker, Sent

_INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u202e\u202d\u2066\u2069\u00ad\u034f\u180e\u3164\u00a0\u2028\u2029\u0085\u2003"
)
_FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
_CODE = [
    "'; drop table junction.run_lock; --", "1' or '1'='1", "{{ config(enabled=false) }}", "{% do exit %}", "../../etc",
    "..\\..\\x", "%2F%2e%2e%2f", "%s%n%d", "${jndi:ldap://x}", "$(id)", "`id`", "<script>", "=1+1", "@SUM(1)", "\\N",
    "NULL", "null", "None", "nan", "a,b", 'a"b', "a\\b", "a\tb", "a\nb", "a\r\nb", "\\.", "a|b", "a%b_c", "s3://x/y?z#w",
    "landed_hour=08", "/", ".", "..", "~", "-", "--", "/*", "*/", "\\u0041", "&amp;", "'", '"', "''", "\x7f", "{", "}",
]  # fmt: skip


def nul(make: Maker) -> list[Sent]:
    """U+0000: no text of every engine can hold it."""
    sent = []
    for text in make.some(["\0", "a\0", "\0a", "a\0b", "\0" * 8, "é\0", "\0 "], 5):
        name = make.draw.choice(["event_id", "vehicle_id", "make", "trip_id"])
        sent.append(make.dead("vehicle_telemetry", "wrong_type", name, **{name: text}))
    more = '"more": "a\\u0000b"'
    sent.append(make.fits("sensors_sample", more=more, row={"_rescued": '{"more":"a\\u0000b"}'}))
    return sent


def surrogates(make: Maker) -> list[Sent]:
    """Halves of pairs are no text; a pair is one sign, however its hexadecimal digits are spelled."""
    halves = [
        "\\ud800",
        "\\udbff",
        "\\udc00",
        "\\uDFFF",
        "\\ude00\\ud83d",
        "\\ud83d\\ud83d",
        "x\\udc00x",
        "\\ud83dx\\ude00",
    ]
    sent = [
        make.dead("sensors_sample", "wrong_type", "car_id", spelled={"car_id": f'"{half}"'})
        for half in make.some(halves, 6)
    ]
    for pair in make.some(["\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ud800\\udc00", "\\udbff\\udfff"], 3):
        sent.append(
            make.fits("sensors_sample", spelled={"car_id": f'"{pair}"'}, row={"car_id": json.loads(f'"{pair}"')})
        )
    return sent


def invisible(make: Maker) -> list[Sent]:
    """Ids that look alike but for signs that nobody sees are different ids; only U+0020 at the end does not count."""
    event = make.fields("sensors_sample")["event_id"]
    signs = make.some([*_INVISIBLE], 7)
    sent = [make.fits("sensors_sample", event_id=event)]
    sent += [make.fits("sensors_sample", event_id=event + sign) for sign in signs]
    return sent + [make.fits("sensors_sample", event_id=sign + event) for sign in signs[:2]]


def not_normal(make: Maker) -> list[Sent]:
    """Ids that are the same only after a Unicode normalisation are different ids."""
    sent = []
    for text in make.some(["é", "Å", "\u212b", "ﬁ", "①", "가", "\uff4b", "\u1e9b\u0323", "µ"], 3):
        forms = sorted({unicodedata.normalize(form, text) for form in _FORMS} | {text})
        stem = make.fields("sensors_sample")["event_id"]
        sent += [make.fits("sensors_sample", event_id=f"{stem}{form}") for form in forms]
    return sent


def other_case(make: Maker) -> list[Sent]:
    """Ids that are the same only without regard to case are different ids; so are values of a closed list."""
    sent = []
    for group in make.some(
        [("I", "i", "İ", "\u0131"), ("ß", "SS", "ss", "ẞ"), ("\u03c3", "ς", "Σ"), ("K", "\u212a", "k")], 2
    ):
        stem = make.fields("sensors_sample")["event_id"]
        sent += [make.fits("sensors_sample", event_id=f"{stem}{text}") for text in group]
    for fuel in make.some(["Petrol", "PETROL", "dIesel", "pétrol", "petrol\u00a0", " petrol", "petrol\t"], 3):
        sent.append(make.fits("vehicle_telemetry", fuel_type=fuel, invalid="fuel_type_unknown"))
    return sent


def lengths(make: Maker) -> list[Sent]:
    """Texts of one byte less, exactly as many, and one more than their column has, in signs of one to four bytes."""
    sent = []
    for name, most in make.some([("car_id", 32), ("event_id", 64)], 2):
        sign = make.draw.choice(["x", "é", "€", "😀"])
        size = len(sign.encode())
        for bytes_ in (most - 1, most, most + 1):
            text = sign * (bytes_ // size) + "y" * (bytes_ % size)
            text = text[:-3] + f"{make.seed % 1000:03d}" if size == 1 and name == "event_id" else text
            if len(text.encode()) > most:
                sent.append(make.dead("sensors_sample", "too_long", name, **{name: text}))
            else:
                status = None if name == "event_id" else "clean"  # another case may have drawn the same id
                sent.append(make.fits("sensors_sample", status=status, **{name: text}))
    return sent


def blanks(make: Maker) -> list[Sent]:
    """Blanks at the end do not count, in no column; all other white space does."""
    event = make.fields("vehicle_telemetry")["event_id"]
    sent = [make.fits("vehicle_telemetry", event_id=event + make.draw.choice(["", " ", "   "]))]
    for end in make.some([" ", "  ", " " * 9], 2):
        sent.append(make.fits("vehicle_telemetry", event_id=event + end, status=None, key=None))
    for end in make.some(["\t", "\n", "\u00a0", "\u3000", " \t", "\r", "\x0b", "\u2000"], 3):
        sent.append(make.fits("vehicle_telemetry", event_id=event + end))
    for end in make.some([" ", "  ", " " * 9], 2):
        sent.append(make.fits("vehicle_telemetry", fuel_type="hybrid" + end, vehicle_id="car-0002" + end))
    return sent


def code(make: Maker) -> list[Sent]:
    """Texts that some language would run, or that some format ends at, are texts."""
    sent = []
    for text in make.some(_CODE, 6):
        name = make.draw.choice(["vehicle_id", "trip_id", "route_id", "make"])
        sent.append(make.fits("vehicle_telemetry", **{name: text[:32]}))
        sent.append(make.fits("emergency_incidents", description=text, incident_id=f"a{make.seed}-{text}"[:60]))
    return sent


def escapes(make: Maker) -> list[Sent]:
    """A text is the same however its signs are escaped."""
    sent = []
    for _ in range(6):
        text = "".join(
            chr(make.draw.choice([0x41, 0x2F, 0x22, 0x5C, 0x8, 0xC, 0x7F, 0xE9, 0x20AC, 0x1F600])) for _ in range(6)
        )
        spelled = "".join(make.draw.choice(_spellings(sign)) for sign in text)
        sent.append(make.fits("vehicle_telemetry", spelled={"make": f'"{spelled}"'}, row={"make": text}))
    for wrong in make.some(["\\x41", "\\'", "\\u12", "\\U0001F600", "\\a", "\\0", "\\u00g1", "\\u{41}", "\\ u0041"], 3):
        sent.append(make.dead("vehicle_telemetry", "not_json", spelled={"make": f'"{wrong}"'}))
    return sent


def _spellings(sign: str) -> list[str]:
    units = sign.encode("utf-16-be")
    codes = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
    found = ["".join(f"\\u{unit}" for unit in codes), "".join(f"\\u{unit.upper()}" for unit in codes)]
    return found + ([f"\\{sign}"] if sign in '/"\\' else []) + ([sign] if sign not in '"\\' and ord(sign) > 31 else [])


def controls(make: Maker) -> list[Sent]:
    """A bare control character is no JSON; an escaped one is a sign of the text."""
    sent = []
    for sign in make.some([chr(number) for number in range(1, 32)], 5):
        sent.append(make.dead("vehicle_telemetry", "not_json", spelled={"model": f'"a{sign}b"'}))
        spelled = f'"a\\u{ord(sign):04x}b"'
        sent.append(make.fits("vehicle_telemetry", spelled={"model": spelled}, row={"model": f"a{sign}b"}))
    return sent


KINDS = {
    "U+0000 in a text": nul,
    "halves of surrogate pairs": surrogates,
    "invisible signs in ids": invisible,
    "ids that a normalisation makes equal": not_normal,
    "ids and values that differ by case": other_case,
    "texts at their length in bytes": lengths,
    "blanks at the end, and other white space": blanks,
    "texts that look like code": code,
    "escapes of every kind": escapes,
    "control characters": controls,
}
