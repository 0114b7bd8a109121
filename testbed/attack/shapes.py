"""Kinds of hostile input: the shape of the JSON, and what is none."""

from __future__ import annotations

import gzip
import json
import lzma
import struct
import zlib

from testbed.attack.case import Maker, Sent

_TABLE = "sensors_sample"


def other_names(make: Maker) -> list[Sent]:
    """A name is the contract's or it is unknown: case, blanks and signs that look alike make another one."""
    sent = []
    for name in make.some(
        ["RPM", "Rpm", "rpm ", " rpm", "r\u0440m", "rpm\u200b", "r.p.m", "rpm\\u0000", "$.rpm", "\uff52pm"], 4
    ):  # meant
        more = f'"{name}": 3'
        sent.append(make.fits(_TABLE, more=more, row={"_rescued": "{" + f'"{name}":3' + "}"}))
        sent.append(make.dead(_TABLE, "missing_field", "rpm", rpm=None, more=more))
    fields = make.fields(_TABLE)
    escaped = json.dumps(fields).replace('"rpm"', '"r\\u0070m"').replace('"gear"', '"\\u0067\\u0065ar"')
    return [*sent, make.fits(_TABLE, value=escaped.encode(), event_id=fields["event_id"])]


def same_names(make: Maker) -> list[Sent]:
    """A name that stands twice, once behind escapes, or deep inside."""
    choices = [
        ('"g\\u0065ar": 4', "gear"), ('"gear": 3', "gear"), ('"more": 1, "mor\\u0065": 1', "more"),
        ('"": 1, "": 2', ""),
        ('"a": {"b": [{"c": 1, "c": 1}]}', "c"), ('"a": [[{"\\u0064": 1, "d": {}}]]', "d"),
        ('"event_id": null', "event_id"),
        ('"car_id": "x", "more": 1', "car_id"), ('"ü": 1, "\\u00fc": 1', "?"),
    ]  # fmt: skip
    return [make.dead(_TABLE, "not_json", named, more=more) for more, named in make.some(choices, 6)]


def no_scalars(make: Maker) -> list[Sent]:
    """Arrays, objects, truths for what is a scalar; null for what may be absent."""
    sent = []
    for text in make.some(["[3]", "{}", "[]", '{"value": 3}', "[[3]]", "true", "false", '["3"]', "[null]"], 5):
        name = make.draw.choice(["rpm", "car_id", "event_time"])
        sent.append(make.dead(_TABLE, "wrong_type", name, spelled={name: text}))
    for text in make.some(["True", "TRUE", "yes", "None", "NULL", "undefined", "nil", "tru", "truefalse"], 3):
        sent.append(make.dead(_TABLE, "not_json", spelled={"rpm": text}))
    sent.append(
        make.fits(
            "traffic_sensors", vehicle_count=0, spelled={"average_speed_kmh": "null"}, row={"average_speed_kmh": None}
        )
    )
    sent.append(
        make.fits(
            "traffic_sensors", average_speed_kmh=None, row={"average_speed_kmh": None}, invalid="average_speed_missing"
        )
    )
    return [*sent, make.dead(_TABLE, "missing_field", "gear", spelled={"gear": "null"})]


def several(make: Maker) -> list[Sent]:
    """More than one JSON text in a record, or one inside another."""
    good = make.text(make.fields(_TABLE))
    odd = [b" ", b",", b"\x1e", b"\0", b"\0}", b";", b"/**/", b"//x", b"\xc2\xa0", b"\xe2\x80\xa8", b"\x1a", b"]", b"}"]
    values = [(good + between + good, "not_json") for between in odd]
    values += [(good + tail, "not_json") for tail in odd if tail != b" "] + [(b"\x1e" + good, "not_json")]
    values += [(b"\0" + good, "not_json"), (b"data: " + good, "not_json"), (b"(" + good + b")", "not_json")]
    values += [(json.dumps(good.decode()).encode(), "not_object"), (b"[" + good + b"," + good + b"]", "not_object")]
    values += [
        (b'{"value": ' + good + b"}", "missing_field"),
        (b'{"payload": ' + json.dumps(good.decode()).encode() + b"}", "missing_field"),
    ]
    values += [(b'"text"', "not_object"), (b"true", "not_object"), (b"-0", "not_object"), (b" []", "not_object")]
    chosen = make.some(values, 9)
    return [
        make.dead(_TABLE, why, "event_id" if why == "missing_field" else None, value=value) for value, why in chosen
    ]


def other_formats(make: Maker) -> list[Sent]:
    """What other serializers and compressions write: no UTF-8, or no JSON."""
    good = make.text(make.fields(_TABLE))
    text = good.decode()
    values = [
        gzip.compress(good), zlib.compress(good), lzma.compress(good), b"Obj\x01\x04\x14avro.codec" + good,
        b"\0" + struct.pack(">i", make.draw.randrange(2**31)) + good, b"\x01" + make.draw.randbytes(16) + good,
        b"\x0a\x03abc\x10\x05", b"\x83\xa2id\x01", b"\xa1\x62id\x01", text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text.encode("utf-32"), text.encode("cp037"), text.encode("utf-7").replace(b"{", b"+AHs-"), b"<r/>", b"a: 1",
        b"a=1&b=2", b"PAR1", b"\x93NUMPY", b"%PDF-1.4", text.replace('"', "'").encode(), b"\xef\xbb\xbf" + good,
        b"\xfe\xff" + text.encode("utf-16-be"), text.replace("{", "{,", 1).encode(), (text[:-1] + ",}").encode(),
        text.replace(":", "=", 1).encode(), text.replace('"gear"', "gear").encode(), b"\x1b[2J" + good,
    ]  # fmt: skip
    return [
        make.dead(_TABLE, "not_json" if _is_utf8(value) else "not_utf8", value=value) for value in make.some(values, 9)
    ]


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def broken_utf8(make: Maker) -> list[Sent]:
    """Sequences that are cut, too long for their sign, of surrogates, or beyond the last sign."""
    odd = [
        b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80", b"\xbf\xbf", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
        b"\xf8\x88\x80\x80\x80", b"\xff", b"\xfe", b"\xc0\x80", b"\xe9", b"\x93x\x94",
    ]  # fmt: skip
    sent = []
    for sequence in make.some(odd, 8):
        good = make.text(make.fields(_TABLE, car_id="@@"), more='"more": "@@"' if make.draw.random() < 0.4 else "")
        at = make.draw.choice([b"@@", b'"gear"', b"}"])
        sent.append(make.dead(_TABLE, "not_utf8", value=good.replace(at, sequence + at, 1)))
    good = make.text(make.fields(_TABLE, car_id="aé"))
    cut = good[: good.index("é".encode()) + 1]
    return [*sent, make.dead(_TABLE, "not_utf8", value=cut)]


