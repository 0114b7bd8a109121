"""How the project is run on DuckDB: raw, views, the lock's renewal, maintenance, freshness, the docs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testbed.warehouse.embedded import FILE
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded


def test_raw_shows_all_that_was_landed(built: Any) -> None:
    (raw,) = built.warehouse.query("select count(*) from raw.vehicle_gps")
    (received,) = built.warehouse.query("select count(*) from int_vehicle_gps_received")
    assert raw == received
    assert raw[0] > 0
    (files,) = built.warehouse.query(
        f"select count(*) from read_parquet('{built.warehouse.landing}/raw/dead_letters/*/*/*.parquet')"
    )
    assert built.warehouse.query("select count(*) from raw.dead_letters") == [files]
    assert files[0] > 0


def test_a_view_is_made_once_and_again_when_it_changes(built: Any) -> None:
    oids = "select view_oid, view_name from duckdb_views() where schema_name = 'junction'"
    with built.warehouse.connection():  # the numbers are of one opening of the file
        before = set(built.warehouse.query(oids))
        built.warehouse.build("run")
        assert set(built.warehouse.query(oids)) == before
        built.warehouse.build("run", "--vars", "{alert_rpm: 6001}", "--select", "fct_car_alerts")
        assert {name for _, name in set(built.warehouse.query(oids)) - before} == {"fct_car_alerts"}


def test_a_run_keeps_its_lock_for_as_long_as_it_lasts_and_stops_when_it_has_lost_it(built: Any) -> None:
    models = ["fct_car_samples", "fct_vehicle_readings"]
    forget = "delete from build_log where model like 'fct_%'"
    built.warehouse.query(forget)  # so that both have something to write
    at_each_table = ("run", "--select", *models, "--vars", "{run_lock_minutes: 0}", "--threads", "1")
    built.warehouse.build(*at_each_table)
    assert built.warehouse.query("select expires_ms > started_ms from run_lock") == [(True,)]

    def take(event: Any) -> None:
        if event.info.name == "NodeStart" and event.data.node_info.node_name in models:
            built.warehouse.query("update run_lock set invocation_id = 'somebody', expires_ms = 0")

    built.warehouse.query(forget)
    outcome = built.warehouse.dbt(*at_each_table, callbacks=[take])
    assert "lost its lock" in failures(outcome)
    assert built.warehouse.query("select model from build_log where model like 'fct_%'") == []
    built.warehouse.build("run-operation", "release_run_lock")
    built.warehouse.build("run", "--select", *models)


def test_the_ledger_is_asked_once_for_all_topics_of_the_last_hour(built: Any) -> None:
    built.land_rest()
    built.warehouse.build("run")
    asked: list[str] = []

    def note(event: Any) -> None:
        if event.info.name == "SQLQuery" and "sum(row_count)" in event.data.sql and "landed_batches" in event.data.sql:
            asked.append(event.data.sql)

    assert built.warehouse.dbt("run", callbacks=[note]).success
    newest = "select max(_landed_at) from raw.landed_batches group by _kafka_topic"
    recent = built.warehouse.query(
        f"select count(*) from ({newest}) as topics (newest) where newest > now() - interval 30 minutes"
    )
    built_from_ledger = 7 - recent[0][0]  # a topic that was landed in longer ago, or never, asks by itself
    assert recent[0][0] > 2
    assert len([sql for sql in asked if "int_landing_hours" not in sql]) == 1 + built_from_ledger


def test_a_table_that_keeps_rows_is_built_by_the_same_code_in_its_second_run(built: Any) -> None:
    """The first run builds it from nothing; what it reads of itself later is no change of its code."""
    said: list[str] = []
    for _ in range(2):
        select = ("run", "--select", "config.materialized:incremental")
        assert built.warehouse.dbt(*select, callbacks=[lambda event: said.append(event.info.msg)]).success
    assert said
    assert [text for text in said if "was built by other code" in text] == []


def test_a_run_of_empty_relations_is_refused(built: Any) -> None:
    outcome = built.warehouse.dbt("run", "--select", "fct_car_samples", "--empty")
    assert "--empty" in failures(outcome)


def test_an_hour_that_has_become_empty_is_emptied(built: Any) -> None:
    rows = "select count(*), count(case when event_hour < '2021-01-01' then 1 end) from agg_car_alerts_15min"
    ((before, _),) = built.warehouse.query(rows)
    built.warehouse.query(
        "insert into agg_car_alerts_15min"
        " select * replace (timestamp '2020-01-01 05:00' as event_hour) from agg_car_alerts_15min limit 1"
    )
    assert built.warehouse.query(rows) == [(before + 1, 1)]
    built.warehouse.build(
        "run", "--select", "agg_car_alerts_15min", "--vars", "{from: 2020-01-01 05:00, to: 2020-01-01 06:00}"
    )
    assert built.warehouse.query(rows) == [(before, 0)]


def test_the_ends_of_a_range_may_have_an_offset(built: Any) -> None:
    ends = "{from: '2026-03-02T06:20:00+02:00', to: '2026-03-02T06:00:00Z'}"
    inline = ("compile", "--inline", "{{ range_hours() | join(' ') }}", "--vars", ends)
    outcome: Any = built.warehouse.dbt(*inline).result
    assert outcome.results[0].node.compiled_code == "2026-03-02 04:00:00 2026-03-02 05:00:00"


def test_hours_that_end_before_they_begin_are_none(built: Any) -> None:
    """What was looked at with a wider `landing_ahead_hours` lies after today's horizon: no range of a user's."""
    inline = "{{ hours_through('2026-03-02 09', '2026-03-02 06') | length }}"
    outcome: Any = built.warehouse.dbt("compile", "--inline", inline).result
    assert outcome.results[0].node.compiled_code == "0"


@pytest.mark.parametrize(
    ("hours", "refusal"),
    [
        ("from: 2020-01-01 05:00, to: 2020-01-01 05:00", "The range ends at 2020-01-01 05:00, not after it begins"),
        ("from: 2020-01-01 05:00, to: 2020-01-01 04:00", "The range ends at 2020-01-01 04:00, not after it begins"),
        ("from: 2020-01-01 05:00", "A range rebuild needs both ends: --vars"),
        ("from: yesterday, to: 2020-01-01 04:00", "yesterday is no ISO time: write both ends as in --vars"),
    ],
)
@pytest.mark.parametrize("model", ["agg_car_alerts_15min", "fct_car_samples"])
def test_a_range_that_is_none_is_refused(built: Any, model: str, hours: str, refusal: str) -> None:
    assert refusal in failures(built.warehouse.dbt("run", "--select", model, "--vars", f"{{{hours}}}"))


def test_a_table_that_is_made_anew_is_in_the_order_of_its_hours(built: Any) -> None:
    built.warehouse.build("run", "--full-refresh", "--select", "int_sensors_sample_received")
    (hours,) = zip(*built.warehouse.query("select event_hour from int_sensors_sample_received"), strict=True)
    assert list(hours) == sorted(hours)


def test_a_failed_test_is_accepted_by_name(built: Any) -> None:
    name = "test.junction.zones_do_not_overlap"
    built.warehouse.query("delete from tests_passed")
    built.warehouse.build("run-operation", "accept_failures", "--args", f"{{tests: [{name}]}}")
    ((newest,),) = built.warehouse.query("select max(through_ms) from build_log")
    assert built.warehouse.query("select test, through_ms from tests_passed") == [(name, newest)]
    unknown = built.warehouse.dbt("run-operation", "accept_failures", "--args", "{tests: [test.junction.no_such]}")
    assert not unknown.success


@pytest.mark.parametrize("models", ["[fct_tripz]", "fct_trips"])
def test_code_of_an_unknown_model_is_not_accepted(built: Any, models: str) -> None:
    said: list[str] = []
    arguments = ("run-operation", "accept_code", "--args", f"{{models: {models}}}")
    assert not built.warehouse.dbt(*arguments, callbacks=[lambda event: said.append(event.info.msg)]).success
    assert any("write names as --args '{models: [" in text for text in said)


def test_maintenance_keeps_the_newest_mark_of_each_test(built: Any) -> None:
    built.warehouse.build("test", "--exclude-resource-type", "unit_test")
    marks = "select test, max(through_ms) from tests_passed group by test order by test"
    before = built.warehouse.query(marks)
    built.warehouse.build("run-operation", "maintain_tables")
    assert built.warehouse.query(marks) == before
    newest = "(select max(through_ms) from tests_passed as newest where newest.test = mark.test)"
    overtaken = f"select count(*) from tests_passed as mark where through_ms < {newest}"
    assert built.warehouse.query(overtaken) == [(0,)]
    assert built.warehouse.query("select invocation_id from run_lock") == [("",)]
    wal = built.warehouse.folder / f"{FILE}.wal"
    assert not wal.exists() or wal.stat().st_size < 1_000_000


def test_freshness_is_asked_of_the_ledger(built: Any) -> None:
    built.warehouse.dbt("source", "freshness")  # incidents may be stale, which is no fault here
    found = json.loads((built.warehouse.folder / "target" / "sources.json").read_text())["results"]
    newest = dict(built.warehouse.query("select _kafka_topic, max(_landed_at) from raw.landed_batches group by 1"))
    by_source = {result["unique_id"].rsplit(".", 1)[1]: result for result in found}
    assert by_source.keys() >= {"vehicle_gps", "weather", "landed_batches"}
    for table in ("vehicle_gps", "weather"):
        landed = newest[table.replace("_", "-")]
        assert by_source[table]["max_loaded_at"].startswith(f"{landed:%Y-%m-%dT%H:%M:%S}")


def test_the_docs_describe_every_relation(built: Any) -> None:
    built.warehouse.build("docs", "generate")
    catalog = json.loads((built.warehouse.folder / "target" / "catalog.json").read_text())
    assert catalog["errors"] is None
    nodes = built.warehouse.manifest()["nodes"].values()
    described = {node["unique_id"] for node in nodes if node["resource_type"] in ("model", "seed")}
    assert catalog["nodes"].keys() == described
