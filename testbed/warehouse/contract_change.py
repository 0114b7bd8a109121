"""CONTRIBUTING's recipe "Add a column to a topic", followed in a copy of the project, and records to try it with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from contract.reading import load_contract
from contract.values import Misfit, convert
from local import paths

TABLE, TOPIC = "sensors_sample", "sensors-sample"
# Each new column, and how senders spelled it before the contract had it: what fits, and what does not.
# The first four of each fit, so that the first records do so whole.
ADDED = {
    "oil_c": ("double", [
        "91.5", "1.10", "-0.5e2", "12", '"91.5"', "true", "null", "1E5", "0.1234567890123456789", '{"oil_c": 3}',
        "1e400", "9.00E-12", "123456789012345680000", "0.000001234567890123456789012345678",
    ]),
    "odometer_km": ("integer", [
        "12", "-3", "0", "2147483647", "2147483648", "1.0", "1e2", '"5"', "-2147483648", "[1]",
    ]),
    "ticks": ("bigint", [
        "9223372036854775807", "-9223372036854775808", "-0", "5", "9223372036854775808", '"1"', "1" * 30,
    ]),
    "note": ("varchar(8)", [
        '"ok"', '""', '"12345678"', '"éééé"', '"123456789"', '"ééééé"', "5", '"a\\"b"', '{"note": 1}',
        '"{\\"a\\":1}"', '"\\u00e9"', "1.10",
    ]),
    "is_towing": ("boolean", ["true", "false", "null", "true", '"true"', "0"]),
    "serviced_at": ("timestamp", [
        '"2026-03-02T08:14:07.250Z"', '"2026-03-02T08:14:07.1234567+02:00"', '"2024-02-29T23:59:59Z"',
        '"2026-12-31T23:30:00-05:30"', '"2026-02-29T00:00:00Z"', '"1900-02-29T00:00:00Z"',
        '"2000-02-29T00:00:00+00:00"', '"2026-03-02 08:00:00Z"', '"2026-03-02T08:00:00"', "5",
        '"2026-03-02T24:00:00Z"', '"soon"',
    ]),
}  # fmt: skip
ROWS = max(len(spellings) for _, spellings in ADDED.values())


def copy_of_project(folder: Path) -> Path:
    """The dbt project in `folder`, to be changed."""
    ignored = shutil.ignore_patterns("target", "logs")
    return Path(shutil.copytree(paths.PROJECT_DIR, folder / "dbt_project", ignore=ignored))


def add_columns(project: Path) -> None:
    """The recipe: the contract, a docs block, staging with its properties."""
    domain = project / "models" / "staging" / "cars"
    contract, staging = domain / "_cars__sources.yml", domain / "stg_raw__sensors_sample.sql"
    fields, properties = project / "models" / "_fields.md", domain / "_cars__models.yml"
    declared = "".join(
        f"          - name: {name}\n            data_type: {data_type}\n"
        f"            description: \"{{{{ doc('{name}') }}}}\"\n            config: {{meta: {{required: false}}}}\n"
        for name, (data_type, _) in ADDED.items()
    )
    contract.write_text(contract.read_text().rstrip("\n") + "\n" + declared)
    described = "".join(f"\n{{% docs {name} %}}Tried by a test.{{% enddocs %}}\n" for name in ADDED)
    fields.write_text(fields.read_text() + described)
    columns = "".join(f"    {_staged(name, data_type)} as {name},\n" for name, (data_type, _) in ADDED.items())
    _replace(staging, "    gear,\n", f"    gear,\n{columns}")
    gear = "      - {name: gear, description: \"{{ doc('gear') }}\"}\n"
    _replace(properties, gear, gear + "".join(gear.replace("gear", name) for name in ADDED))


def _staged(name: str, data_type: str) -> str:
    added = f"added_column('{TABLE}', '{name}')"
    return f"{{{{ without_trailing_blanks({added}) }}}}" if data_type.startswith("varchar") else f"{{{{ {added} }}}}"


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, path
    path.write_text(text.replace(old, new))


def records(prefix: str, at: datetime) -> Iterator[dict[str, Any]]:
    """ROWS records; the nth holds the nth spelling of each new column that has so many."""
    for number in range(ROWS):
        event = {
            "event_id": f"{prefix}-{number}",
            "event_time": at.isoformat(),
            "car_id": "car-1",
            "speed": 9,
            "rpm": 900,
        }
        text = json.dumps(event | {"gear": 1})[:-1]
        for name, spelling in _spellings(number).items():
            text += f', "{name}" : {spelling}'
        yield {"key": "car-1", "value": f"{text}}}".encode(), "timestamp_ms": int(at.timestamp() * 1000)}


def _spellings(number: int) -> dict[str, str]:
    return {name: spellings[number] for name, (_, spellings) in ADDED.items() if number < len(spellings)}


def expected(project: Path, prefix: str, fitting: bool = False) -> dict[str, dict[str, Any]]:
    """What staging should have of the new columns, by event id: each value as landing reads it, None if it refuses it.

    With `fitting` only the records that fit the contract whole: the others are dead letters by now.
    """
    columns = {column.name: column for column in load_contract(project).topic(TOPIC).columns}
    rows = {}
    for number in range(ROWS):
        row: dict[str, Any] = dict.fromkeys(ADDED)
        fits = True
        for name, spelling in _spellings(number).items():
            try:
                row[name] = convert(columns[name].kind, columns[name].max_bytes, False, json.loads(spelling))
            except Misfit:
                fits = False
        if fits or not fitting:
            rows[f"{prefix}-{number}"] = row
    return rows


def new_columns(table: pa.Table, prefix: str) -> dict[str, dict[str, Any]]:
    """The new columns of a model by event id, times as UTC."""
    rows = table.select(["event_id", *ADDED]).to_pylist()
    for row in rows:
        if row["serviced_at"]:
            row["serviced_at"] = row["serviced_at"].replace(tzinfo=UTC)
    return {row.pop("event_id"): row for row in rows if row["event_id"].startswith(prefix)}
