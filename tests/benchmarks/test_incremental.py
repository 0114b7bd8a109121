"""The pure pieces of benchmarks/incremental.py."""

from __future__ import annotations

import pytest

from benchmarks.incremental_report import growers, overtaken
from benchmarks.spark_reads import HOOKS, Read, by_node, node_of
from benchmarks.spark_statements import OTHER, kind_of


def test_a_full_rebuild_is_overtaken_where_the_lines_cross() -> None:
    # From 10 to 30 the full rebuild rises from 20 s to 60 s; the incremental run needs 50 s.
    assert overtaken([1, 10, 30], [11, 20, 60], [50, 50, 50]) == pytest.approx(25)


def test_a_full_rebuild_is_overtaken_beyond_what_was_measured_by_its_last_slope() -> None:
    assert overtaken([10, 20, 30], [10, 10, 20], [50, 50, 50]) == pytest.approx(60)


def test_a_full_rebuild_can_be_slower_from_the_start_or_never() -> None:
    assert overtaken([1, 10], [60, 90], [50, 50]) == 1
    assert overtaken([1, 10], [20, 20], [50, 50]) is None
    assert overtaken([1, 10], [20, 19], [50, 50]) is None


def test_a_statement_names_its_node() -> None:
    comment = (
        '/* {"app": "dbt", "dbt_version": "1.11.16", "node_id": "model.junction.fct_trips", "target_name": "local"} */'
    )
    assert node_of(f"{comment}\nselect 1") == "fct_trips"
    assert node_of(comment.replace("model.junction.fct_trips", "test.junction.never_null_fct_trips_a.0a1b")) == (
        "never_null_fct_trips_a"
    )
    assert node_of('/* {"app": "dbt", "connection_name": "master"} */ select 1') == HOOKS


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("insert into junction.fct_trips replace where event_hour = 1 select a", "insert … replace where"),
        ("insert into table junction.int_trips_received select a", "insert: new rows"),
        ("create or replace temporary view `fct_trips__dbt_tmp` as select a", "temporary view"),
        ("create or replace view junction.fct_trips as select a", "view"),
        ("select coalesce(sum(case when a is null then 1 else 0 end), 0) from t", "scan"),
        ("select count(*) as failures from (select 1) dbt_internal_test", "data test"),
        ("select max(_landed_at) from junction.fct_trips", OTHER),
    ],
)
def test_a_statement_is_of_a_kind(statement: str, kind: str) -> None:
    comment = '/* {"app": "dbt", "note": "insert into t replace where", "node_id": "model.junction.fct_trips"} */'
    assert kind_of(f"{comment} {statement}").startswith(kind)
    assert kind_of(f'/* {{"app": "dbt"}} */ {statement}') == "hooks and freshness"


def test_reads_are_summed_by_node() -> None:
    found = by_node([Read("a", 10, 1), Read("b", 1, 2), Read("a", 5, 3)])
    assert found == {"a": Read("a", 15, 4), "b": Read("b", 1, 2)}


def test_what_grows_most_comes_first() -> None:
    def size(*minutes: dict[str, float]) -> dict[str, object]:
        return {"minutes": [{"node_bytes": nodes} for nodes in minutes]}

    small = size({"same": 5, "grows": 1}, {"same": 5, "grows": 3}, {"same": 5, "grows": 2})
    large = size({"same": 5, "grows": 9, "new": 2}, {"same": 5, "grows": 9, "new": 2}, {"same": 5, "grows": 9})
    assert growers([small, large], "node_bytes") == [("grows", 2, 9), ("new", 0, 2), ("same", 5, 5)]
