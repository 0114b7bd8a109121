"""A data test that has seen all that it reads sends no SQL; one whose table was written, or that failed, does."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

TABLE, MART = "int_weather_received", "agg_environment_zone_hours"
BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude", "resource_type:seed")
SELECTED = (*BUILD, "--select", f"+{MART}", "fct_car_samples")


def asked(built: Any, *arguments: str) -> set[str]:
    """The tests that sent SQL in a command, which succeeded: their own, or a scan for the row tests of a model."""
    sent: set[str] = set()
    nodes = built.warehouse.manifest()["nodes"]

    def note(event: Any) -> None:
        if event.info.name == "SQLQuery" and "dbt_internal_test" in event.data.sql:
            sent.add(event.data.node_info.unique_id)
        if event.info.name == "SQLQuery" and "sum(case when" in event.data.sql:
            model = nodes.get(event.data.node_info.unique_id, {}).get("attached_node")
            sent.update(id for id, node in nodes.items() if model and node.get("attached_node") == model)

    outcome = built.warehouse.dbt(*arguments, callbacks=[note])
    assert outcome.success
    results: Any = outcome.result
    tests = {result.node.unique_id for result in results if result.node.resource_type == "test"}
    assert all(result.failures == 0 for result in results if result.node.resource_type == "test")
    return sent & tests


def names_of_tests(built: Any, *names: str) -> set[str]:
    nodes = built.warehouse.manifest()["nodes"].values()
    wanted = {f"model.junction.{name}" for name in names}
    return {
        node["unique_id"]
        for node in nodes
        if node["resource_type"] == "test" and set(node["depends_on"]["nodes"]) <= wanted
    }


def test_a_test_of_what_was_left_alone_sends_no_sql_and_of_what_was_written_does(built: Any) -> None:
    built.warehouse.build(*SELECTED)
    of_mart, of_samples = names_of_tests(built, MART), names_of_tests(built, "fct_car_samples")
    assert len(of_mart) > 1
    assert len(of_samples) > 1

    assert not asked(built, *SELECTED) & (of_mart | of_samples)
    assert of_mart <= asked(built, *SELECTED, "--vars", "{audit: full}")

    built.warehouse.query(f"delete from build_log where model = '{MART}'")  # so that it writes its hours again
    found = asked(built, *SELECTED)
    assert of_mart <= found
    assert not of_samples & found


def test_a_run_without_its_tests_is_tested_by_the_next_command_that_tests(built: Any) -> None:
    built.warehouse.build(*SELECTED)
    of_mart = names_of_tests(built, MART)
    assert not asked(built, "test", "--select", MART) & of_mart
    built.warehouse.query(f"delete from build_log where model = '{MART}'")
    built.warehouse.build("run", "--select", MART)
    assert of_mart <= asked(built, "test", "--select", MART)
    assert not asked(built, "test", "--select", MART) & of_mart


def test_a_test_that_failed_looks_again_until_it_passes(built: Any) -> None:
    built.warehouse.build(*SELECTED)
    ((hour,),) = built.warehouse.query(f"select max(event_hour) from {MART}")
    (row,) = built.warehouse.query(f"select zone_id from {MART} where event_hour = timestamp '{hour}' limit 1")
    twice = f"zone_id = '{row[0]}' and event_hour = timestamp '{hour}'"
    built.warehouse.query(f"delete from build_log where model = '{MART}'")
    built.warehouse.build("run", "--select", MART)
    built.warehouse.query(f"insert into {MART} from {MART} where {twice}")
    for _ in range(2):
        assert not built.warehouse.dbt(*SELECTED).success
    log = json.loads((built.warehouse.folder / "target" / "run_results.json").read_text())["results"]
    assert any(result["status"] == "fail" for result in log)
    built.warehouse.build("run", "--full-refresh", "--select", MART)
    built.warehouse.build(*SELECTED)
