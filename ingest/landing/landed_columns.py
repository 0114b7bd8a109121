"""Do the raw files that are there fit the contract of today? Asked of one file's footer at each start of landing."""

from __future__ import annotations

from collections.abc import Sequence

from contract.arrow import kind_of
from contract.compatibility import column_breaks
from contract.model import Column
from ingest.errors import LandingError
from ingest.folder import names
from ingest.folder.landing_folder import LandingFolder
from ingest.folder.parquet import opened


def check_landed_columns(folder: LandingFolder, table: str, columns: Sequence[Column]) -> None:
    """Raise LandingError if the newest raw file (or compacted one, if all are expired) breaks with `columns`.

    Each landed file has passed this check, so the newest has every column that was ever landed.
    """
    newest = _newest_file(folder, table, "raw") or _newest_file(folder, table, "compacted")
    if newest is None:
        return
    required = {column.name: column.required for column in columns}
    with opened(folder.store, newest) as file:
        schema = file.schema_arrow
    landed = [
        Column(field.name, kind_of(field.type), required.get(field.name, False))  # a file tells types, nothing more
        for field in schema
    ]
    found = list(column_breaks(table, landed, columns))
    if found:
        raise LandingError(" ".join(found))


def _newest_file(folder: LandingFolder, table: str, root: str) -> str | None:
    for hour in folder.hours(table, root=root):
        keys = folder.files(f"{root}/{table}/{hour}")
        if root == "raw":  # a file of another name is somebody else's
            keys = [key for key in keys if names.parse_file_name(key.rpartition("/")[2])]
        if newest := folder.store.newest(keys):
            return newest
    return None
