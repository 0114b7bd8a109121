"""The oracle's locations: which texts are two numbers, and which numbers they are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from testbed.oracle.inputs import project_contract
from testbed.oracle.sample_landing import Sample


def test_a_location_that_is_not_two_plain_numbers_is_malformed(tmp_path: Path) -> None:
    locations = [
        *("30.5;-97.5", "30.5", "30.5,-97.5,1", "+30.5,-97.5", "30.5 ,-97.5", " 30.5,-97.5", "30.5,-97.5 "),
        *("30.5,-97.5\n", ".5,-97.5", "30.,-97.5", "0030,-97.5", f"30.{'1' * 41},-97.5", "3e1000,-97.5"),
        *("30.5,\t-97.5", "", "٣٠,-97"),  # digits are those of ASCII
        *(
            "3e,1",
            "1e100,1",
            "1e-1000,1",
            "1e+0100,1",
            "1e1.5,1",
            "1000e-1,1",
            "NaN,1",
            "1,Infinity",
            "30,5,-97,5",
            "0x1,1",
        ),
    ]
    rows = Sample(tmp_path, {"traffic_cameras": [{"location": location} for location in locations]}).rows(
        "int_traffic_cameras_received", "_kafka_offset"
    )
    columns = ("location", "invalid_reason", "row_status", "latitude", "longitude", "zone_id")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (location, "location_malformed", "invalid", None, None, None) for location in locations
    ]


@pytest.mark.parametrize(
    ("location", "latitude", "longitude"),
    [
        ("30.5,-97.5", 30.5, -97.5),
        ("030,   -97.123456789012345", 30.0, -97.123457),
        ("0.0000005,-0.0000005", 0.000001, 0.0),  # halves go up, also below zero
        ("-90,180.000", -90.0, 180.0),
        ("51.42687284882248,0.03897349477489309", 51.426873, 0.038973),  # Python
        ("-1e-07,5.5e-05", 0.0, 0.000055),
        ("-4.9E-324,3.897349477489309E-2", 0.0, 0.038973),  # Java
        ("1e-99,-1E-999", 0.0, 0.0),
        ("5.142687e+01,1.8e+002", 51.42687, 180.0),  # C
        (f"0.5,0.{'0' * 38}12", 0.5, 0.0),
    ],
)
def test_a_location_is_split_and_rounded(tmp_path: Path, location: str, latitude: float, longitude: float) -> None:
    row = Sample(tmp_path, {"traffic_cameras": [{"location": location}]}).row("int_traffic_cameras_received")
    assert (row["latitude"], row["longitude"], row["row_status"]) == (latitude, longitude, "clean")


def _java(number: float) -> str:
    """As Double.toString prints it: plain from a thousandth on, else one digit before the point."""
    digits = Decimal(repr(number))
    if number == 0 or abs(number) >= 1e-3:
        return f"{digits:f}" if "." in f"{digits:f}" else f"{digits:f}.0"
    mantissa, _, exponent = f"{digits:e}".partition("e")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def _javascript(number: float) -> str:
    """As String prints it: plain from a millionth on, no point and no zeros that are not needed."""
    digits = Decimal(repr(number))
    if number == 0 or abs(number) >= 1e-6:
        plain = f"{digits:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    mantissa, _, exponent = f"{digits.normalize():e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


PRINTERS: dict[str, Callable[[float], str]] = {
    "python": repr,
    "json": json.dumps,
    "java": _java,
    "javascript": _javascript,
    "%g": lambda number: f"{number:.17g}",
    "%e": lambda number: f"{number:.16e}",
    "six decimals": lambda number: f"{number:.6f}",
}
EXTREMES = [0.0, 5e-324, 2.2250738585072014e-308, 1e-100, 9.9e-100, 1e-23, 1e-7, 1e-6, 0.001, 0.1 + 0.2, 90.0]


@pytest.mark.parametrize("printer", PRINTERS)
def test_each_double_as_it_is_printed_is_a_number(tmp_path: Path, printer: str) -> None:
    random = Random(20)
    numbers = [random.uniform(0, 90) * 10.0 ** -random.randrange(20) for _ in range(200)] + EXTREMES
    numbers = [sign * number for number in numbers for sign in (1, -1)]
    texts = [f"{PRINTERS[printer](number)},{PRINTERS[printer](2 * number)}" for number in numbers]
    assert max(len(text) for text in texts) <= 64  # none is a dead letter
    found = Sample(tmp_path, {"traffic_cameras": [{"location": text} for text in texts]}).rows(
        "int_traffic_cameras_received", "_kafka_offset"
    )
    assert [row["location"] for row in found if row["invalid_reason"]] == []
    if printer != "six decimals":
        for name, factor in (("latitude", 1), ("longitude", 2)):
            assert [row[name] for row in found] == [math.floor(factor * number * 1e6 + 0.5) / 1e6 for number in numbers]


def test_all_digits_without_an_exponent_are_a_number_while_the_contract_holds_them(tmp_path: Path) -> None:
    numbers = [90 * 10.0**-power for power in range(24)]
    texts = [f"{Decimal(repr(number)):f},0" for number in numbers]
    rows = [{"location": text} for text in texts]
    found = Sample(tmp_path, {"traffic_cameras": rows}).rows("int_traffic_cameras_received", "_kafka_offset")
    assert max(len(text) for text in texts) <= 64
    assert {row["invalid_reason"] for row in found} == {None}
    contract = project_contract()
    (location,) = {
        column.max_bytes for topic in contract.topics for column in topic.columns if column.name == "location"
    }
    assert location == 64
