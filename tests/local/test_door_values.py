"""Values through the door: PostgreSQL's text and binary formats, parameters, and results by parts."""

from __future__ import annotations

import contextlib
import datetime
import struct
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import redshift_connector

from local.door import parameters, values
from local.door.errors import DoorError
from testbed.warehouse.door import Door, served


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with served(folder, "create table cars as select range id, 'car ' || range as name from range(50000)") as serving:
        yield serving


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("true", True),
        ("(-5)::tinyint", -5),
        ("(-70000)::integer", -70000),
        ("(-5000000000)::bigint", -5_000_000_000),
        ("200::utinyint", 200),
        ("4294967295::uinteger", 4_294_967_295),
        ("18446744073709551615::ubigint", Decimal(18_446_744_073_709_551_615)),
        ("(-170141183460469231731687303715)::hugeint", Decimal(-170_141_183_460_469_231_731_687_303_715)),
        ("sum(1)", Decimal(1)),
        ("1.50::decimal(10, 2)", Decimal("1.50")),
        ("0.1::double", 0.1),
        ("'-infinity'::double", float("-inf")),
        ("'it''s'", "it's"),
        ("''", ""),
        ("null", None),
        ("date '2026-02-28'", datetime.date(2026, 2, 28)),
        ("time '01:02:03.5'", datetime.time(1, 2, 3, 500_000)),
        ("timestamp '2026-01-02 03:04:05.678'", datetime.datetime(2026, 1, 2, 3, 4, 5, 678_000)),
        ("timestamptz '2026-01-02 03:04:05+02'", datetime.datetime(2026, 1, 2, 1, 4, 5, tzinfo=datetime.UTC)),
        ("interval '2 days 3 hours 1.5 seconds'", datetime.timedelta(days=2, hours=3, seconds=1.5)),
        ("interval '-1 seconds'", datetime.timedelta(seconds=-1)),
        ("[1, null, 3]", [1, None, 3]),
        ("['a b', null, '\"']", ["a b", None, '"']),
        ("{'a': 1}", {"a": 1}),
        ("'a'::enum('a', 'b')", "a"),
        ("'2a4b0f5c-9a55-4d3a-8f0e-6a3f6f1b2c3d'::uuid", "2a4b0f5c-9a55-4d3a-8f0e-6a3f6f1b2c3d"),
    ],
)
def test_a_value_is_read_as_what_it_is(door: Door, sql: str, value: object) -> None:
    assert door.rows(f"select {sql} as value") == [(value,)]


@pytest.mark.parametrize(
    ("column", "binary"),
    [
        (pa.array([-2], pa.int8()), b"\xff\xfe"),
        (pa.array([-2], pa.int32()), b"\xff\xff\xff\xfe"),
        (pa.array([-2], pa.int64()), b"\xff" * 7 + b"\xfe"),
        (pa.array([2**32 - 1], pa.uint32()), b"\x00" * 4 + b"\xff" * 4),
        (pa.array([1.5], pa.float64()), struct.pack("!d", 1.5)),
        (pa.array([True]), b"\x01"),
        (pa.array([datetime.date(1999, 12, 31)]), b"\xff\xff\xff\xff"),
        (pa.array([datetime.datetime(2000, 1, 1, 0, 0, 1)], pa.timestamp("us")), struct.pack("!q", 1_000_000)),
        (pa.array([datetime.datetime(2000, 1, 1)], pa.timestamp("us", "UTC")), struct.pack("!q", 0)),
        (pa.array([Decimal("0.00")], pa.decimal128(5, 2)), struct.pack("!hhHh", 0, 0, 0, 2)),
        (pa.array([Decimal("-0.05")], pa.decimal128(5, 2)), struct.pack("!hhHhh", 1, -1, 0x4000, 2, 500)),
        (pa.array([Decimal("12345.678")], pa.decimal128(9, 3)), struct.pack("!hhHhhhh", 3, 1, 0, 3, 1, 2345, 6780)),
        (pa.array([2**64 - 1], pa.uint64()), struct.pack("!hhHh5h", 5, 4, 0, 0, 1844, 6744, 737, 955, 1615)),
        (pa.array([[1]], pa.list_(pa.int32())), struct.pack("!iiiiiii", 1, 0, 23, 1, 1, 4, 1)),
    ],
)  # fmt: skip
def test_a_value_in_the_binary_format(column: pa.Array, binary: bytes) -> None:
    assert values.encoded(column, binary=True) == [binary]


@pytest.mark.parametrize(
    ("raw", "oid", "binary", "value"),
    [
        (b"-7", 20, False, -7),
        (b"\xff\xff\xff\xf9", 23, True, -7),
        (b"f", 16, False, False),
        (None, 23, False, None),
        (b"12.50", 1700, False, Decimal("12.50")),
        (struct.pack("!hhHhh", 1, -1, 0x4000, 2, 500), 1700, True, Decimal("-0.05")),
        (b"2026-01-02", 1082, False, datetime.date(2026, 1, 2)),
        (struct.pack("!q", 1), 1114, True, datetime.datetime(2000, 1, 1, 0, 0, 0, 1)),
        (b"text", 25, True, "text"),
    ],
)
def test_a_parameter_is_read(raw: bytes | None, oid: int, binary: bool, value: Any) -> None:
    assert parameters.read(raw, oid, binary).value == value


@pytest.mark.parametrize(("raw", "oid"), [(b"x", 20), (b"2026-13-01", 1082), (b"\xff", 25)])
def test_a_parameter_that_is_no_value_of_its_type_is_refused(raw: bytes, oid: int) -> None:
    with pytest.raises(DoorError, match="is no value of the type"):
        parameters.read(raw, oid, binary=False)


def test_parameters_of_an_open_type_are_literals_and_texts_stay_texts() -> None:
    sql, given = parameters.bound(
        "select $1, '$1', $2 from t where a > $1 -- $2",
        [parameters.Parameter("o'x", open=True), parameters.Parameter(5)],
    )
    assert sql == "select 'o''x', '$1', $2 from t where a > 'o''x' -- $2"
    assert given == {"2": 5}


def test_the_extended_protocol_binds_parameters_and_goes_on_after_a_failure(door: Door) -> None:
    login = door.login() | {"database": "warehouse", "ssl": False}
    del login["dbname"]
    with contextlib.closing(redshift_connector.connect(**login)) as connected, connected.cursor() as cursor:
        for most in (3, 5):
            cursor.execute("select id, name from cars where id < %s and name <> %s order by id", (most, "it's"))
            assert [row[0] for row in cursor.fetchall()] == list(range(most))
        for sql, state in (("select * from nothing where a = %s", "42P01"), ("delete from cars where id=%s", "42501")):
            with pytest.raises(redshift_connector.ProgrammingError) as failed:
                cursor.execute(sql, (1,))
            assert failed.value.args[0]["C"] == state
            assert failed.value.args[0]["S"] == "ERROR"
            connected.rollback()
        cursor.execute("select count(*) from cars where name = %s", ("car 7",))
        assert cursor.fetchone() == [1]
        cursor.execute("select cast(%s as integer) is null", (None,))
        assert cursor.fetchone() == [True]


def test_rows_come_as_they_are_computed(door: Door) -> None:
    with contextlib.closing(door.connect()) as connected, connected.cursor() as cursor:
        cursor.execute("select a.id from cars a order by a.id")
        assert cursor.fetchall() == [(number,) for number in range(50000)]
