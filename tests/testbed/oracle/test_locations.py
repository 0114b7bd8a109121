"""The oracle's locations: which texts are two numbers, and which numbers they are."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from testbed.oracle.sample_landing import Sample


def test_a_location_that_is_not_two_plain_numbers_is_malformed(tmp_path: Path) -> None:
    locations = [
        *("30.5;-97.5", "30.5", "30.5,-97.5,1", "+30.5,-97.5", "30.5 ,-97.5", " 30.5,-97.5", "30.5,-97.5 "),
        *("30.5,-97.5\n", ".5,-97.5", "30.,-97.5", "0030,-97.5", f"30.{'1' * 41},-97.5", "3e1000,-97.5"),
        *("30.5,\t-97.5", "", "٣٠,-97"),  # digits are those of ASCII
        *("3e,1", "1e100,1", "1e-1000,1", "1e+0100,1", "1e1.5,1", "NaN,1", "1,Infinity", "30,5,-97,5", "0x1,1"),
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


def test_each_spelling_of_a_double_is_a_number(tmp_path: Path) -> None:
    random = Random(20)
    numbers = [random.choice((-1, 1)) * random.uniform(0, 90) * 10.0 ** -random.randrange(20) for _ in range(200)]
    spellings = [
        *((number, json.dumps(number)) for number in numbers),
        *((number, f"{number:.17e}") for number in numbers),
        *((number, f"{Decimal(repr(number)):f}") for number in numbers),
    ]
    rows = [{"location": f"{text},{text}"} for _, text in spellings if len(text) <= 31]
    found = Sample(tmp_path, {"traffic_cameras": rows}).rows("int_traffic_cameras_received", "_kafka_offset")
    assert len(rows) > 500
    assert {row["invalid_reason"] for row in found} == {None}
    expected = [math.floor(number * 1e6 + 0.5) / 1e6 for number, text in spellings if len(text) <= 31]
    assert [row["latitude"] for row in found] == expected
