"""The comparison of a mart with the oracle's: what it must see, and what it may not mind."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from testbed.oracle import assert_same_rows

TIME = datetime(2026, 3, 2, 12, 0, 0, 1, UTC)
ROWS: list[dict[str, Any]] = [
    {"id": "a", "time": TIME, "speed": 42.317, "count": 1, "flag": True, "zone": None, "_built_ms": 1},
    {"id": "b", "time": TIME, "speed": None, "count": 2, "flag": False, "zone": "z", "_built_ms": 1},
]
EXPECTED = pa.Table.from_pylist(ROWS)


def changed(row: int, **values: Any) -> pa.Table:
    rows = [dict(each) for each in ROWS]
    rows[row].update(values)
    return pa.Table.from_pylist(rows, EXPECTED.schema)


def check(actual: pa.Table, expected: pa.Table = EXPECTED, **more: Any) -> None:
    assert_same_rows("fct_x", actual, expected, ["id"], **more)


@pytest.mark.parametrize(
    "actual",
    [
        EXPECTED.take([1, 0]),
        EXPECTED.select(["zone", "flag", "count", "speed", "time", "id"]),
        changed(0, _built_ms=2),
        changed(0, speed=42.317 * (1 + 9e-10)),
        EXPECTED.set_column(1, "time", EXPECTED["time"].cast(pa.timestamp("us"))),
        EXPECTED.set_column(1, "time", EXPECTED["time"].cast(pa.timestamp("ns", "America/Chicago"))),
        EXPECTED.set_column(2, "speed", pa.array([Decimal("42.317"), None], pa.decimal128(9, 3))),
        EXPECTED.set_column(3, "count", pa.array([1, 2], pa.int32())),
        EXPECTED.set_column(3, "count", pa.array([1.0, 2.0])),
    ],
)
def test_order_types_of_one_kind_and_underscore_columns_do_not_matter(actual: pa.Table) -> None:
    check(actual)


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        (changed(0, speed=42.317 * (1 + 2e-9)), "0 rows missing, 0 extra, 1 different; 2 expected, 2 actual"),
        (changed(0, speed=42.318), "different: id=a: speed is 42.318, expected 42.317$"),
        (changed(0, speed=None), "speed is None, expected 42.317"),
        (changed(1, speed=0.0), "speed is 0.0, expected None"),
        (changed(1, speed=float("nan")), "speed is nan, expected None"),
        (changed(0, speed=float("inf")), "speed is inf, expected 42.317"),
        (changed(0, time=TIME.replace(microsecond=2)), "time is 2026-03-02 12:00:00.000002"),
        (changed(0, zone="z"), "zone is z, expected None"),
        (changed(1, zone="Z", count=3), "id=b: count is 3, expected 2; zone is Z, expected z"),
        (changed(0, flag=False), "flag is False, expected True"),
        (changed(0, id="c"), "1 rows missing, 1 extra, 0 different.*\n  missing: id=a\n  extra: id=c"),
        (EXPECTED.slice(0, 1), "1 rows missing, 0 extra"),
        (changed(0, id="b"), "1 keys occur more than once in the actual table: id=b x2"),
        (EXPECTED.drop_columns(["zone"]), r"lacks columns \['zone'\]"),
        (EXPECTED.append_column("more", EXPECTED["id"]), r"has columns \['more'\] that are not expected"),
        (EXPECTED.set_column(3, "count", EXPECTED["id"]), "count is VARCHAR, not whole"),
        (EXPECTED.set_column(4, "flag", EXPECTED["count"]), "flag is whole, not BOOLEAN"),
    ],
)
def test_a_difference_is_told(actual: pa.Table, message: str) -> None:
    with pytest.raises(AssertionError, match=f"(?s)fct_x: .*{message}"):
        check(actual)


def test_only_columns_named_by_the_caller_go_uncompared() -> None:
    check(EXPECTED.append_column("more", EXPECTED["id"]), uncompared=["more"])


def test_a_key_may_be_null_and_may_begin_with_an_underscore() -> None:
    expected = pa.table({"_offset": [1, None], "x": [1, 2]})
    assert_same_rows("received", expected.take([1, 0]), expected, ["_offset"])
    with pytest.raises(AssertionError, match=r"1 different[^\n]*\n  different: _offset=None: x is 3, expected 2"):
        assert_same_rows("received", pa.table({"_offset": [1, None], "x": [1, 3]}), expected, ["_offset"])


def test_the_first_five_of_many_are_shown() -> None:
    expected = pa.table({"id": list(range(20)), "x": [0] * 20})
    with pytest.raises(AssertionError) as failure:
        assert_same_rows("m", pa.table({"id": list(range(20)), "x": [1] * 20}), expected, ["id"])
    assert str(failure.value).splitlines()[0] == "m: 0 rows missing, 0 extra, 20 different; 20 expected, 20 actual."
    assert [line.split(":")[1] for line in str(failure.value).splitlines()[1:]] == [f" id={id}" for id in range(5)]
