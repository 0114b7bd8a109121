"""Do the raw files that are there fit the contract of today? Asked of one file's footer at each start of landing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet

from contract.arrow import kind_of
from contract.compatibility import column_breaks
from contract.model import Column
from ingest.errors import LandingError
from ingest.folder.names import hour_folders


def check_landed_columns(landing: Path, table: str, columns: Sequence[Column]) -> None:
    """Raise LandingError if the newest raw file (or compacted one, if all are expired) breaks with `columns`.

    Each landed file has passed this check, so the newest has every column that was ever landed.
    """
    newest = _newest_file(landing / "raw" / table) or _newest_file(landing / "compacted" / table)
    if newest is None:
        return
    required = {column.name: column.required for column in columns}
    landed = [
        Column(field.name, kind_of(field.type), required.get(field.name, False))  # a file tells types, nothing more
        for field in pyarrow.parquet.read_schema(newest)
    ]
    found = list(column_breaks(table, landed, columns))
    if found:
        raise LandingError(" ".join(found))


def _newest_file(folder: Path) -> Path | None:
    for hour in hour_folders(folder):
        files = list(hour.glob("*.parquet"))
        if files:
            return max(files, key=lambda path: path.stat().st_mtime_ns)
    return None
