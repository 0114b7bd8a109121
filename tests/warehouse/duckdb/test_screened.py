"""The tests of a model that look at each row by itself are asked in one scan; one that is broken fails as dbt's do."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.embedded

MART = "agg_traffic_road_hours"  # it has a test of each kind
KINDS = ("accepted_values", "holds", "in_range", "never_null")
TEST = ("test", "--select", f"{MART},test_type:data", "--threads", "1")


def run_tests(built: Any) -> tuple[dict[str, int], list[str], set[str]]:
    """The failures of each test of the mart, the scans, and the tests that sent SQL of their own."""
    scans: list[str] = []
    own: set[str] = set()

    def note(event: Any) -> None:
        if event.info.name == "SQLQuery" and "sum(case when" in event.data.sql:
            scans.append(event.data.sql)
        if event.info.name == "SQLQuery" and "dbt_internal_test" in event.data.sql:
            own.add(event.data.node_info.unique_id)

    results: Any = built.warehouse.dbt(*TEST, callbacks=[note]).result
    tests = [result for result in results if result.node.resource_type == "test"]
    return {result.node.unique_id: result.failures for result in tests}, scans, own


@pytest.fixture(scope="module")
def row_tests(built: Any) -> set[str]:
    """Those of the mart, which has passed all its tests; one of its rows is in the table `kept`."""
    built.warehouse.build(*TEST)
    built.warehouse.query(f"create table kept as select * from {MART} where speed_ratio is not null limit 1")
    nodes = built.warehouse.manifest()["nodes"]
    of_mart = {id: node for id, node in nodes.items() if node.get("attached_node") == f"model.junction.{MART}"}
    return {id for id, node in of_mart.items() if node["test_metadata"]["name"] in KINDS}


def write(built: Any, change: str = "speed_ratio as speed_ratio") -> None:
    """The row that was kept, with a change, among rows that no test has seen."""
    built.warehouse.query(f"delete from {MART} where (road_id, event_hour) in (select (road_id, event_hour) from kept)")
    built.warehouse.query(f"insert into {MART} select * replace ({change}) from kept")
    ((built_ms,),) = built.warehouse.query("select _built_ms from kept")
    built.warehouse.query(f"update tests_passed set through_ms = {built_ms} - 1")


def test_one_scan_counts_the_breaks_of_all(built: Any, row_tests: set[str]) -> None:
    write(built)
    failures, scans, own = run_tests(built)
    assert set(failures.values()) == {0}
    assert len(row_tests) == len(KINDS)
    assert not row_tests & own
    assert [scan.count("case when") for scan in scans] == [len(row_tests)]
    assert own == failures.keys() - row_tests


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("in_range", "101 as completeness_pct"),
        ("never_null", "null as sample_count"),
        ("accepted_values", "'jam' as congestion_level"),
        ("a_road_hour_without_a_ratio_has_an_unknown_level", "'unknown' as congestion_level"),
    ],
)
def test_a_row_that_breaks_one_test_fails_this_one_only(
    built: Any, row_tests: set[str], kind: str, change: str
) -> None:
    write(built, change)
    failures, scans, own = run_tests(built)
    broken = {id for id, count in failures.items() if count}
    assert [id.split(".")[2].startswith(kind) for id in broken] == [True]
    assert len(scans) == 1
    assert own & row_tests == broken

    write(built)
    assert not any(run_tests(built)[0].values())


def test_a_test_that_never_passed_asks_for_itself(built: Any, row_tests: set[str]) -> None:
    """Its condition may not run at all, which is nobody else's error."""
    new = min(row_tests)
    built.warehouse.query(f"delete from tests_passed where test = '{new}'")
    write(built)
    failures, scans, own = run_tests(built)
    assert set(failures.values()) == {0}
    assert [scan.count("case when") for scan in scans] == [len(row_tests) - 1]
    assert own & row_tests == {new}
