"""Kinds of hostile input: numbers."""

from __future__ import annotations

import math
import struct

from testbed.attack.case import Maker, Sent

_RANGE = {"temperature_c": (-60, 60), "wind_speed_kmh": (0, 400), "precipitation_mm": (0, 500)}


def _weather(make: Maker, name: str, text: str, value: float) -> Sent:
    low, high = _RANGE[name]
    reason = None if low <= value <= high else f"{name.rpartition('_')[0]}_out_of_range"
    return make.fits("weather", spelled={name: text}, row={name: value}, invalid=reason)


def doubles(make: Maker) -> list[Sent]:
    """Of any 64 bits, and those at the edges; spelled in several ways, each the nearest double's."""
    edges = [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 0.1 + 0.2, 2.0**53]
    edges += [2.0**53 + 2, 1 / 3, 1e22, 1e23, 9007199254740993.0, 60.0, math.nextafter(60, 61), math.nextafter(0, -1)]
    while len(edges) < 30:
        (number,) = struct.unpack("d", make.draw.randbytes(8))
        if math.isfinite(number) and number:
            edges.append(number)
    sent = []
    for number in make.some(edges, 10):
        text = make.draw.choice([repr(number), f"{number:.17e}", f"{number:.16E}", f"{number:.25e}", f"{number:.40g}"])
        sent.append(_weather(make, make.draw.choice([*_RANGE]), text, float(text)))
    return sent


def between_doubles(make: Maker) -> list[Sent]:
    """Decimals half way between two doubles, and a digit beside: the nearest, and of two the even one."""
    sent = []
    for _ in range(8):
        mantissa = make.draw.randrange(2**52, 2**53) * 2 + 1  # 54 bits, the last set: half way between two doubles
        beside = make.draw.choice(["", "0000000000000000001"])
        low, high = float(mantissa - 1), float(mantissa + 1)
        even = low if (mantissa - 1) // 2 % 2 == 0 else high
        sent.append(_weather(make, "temperature_c", f"{mantissa}.0{beside}", high if beside else even))
    return sent


def zeros(make: Maker) -> list[Sent]:
    """Each spelling of zero is zero, also those of a minus zero and of what is less than the least double."""
    spellings = ["0", "-0", "0.0", "-0.0", "0e5", "-0e5", "0E-400", "-0.0e+400", "1e-400", "-1e-400", "0." + "0" * 400]
    return [_weather(make, "temperature_c", text, 0.0) for text in make.some(spellings)]


def whole_numbers(make: Maker) -> list[Sent]:
    """Integers about the ends of 32 and 64 bits, and far beyond."""
    sent = []
    for end in make.some([-(2**31), 2**31 - 1, 2**53, -(2**53), 2**63, -(2**63), 10**30, 2**32, 2**64], 5):
        for number in (end - 1, end, end + 1):
            if -(2**31) <= number < 2**31:
                sent.append(make.fits("sensors_sample", rpm=number, invalid="rpm_out_of_range"))
            else:
                sent.append(make.dead("sensors_sample", "wrong_type", "rpm", rpm=number))
    return sent


def not_whole(make: Maker) -> list[Sent]:
    """An integer that is spelled with a point or an exponent is none."""
    texts = ["3.0", "3e0", "30e-1", "0.3E1", "3.00000000000000000001", "2.9999999999999999999", "-0.0", "1e-400"]
    return [make.dead("sensors_sample", "wrong_type", "gear", spelled={"gear": text}) for text in make.some(texts)]


def not_json(make: Maker) -> list[Sent]:
    """Numbers as other languages spell them."""
    texts = [
        "+3",
        "03",
        "-03",
        ".5",
        "3.",
        "0x3",
        "0b11",
        "0o3",
        "3_000",
        "\uff13",
        "3,5",
        "--3",
        "3e",
        "3e+",
        "3f",
        "3L",
    ]
    texts += ["1/2", "(3)", "3 4", "-", "e3", "\u0663", "3\u00a0", "infinity", "nan", "1.e3", "- 3", "3.e", "0-1"]
    # `3,5` is a 3 and then what is no member
    return [make.dead("sensors_sample", "not_json", spelled={"gear": text}) for text in make.some(texts, 10)]


def no_numbers_in_text(make: Maker) -> list[Sent]:
    """Numbers, NaN and Infinity between quotation marks are texts."""
    words = ["NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "0x10", "12", "-0", "", " 5", "null", "true"]
    sent = []
    for word in make.some(words, 5):
        sent.append(make.dead("weather", "wrong_type", "humidity_pct", humidity_pct=word))
        sent.append(make.fits("vehicle_telemetry", make=word, row={"make": word}))
    return sent


def many_digits(make: Maker) -> list[Sent]:
    """Numbers of thousands of digits: a double takes the nearest, an integer beyond all reason is no JSON."""
    sent = []
    for digits in make.some([309, 310, 1000, 4000, 4299, 4301, 6000], 3):
        reason, field = ("wrong_type", "wind_speed_kmh") if digits <= 4300 else ("not_json", None)
        sent.append(make.dead("weather", reason, field, spelled={"wind_speed_kmh": "9" * digits}))
    for digits in make.some([400, 5000, 60_000], 2):
        sent.append(_weather(make, "wind_speed_kmh", "1." + "3" * digits, 4 / 3))
        sent.append(_weather(make, "wind_speed_kmh", "0." + "0" * digits + "7", 0.0))
        sent.append(_weather(make, "wind_speed_kmh", "7" + "0" * 300 + "." + "0" * digits, 7e300))
        sent.append(_weather(make, "wind_speed_kmh", "5" + "0" * 300 + "e-300", 5.0))
    return sent


def exponents(make: Maker) -> list[Sent]:
    """Exponents that are long, or cancel the digits before them."""
    texts = {"1e0": 1.0, "1E+00000000000000000000002": 100.0, "100e-2": 1.0, "0.0001e4": 1.0, "12e-00001": 1.2}
    texts |= {"1e-" + "9" * 100: 0.0, "0e" + "9" * 100: 0.0, "4000e-00000000003": 4.0}
    sent = [_weather(make, "wind_speed_kmh", text, value) for text, value in make.some([*texts.items()], 6)]
    for text in make.some(["1e309", "-1e309", "1e" + "9" * 100, "17976931348623159e292", "1e+400"], 3):
        sent.append(make.dead("weather", "wrong_type", "wind_speed_kmh", spelled={"wind_speed_kmh": text}))
    return sent


KINDS = {
    "doubles of any bits and at their edges": doubles,
    "decimals half way between two doubles": between_doubles,
    "spellings of zero": zeros,
    "integers about 32, 53 and 64 bits": whole_numbers,
    "integers spelled with a point or an exponent": not_whole,
    "numbers as other languages spell them": not_json,
    "numbers, NaN and Infinity as texts": no_numbers_in_text,
    "numbers of thousands of digits": many_digits,
    "exponents that are long or cancel": exponents,
}
