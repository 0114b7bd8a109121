"""Compares a model of two engines: each column that laws 4 and 6 (docs/architecture.md) cover, each row, and types."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_RELATIVE = 1e-9


def plain(rows: pa.Table) -> pa.Table:
    """The compared columns in the order of their names, in the types that both engines can give back.

    Columns that begin with `_` are left out. A timestamp is UTC in microseconds, with or without a zone.
    """
    names = sorted(name for name in rows.column_names if not name.startswith("_"))
    columns = [rows[name] for name in names]
    columns = [column.cast(pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column for column in columns]
    return pa.table(dict(zip(names, columns, strict=True)))


def assert_same(name: str, ours: pa.Table, theirs: pa.Table) -> None:
    """Raise AssertionError unless both hold the same rows; doubles agree to 1e-9 relative."""
    assert ours.num_rows == theirs.num_rows, f"{name}: {ours.num_rows} rows against {theirs.num_rows}"
    doubles = [field.name for field in ours.schema if pa.types.is_floating(field.type)]
    # What is exact comes first, so that rows stand side by side even where doubles differ in the last bit.
    order = [(column, "ascending") for column in [c for c in ours.column_names if c not in doubles] + doubles]
    ours, theirs = ours.sort_by(order), theirs.sort_by(order)
    for column in ours.column_names:
        left, right = ours[column].combine_chunks(), theirs[column].combine_chunks()
        same = pc.equal(left, right)
        if column in doubles:
            near = pc.less_equal(pc.abs(pc.subtract(left, right)), pc.multiply(pc.abs(right), _RELATIVE))
            same = pc.or_(same, near)
        both_null = pc.and_(pc.is_null(left), pc.is_null(right))
        wrong = pc.invert(pc.fill_null(pc.or_kleene(same, both_null), False))
        count = pc.sum(wrong).as_py() or 0
        first = pc.index(wrong, True).as_py()
        sides = [side.slice(first, 1).to_pylist() for side in (ours, theirs)] if count else []
        assert not count, f"{name}.{column}: {count} rows differ, the first is {sides[0]} against {sides[1]}"
