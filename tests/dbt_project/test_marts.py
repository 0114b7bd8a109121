"""What every mart promises to its readers."""

from __future__ import annotations

import re

from testbed.warehouse.manifest import Manifest

# Types that both engines know, or that macros/dbt_overrides/redshift__contract_types.sql translates.
PORTABLE_TYPE = re.compile(r"varchar\([1-9]\d*\)|bigint|integer|double|boolean|timestamp")


def test_each_mart_has_an_enforced_contract_with_portable_types(manifest: Manifest) -> None:
    for mart in manifest.marts:
        assert mart["config"]["contract"]["enforced"], mart["name"]
        types = {name: column["data_type"] or "" for name, column in mart["columns"].items()}
        assert [name for name, data_type in types.items() if not PORTABLE_TYPE.fullmatch(data_type)] == [], mart["name"]


def test_each_mart_says_when_it_was_built_within_the_columns_that_delta_keeps_statistics_of(manifest: Manifest) -> None:
    for mart in manifest.marts:
        if mart["name"].startswith("dim_"):
            continue  # a view of seeds: no run writes it
        assert "_built_ms" in list(mart["columns"])[:32], mart["name"]


def test_each_mart_has_an_exposure(manifest: Manifest) -> None:
    exposures = manifest.content["exposures"].values()
    exposed = {unique_id for exposure in exposures for unique_id in exposure["depends_on"]["nodes"]}
    for mart in manifest.marts:
        assert mart["unique_id"] in exposed, f"{mart['name']} has no exposure: who reads it?"


def test_each_mart_has_a_tested_key(manifest: Manifest) -> None:
    for mart in manifest.marts:
        tests = {test["test_metadata"]["name"] for test in manifest.tests_of(mart)}
        assert "unique_combination" in tests, mart["name"]


def test_each_model_that_computes_has_a_unit_test(manifest: Manifest) -> None:
    tested = {test["model"] for test in manifest.content["unit_tests"].values()}
    computing = re.compile(r"\b(case|join|over|group by|where)\b")
    for model in manifest.models:
        if model["path"].startswith(("intermediate/clean/", "intermediate/quarantine/")):
            continue  # one line, the same in each; tested once
        if computing.search(model["raw_code"]):
            assert model["name"] in tested


def test_each_table_says_how_redshift_lays_it_out(manifest: Manifest) -> None:
    for model in manifest.models:
        if model["config"]["materialized"] == "incremental" and not model["path"].startswith("intermediate/received/"):
            assert model["config"].get("dist"), model["name"]
            assert model["config"].get("sort"), model["name"]
