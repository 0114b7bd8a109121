"""The same project is read for all engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from testbed.warehouse.manifest import Manifest


@pytest.mark.parametrize(("target", "adapter"), [("spark", "spark"), ("redshift", "redshift"), ("duckdb", "duckdb")])
def test_dbt_parses_for_each_engine_without_a_warning(
    parse: Callable[[str], Manifest], target: str, adapter: str
) -> None:
    parsed = parse(target)
    assert parsed.content["metadata"]["adapter_type"] == adapter
    assert parsed.warnings == []


@pytest.mark.parametrize("target", ["redshift", "duckdb"])
def test_all_engines_have_the_same_models_columns_and_tests(target: str, parse: Callable[[str], Manifest]) -> None:
    spark, other = parse("spark").content, parse(target).content
    for kind in ("nodes", "sources", "exposures", "unit_tests"):
        assert spark[kind].keys() == other[kind].keys()
    for unique_id, node in spark["nodes"].items():
        assert list(node["columns"]) == list(other["nodes"][unique_id]["columns"])


def test_each_topic_is_stale_after_minutes(manifest: Manifest) -> None:
    for source in manifest.content["sources"].values():
        if source["config"]["meta"].get("topic") or source["name"] == "landed_batches":
            assert source["loaded_at_field"] == "_landed_at", source["name"]
            assert "landed_date" in source["freshness"]["filter"], source["name"]
            # Incidents are rare: hours without one are no fault of landing, and landed_batches tells of that.
            period = "hour" if source["name"] == "emergency_incidents" else "minute"
            warn, error = (source["freshness"][key] for key in ("warn_after", "error_after"))
            assert (warn["period"], error["period"]) == (period, period), source["name"]
            assert 0 < warn["count"] < error["count"], source["name"]