def white_space(make: Maker) -> list[Sent]:
    """JSON has four signs of white space; what else looks like one is none."""
    sent = []
    for sign in make.some(["\u00a0", "\x0b", "\x0c", "\u2003", "\u3000", "\ufeff", "\u2028", "\u0085", "\x1c"], 4):
        good = make.text(make.fields(_TABLE)).decode()
        place = make.draw.choice([": ", ", "])
        sent.append(make.dead(_TABLE, "not_json", value=good.replace(place, place + sign, 1).encode()))
    for sign in (" ", "\t", "\n", "\r", "\r\n"):
        fields = make.fields(_TABLE)
        good = make.text(fields).decode().replace(": ", f" {sign}:{sign}").replace(", ", f"{sign},")
        wrapped = make.draw.choice([good, sign + good, good + sign, sign * 50 + good + sign])
        sent.append(make.fits(_TABLE, value=wrapped.encode(), event_id=fields["event_id"]))
    return sent


def rescued_lengths(make: Maker) -> list[Sent]:
    """Unknown fields of 65,534 to 65,537 bytes together, in one field or in many."""
    sent = []
    for bytes_ in (65_534, 65_535, 65_536, 65_537):
        sign = make.draw.choice(["x", "é", "😀"])
        name = make.draw.choice(["m", "é", "more"])
        room = bytes_ - len(f'{{"{name}":""}}'.encode())
        text = sign * (room // len(sign.encode())) + "y" * (room % len(sign.encode()))
        rescued = f'{{"{name}":"{text}"}}'
        more = f'"{name}" :  "{text}"'
        if bytes_ > 65_535:
            sent.append(make.dead(_TABLE, "too_long", "_rescued", more=more))
        else:
            sent.append(make.fits(_TABLE, more=more, row={"_rescued": rescued}))
    return sent


def odd_names(make: Maker) -> list[Sent]:
    """Unknown fields whose names are odd, or those of columns that are added on the way."""
    names = [
        "",
        "__proto__",
        "constructor",
        "_landed_at",
        "_rescued",
        "landed_date",
        "$path",
        "a.b",
        "a b",
        '\\"',
        "\\\\",
    ]
    names += [
        "\\u0000",
        "\\ud800",
        "event_hour",
        "row_status",
        "'",
        "{{x}}",
        "é",
        "x" * 300,
        "null",
        "1",
        "\\n",
        "*",
        "[0]",
    ]
    sent = []
    for chosen in (make.some(names, 3) for _ in range(4)):
        values = [
            make.draw.choice(["1", "-0", "1.10", '"\\ud800"', "null", '{"a":[ ]}', "1e400", '"}"', "[]"])
            for _ in chosen
        ]
        more = ", ".join(f'"{name}": {value}' for name, value in zip(chosen, values, strict=True))
        spelled = ",".join(f'"{name}":{value}' for name, value in zip(chosen, values, strict=True))
        sent.append(make.fits(_TABLE, more=more, row={"_rescued": "{" + spelled + "}"}))
    return sent


def marks(make: Maker) -> list[Sent]:
    """Texts full of quotation marks and names of columns, beside unknown fields: none may hide another."""
    sent = []
    for _ in range(6):
        inner = make.draw.choice(['\\"average_speed_kmh\\":', '\\"', '\\\\\\"', "\\\\", 'x\\" : 1', "\\u0022"])
        known = f'"{inner}"'
        unknown = make.draw.choice(
            ['"m": 1', '"m": "\\""', '"m\\"": 1', '"m": {"average_speed_kmh": 4}', '"m": [""]', ""]
        )
        rescued = "{" + unknown.replace('m": ', 'm":').replace('\\"": ', '\\"":') + "}" if unknown else None
        sent.append(
            make.fits(
                "traffic_sensors", vehicle_count=0, average_speed_kmh=None, spelled={"road_id": known}, more=unknown,
                row={"road_id": json.loads(known), "average_speed_kmh": None, "_rescued": rescued},
            )
        )  # fmt: skip
    return [*sent, make.fits("traffic_sensors")]


KINDS = {
    "names that are nearly the contract's": other_names,
    "one name twice, behind escapes or deep": same_names,
    "arrays, objects and truths for scalars": no_scalars,
    "several JSON texts in one record": several,
    "bytes of other serializers": other_formats,
    "broken UTF-8": broken_utf8,
    "white space that JSON does not have": white_space,
    "unknown fields at the length of _rescued": rescued_lengths,
    "unknown fields with odd names": odd_names,
    "quotation marks that may hide a field": marks,
}
