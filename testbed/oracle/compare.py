"""Compares a mart of the warehouse with the oracle's, row for row and column for column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

_SHOWN = 5


def assert_same_rows(
    name: str, actual: pa.Table, expected: pa.Table, key: Sequence[str], uncompared: Iterable[str] = ()
) -> None:
    """Raise AssertionError unless both tables have the same rows, found by `key`, in the same columns.

    Doubles (and decimals) agree to 1e-9 relative, all else exactly; times agree by the instant in microseconds; NULL
    equals NULL. Columns that begin with `_` are not compared, except as keys; nor are columns in `uncompared`, which
    the actual table may have beyond those expected. The message shows counts, and the first keys and values.
    """
    columns = _shared_columns(name, actual, expected, key, set(uncompared))
    db = duckdb.connect()
    db.execute("set TimeZone = 'UTC'")
    db.register("actual_rows", _plain(actual.select([*key, *columns])))
    db.register("expected_rows", _plain(expected.select([*key, *columns])))
    _check_types(name, db, [*columns, *key])
    for side in ("actual", "expected"):
        _check_unique(name, db, side, key)
    same_key = " and ".join(f'a."{column}" is not distinct from e."{column}"' for column in key)
    db.execute(
        f"create table joined as select a, e from (select *, true as here from actual_rows) a "
        f"full join (select *, true as here from expected_rows) e on {same_key}"
    )
    same = " and ".join(_same(db, column) for column in columns) or "true"
    unlike = f"a.here and e.here and not ({same})"
    counts = [
        db.execute(f"select count(*) from joined where {where}").fetchall()[0][0]
        for where in ("a.here is null", "e.here is null", unlike)
    ]
    missing, extra, different = counts
    if not any(counts):
        return
    lines = [
        f"{name}: {missing} rows missing, {extra} extra, {different} different;"
        f" {expected.num_rows} expected, {actual.num_rows} actual."
    ]
    for label, side, where in (("missing", "e", "a.here is null"), ("extra", "a", "e.here is null")):
        rows = _keys(db, key, side, where)
        lines += [f"  {label}: {_named(key, row)}" for row in rows]
    lines += _differences(db, key, columns, unlike)
    raise AssertionError("\n".join(lines))


def _shared_columns(
    name: str, actual: pa.Table, expected: pa.Table, key: Sequence[str], uncompared: set[str]
) -> list[str]:
    wanted = [column for column in expected.column_names if column in key or not column.startswith("_")]
    lacking = [column for column in wanted if column not in actual.column_names]
    unknown = [
        column
        for column in actual.column_names
        if not column.startswith("_") and column not in expected.column_names and column not in uncompared
    ]
    unusable = [column for column in key if column not in expected.column_names]
    if lacking or unknown or unusable:
        raise AssertionError(
            f"{name}: the actual table lacks columns {lacking}, has columns {unknown} that are not expected,"
            f" and the expected table lacks key columns {unusable}."
        )
    return [column for column in wanted if column not in key and column not in uncompared]


def _plain(table: pa.Table) -> pa.Table:
    """Times as timestamp[us] in UTC (a time without zone is UTC already); fails if that would cut digits off."""
    fields = []
    for field in table.schema:
        is_time = pa.types.is_timestamp(field.type)
        fields.append(pa.field(field.name, pa.timestamp("us", tz="UTC") if is_time else field.type))
    return table.cast(pa.schema(fields))


def _kind(sql_type: str) -> str:
    if sql_type.startswith("DECIMAL") or sql_type in ("DOUBLE", "FLOAT"):
        return "double"
    return "whole" if "INT" in sql_type else sql_type


def _kinds(db: duckdb.DuckDBPyConnection, side: str) -> dict[str, str]:
    return {row[0]: _kind(row[1]) for row in db.execute(f"describe {side}_rows").fetchall()}


def _check_types(name: str, db: duckdb.DuckDBPyConnection, columns: list[str]) -> None:
    """Whole numbers and doubles compare as doubles; any other two kinds cannot be the same."""
    actual, expected = _kinds(db, "actual"), _kinds(db, "expected")
    numbers = {"whole", "double"}
    wrong = [
        f"{column} is {actual[column]}, not {expected[column]}"
        for column in columns
        if actual[column] != expected[column] and not {actual[column], expected[column]} <= numbers
    ]
    if wrong:
        raise AssertionError(f"{name}: {'; '.join(wrong)}.")


def _check_unique(name: str, db: duckdb.DuckDBPyConnection, side: str, key: Sequence[str]) -> None:
    names = ", ".join(f'"{column}"' for column in key)
    rows = db.execute(
        f"select {names}, count(*) from {side}_rows group by {names} having count(*) > 1 order by {names}"
    ).fetchall()
    if rows:
        shown = "; ".join(f"{_named(key, row)} x{row[-1]}" for row in rows[:_SHOWN])
        raise AssertionError(f"{name}: {len(rows)} keys occur more than once in the {side} table: {shown}.")


def _same(db: duckdb.DuckDBPyConnection, column: str) -> str:
    actual, expected = f'a."{column}"', f'e."{column}"'
    same = f"{actual} is not distinct from {expected}"
    if "double" not in (_kinds(db, "actual")[column], _kinds(db, "expected")[column]):
        return f"({same})"
    actual, expected = f"{actual}::double", f"{expected}::double"
    near = f"abs({actual} - {expected}) <= 1e-9::double * greatest(abs({actual}), abs({expected}))"
    # Infinite or NaN on one side would make the difference, or the bound, infinite: then only equality will do.
    finite = f"isfinite({actual}) and isfinite({expected})"
    return f"({actual} is not distinct from {expected} or coalesce({finite} and {near}, false))"


def _keys(db: duckdb.DuckDBPyConnection, key: Sequence[str], side: str, where: str) -> list[tuple[object, ...]]:
    names = ", ".join(f'{side}."{column}"' for column in key)
    return db.execute(f"select {names} from joined where {where} order by {names} limit {_SHOWN}").fetchall()


def _named(key: Sequence[str], row: tuple[object, ...]) -> str:
    return ", ".join(f"{column}={value}" for column, value in zip(key, row, strict=False))


def _differences(db: duckdb.DuckDBPyConnection, key: Sequence[str], columns: list[str], where: str) -> list[str]:
    names = ", ".join(f'e."{column}"' for column in key)
    values = "".join(f', a."{column}", e."{column}", {_same(db, column)}' for column in columns)
    lines = []
    for row in db.execute(
        f"select {names}{values} from joined where {where} order by {names} limit {_SHOWN}"
    ).fetchall():
        found = row[len(key) :]
        wrong = [
            f"{column} is {found[3 * i]!s}, expected {found[3 * i + 1]!s}"
            for i, column in enumerate(columns)
            if not found[3 * i + 2]
        ]
        lines.append(f"  different: {_named(key, row)}: {'; '.join(wrong)}")
    return lines
