"""Each macro of dbt's or of an adapter's that the project replaces lies in macros/dbt_overrides/, with its version.

An upgrade of dbt is then checked in one room: this test names the files whose version is no longer the installed one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

import pytest

from testbed.warehouse.manifest import PROJECT_DIR, Manifest

ROOM = PROJECT_DIR / "macros" / "dbt_overrides"
# The distribution that a package of macros comes in.
DISTRIBUTIONS = {"dbt": "dbt-adapters"} | {
    f"dbt_{name}": f"dbt-{name}" for name in ("spark", "redshift", "postgres", "duckdb")
}
# In which order dbt looks for what an adapter does: dbt-redshift follows dbt-postgres.
PREFIXES = {
    "spark": ("spark", "default"),
    "redshift": ("redshift", "postgres", "default"),
    "duckdb": ("duckdb", "default"),
}
_NAMED = re.compile(r"(\w+)\.(\w+)\s+\((dbt-\w+)\s+([\d.]+)\)")


@pytest.fixture(scope="module")
def macros(parse: Callable[[str], Manifest]) -> list[dict[str, Any]]:
    """All macros of all engines: the project's, dbt's and the adapters'."""
    found = {
        id: macro for target in ("spark", "redshift", "duckdb") for id, macro in parse(target).content["macros"].items()
    }
    return list(found.values())


def _replaced(name: str, theirs: dict[str, str]) -> str | None:
    """What dbt would find if the project had no macro of this name, such as `dbt.default__reset_csv_table`."""
    names = [name]
    for adapter, prefixes in PREFIXES.items():
        if name.startswith(f"{adapter}__"):
            names = [f"{prefix}__{name.removeprefix(f'{adapter}__')}" for prefix in prefixes]
        if name.startswith("materialization_") and name.endswith(f"_{adapter}"):
            names = [f"{name.removesuffix(adapter)}{prefix}" for prefix in prefixes]
    return next((f"{theirs[found]}.{found}" for found in names if found in theirs), None)


def _of_packages(macros: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {macro["name"]: macro["package_name"] for macro in macros if macro["package_name"] != "junction"}


def test_what_an_override_replaces_is_found_as_dbt_finds_it() -> None:
    theirs = {"default__a": "dbt", "spark__a": "dbt_spark", "postgres__b": "dbt_postgres", "c": "dbt"}
    theirs |= {"materialization_table_default": "dbt"}
    assert _replaced("spark__a", theirs) == "dbt_spark.spark__a"
    assert _replaced("redshift__a", theirs) == "dbt.default__a"
    assert _replaced("redshift__b", theirs) == "dbt_postgres.postgres__b"
    assert _replaced("c", theirs) == "dbt.c"
    assert _replaced("materialization_table_redshift", theirs) == "dbt.materialization_table_default"
    assert [_replaced(name, theirs) for name in ("spark__b", "redshift__c", "d")] == [None, None, None]


def test_each_override_lies_in_its_room_and_names_what_it_replaces(macros: list[dict[str, Any]]) -> None:
    theirs = _of_packages(macros)
    overrides: dict[str, set[str]] = {file.name: set() for file in ROOM.iterdir()}
    for macro in (macro for macro in macros if macro["package_name"] == "junction"):
        path = PROJECT_DIR / macro["original_file_path"]
        replaced = _replaced(macro["name"], theirs)
        assert (path.parent == ROOM) == (replaced is not None), f"{macro['name']} replaces {replaced}: {path}"
        if replaced is not None:
            overrides[path.name].add(replaced)
    assert len(overrides) >= 11
    for name, replaced_here in overrides.items():
        comment = (ROOM / name).read_text().split("-#}")[0]
        assert comment.startswith("{#-\n    Overrides "), name
        assert {f"{package}.{macro}" for package, macro, _, _ in _NAMED.findall(comment)} == replaced_here, name


def test_each_override_was_written_against_the_installed_version() -> None:
    for file in sorted(ROOM.iterdir()):
        for package, _, distribution, written_against in _NAMED.findall(file.read_text()):
            assert DISTRIBUTIONS[package] == distribution, file.name
            found = version(distribution)
            assert written_against == found, (
                f"{file.name} was written against {distribution} {written_against}, and {found} is installed:"
                " compare what it replaces in both, then name the new version."
            )
