"""How the project is run on Redshift: raw's external tables, rights, views, the lock, conflicts, the docs."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot

from contract.place import ROOT
from testbed.standin.half import Built, commit_when_awaited, half_a_city, logged, printed, unparsable
from testbed.standin.server import DATABASE, LOCATION, failures

pytestmark = pytest.mark.standin


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REDSHIFT_BI_ROLE", "bi")
        with half_a_city(tmp_path_factory.mktemp("operations")) as running:
            yield running


def test_every_raw_table_is_external_and_reads_its_partitions(built: Built) -> None:
    tables = dict(built.standin.query("select table_name, location from standin.external_tables"))
    assert len(tables) == 12
    assert tables["vehicle_gps"] == f"{LOCATION}/raw/vehicle_gps/"
    (raw,) = built.standin.query('select count(*) from "raw".vehicle_gps')
    (received,) = built.standin.query("select count(*) from junction.int_vehicle_gps_received")
    assert raw == received > (0,)


def test_a_run_does_not_ask_the_glue_catalog(built: Built) -> None:
    # A mart that knows nothing of its inputs writes all of its hours again.
    built.standin.query("delete from junction.build_log where model = 'fct_vehicle_readings'")
    asked = logged(built.standin, "run", "--select", "+fct_vehicle_readings")
    assert "pg_get_late_binding_view_cols" in asked
    assert "svv_external" not in asked


def test_external_tables_can_be_made_again(built: Built) -> None:
    tables = "select * from standin.external_tables order by 1"
    partitions = "select * from standin.partitions order by 1, 2, 3"
    rows = 'select count(*) from "raw".vehicle_gps'
    before = built.standin.query(tables), built.standin.query(rows)
    built.standin.build("run-operation", "external_tables")
    added = built.standin.query(partitions)
    assert {name for name, *_ in added} > {"landed_batches", "dead_letters", "vehicle_gps"}
    built.standin.build("run-operation", "external_tables")
    assert built.standin.query(partitions) == added
    assert (built.standin.query(tables), built.standin.query(rows)) == before


def test_the_external_ddl_is_redshifts_and_athenas(built: Built) -> None:
    statements = printed(built.standin, "external_tables", "{dry_run: true}")
    assert len(statements) == 13  # the schema, ten tables, and two of them without partitions
    for statement in statements:
        assert unparsable(statement, "redshift") == [], statement
    for statement in statements[1:]:
        assert sqlglot.parse_one(statement, read="redshift").key == "create"
    athena = [s for s in printed(built.standin, "athena_tables") if s.startswith("create external table")]
    assert len(athena) == 10
    for statement in athena:
        # Athena's DDL is Hive's; sqlfluff's own dialect of Athena does not know STORED AS PARQUET.
        assert unparsable(statement, "hive") == [], statement
        assert sqlglot.parse_one(statement, read="athena").key == "create"


def test_the_copy_statements_are_redshifts(built: Built) -> None:
    jobs = [s for s in printed(built.standin, "copy_statements") if s.startswith("copy")]
    assert len(jobs) == 9
    *of_rows, of_ledger = jobs
    assert all(re.search(r"format as parquet\s+job create \w+ auto on$", job) for job in of_rows)
    assert re.search(r"format as parquet\s+fillrecord\s+job create landed_batches_landing auto on$", of_ledger)
    backfill = printed(built.standin, "copy_statements", "{backfill: true}")
    assert len(backfill) == 3 + 3 * 9
    for statement in backfill:
        assert unparsable(statement, "redshift") == [], statement


def test_the_bi_role_reads_marts_and_nothing_else(built: Built) -> None:
    granted = {name for (name,) in built.standin.query(
        "select table_name from information_schema.role_table_grants where grantee = 'bi' and privilege_type = 'SELECT'"
    )}  # fmt: skip
    marts = {node["name"] for node in built.standin.manifest()["nodes"].values() if node["fqn"][1:2] == ["marts"]
             and node["resource_type"] == "model"}  # fmt: skip
    assert granted == marts


def test_each_table_has_the_keys_of_its_model(built: Built) -> None:
    made = dict(built.standin.query(
        "select c.relname, k.keys from standin.table_keys as k inner join pg_class as c on k.oid = c.oid"
    ))  # fmt: skip
    for node in built.standin.manifest()["nodes"].values():
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view":
            dist = [] if node["config"].get("dist", "even") in ("even", "all") else [node["config"]["dist"]]
            assert made[node["name"]].split(",") == [*dist, *node["config"]["sort"]], node["name"]


@pytest.mark.long
def test_a_view_is_made_once_and_again_when_it_changes(built: Built) -> None:
    oids = "select oid::int, relname from pg_class where relkind = 'v' and relnamespace = 'junction'::regnamespace"
    before = set(built.standin.query(oids))
    built.standin.build("run")
    assert set(built.standin.query(oids)) == before
    built.standin.build("run", "--vars", "{alert_rpm: 6001}", "--select", "fct_car_alerts")
    assert {name for _, name in set(built.standin.query(oids)) - before} == {"fct_car_alerts"}


def test_a_second_run_cannot_write_at_the_same_time(built: Built) -> None:
    built.hold_lock(1)
    outcome = built.standin.dbt("run")
    assert not outcome.success
    assert "release_run_lock" in failures(outcome)
    built.standin.build("run-operation", "release_run_lock")
    built.standin.build("run", "--select", "fct_car_samples")


@pytest.mark.long
def test_a_run_keeps_its_lock_for_as_long_as_it_lasts_and_stops_when_it_has_lost_it(built: Built) -> None:
    models = ["fct_car_samples", "fct_vehicle_readings"]
    forget = "delete from junction.build_log where model like 'fct_%'"
    built.standin.query(forget)  # so that both have something to write
    built.standin.build("run", "--select", *models, "--vars", "{run_lock_minutes: 0}")
    assert built.standin.query("select expires_ms > started_ms from junction.run_lock") == [(True,)]

    def take(event: Any) -> None:
        if event.info.name == "NodeFinished" and event.data.node_info.node_name == models[0]:
            built.standin.query("update junction.run_lock set invocation_id = 'somebody', expires_ms = 0")

    built.standin.query(forget)
    outcome = built.standin.dbt("run", "--select", *models, "--vars", "{run_lock_minutes: 0}", callbacks=[take])
    assert "lost its lock" in failures(outcome)
    results: Any = outcome.result
    assert [result.node.name for result in results.results if result.status == "error"] == models[1:]
    assert built.standin.query("select model from junction.build_log where model like 'fct_%'") == []
    built.standin.build("run", "--select", *models)


@pytest.mark.parametrize("more", [("--full-refresh",), ("--vars", "{from: 2020-01-01 05:00, to: 2020-01-01 06:00}")])
def test_nothing_is_built_anew_from_a_landing_folder_that_is_gone(built: Built, more: tuple[str, ...]) -> None:
    rows = "select count(*) from junction.int_weather_received"
    before = built.standin.query(rows)
    gone = built.landing.rename(built.landing.with_name("gone"))
    built.standin.forget(built.landing)
    assert f"no ledger in the landing folder {LOCATION}" in failures(built.standin.dbt("run", "-s", "fct_trips", *more))
    gone.rename(built.landing)
    built.standin.load(built.landing)
    built.standin.build("run", "--select", "int_weather_received", *more)
    assert built.standin.query(rows) == before != [(0,)]


def test_a_run_of_empty_relations_is_refused(built: Built) -> None:
    outcome = built.standin.dbt("run", "--select", "fct_car_samples", "--empty")
    assert "--empty" in failures(outcome)


def test_a_conflict_leaves_the_table_as_it_was_and_is_retried(built: Built) -> None:
    """Another transaction deletes the hour that a run replaces: Redshift's serializable isolation violation."""
    rows = "select count(*), min(_built_ms) from junction.int_sensor_minutes"
    before = built.standin.query(rows)
    built.land_rest()
    with built.standin.cursor() as other:
        # The rows stay locked until the run has its snapshot and waits for them; then they change under it.
        other.execute("update junction.int_sensor_minutes set sample_count = sample_count")
        change = threading.Thread(target=commit_when_awaited, args=(built.standin, other))
        change.start()
        outcome = built.standin.dbt("run", "--select", "+int_sensor_minutes")
        change.join()
    assert not outcome.success
    assert "could not serialize access" in failures(outcome)
    assert built.standin.query(rows) == before
    built.standin.build("retry")
    ((count, _),) = built.standin.query(rows)
    assert count > before[0][0]


def test_a_run_that_loses_its_lock_before_it_writes_writes_nothing(built: Built) -> None:
    """Between the last check and the write: the rows are computed by then, and the lease is young."""
    model = "int_vehicle_telemetry_received"  # the test above landed rows of it
    rows = f"select count(*), max(_built_ms) from junction.{model}"
    before = built.standin.query(rows)
    at = built.lose_lock_at("create", f"{model}__dbt_tmp")
    assert "lost its lock" in failures(built.standin.dbt("run", "--select", model, callbacks=[at]))
    assert built.standin.query(rows) == before
    built.standin.build("run-operation", "release_run_lock")
    built.standin.build("run", "--select", model)
    assert built.standin.query(rows)[0][1] > before[0][1]


@pytest.mark.long
def test_an_hour_that_has_become_empty_is_emptied(built: Built) -> None:
    rows = "select count(*), count(case when event_hour < '2021-01-01' then 1 end) from junction.agg_car_alerts_15min"
    ((before, _),) = built.standin.query(rows)
    built.standin.query(
        "create temporary table stale as select * from junction.agg_car_alerts_15min limit 1;"
        " update stale set event_hour = '2020-01-01 05:00';"
        " insert into junction.agg_car_alerts_15min select * from stale"
    )
    assert built.standin.query(rows) == [(before + 1, 1)]
    built.standin.build(
        "run", "--select", "agg_car_alerts_15min", "--vars", "{from: 2020-01-01 05:00, to: 2020-01-01 06:00}"
    )
    assert built.standin.query(rows) == [(before, 0)]


def test_a_range_of_a_year_has_each_of_its_hours(built: Built) -> None:
    hours = "{% set hours = hours_between('2028-01-01 00:30', '2028-12-31 23:30') %}"
    inline = hours + "{{ hours | length }}, {{ hours | first }} to {{ hours | last }}"
    outcome: Any = built.standin.dbt("compile", "--inline", inline).result
    assert outcome.results[0].node.compiled_code == "8784, 2028-01-01 00:00:00 to 2028-12-31 23:00:00"


def test_the_queries_carry_the_projects_label(built: Built) -> None:
    log = logged(built.standin, "run", "--select", "dim_zones")
    assert '"app": "dbt"' in log  # the comment of each statement; the session's query_group is the profile's
    profile = (ROOT / "profiles" / "profiles.yml").read_text()
    assert "query_group: junction" in profile


def test_tables_can_be_vacuumed_and_analyzed(built: Built) -> None:
    built.standin.build("run-operation", "maintain_tables")
    analyzed = built.standin.query("select relname from pg_stat_user_tables where last_analyze is not null")
    assert ("fct_vehicle_readings",) in analyzed


def test_the_page_lists_the_models_that_a_real_redshift_cannot_unit_test(built: Built) -> None:
    page = (ROOT / "docs" / "redshift.md").read_text()
    listed = page.split("the parity test covers them:")[1].split(".")[0]
    compiled = built.standin.folder / "target" / "compiled" / "junction" / "models"
    models = [node for node in built.standin.manifest()["nodes"].values() if node["resource_type"] == "model"]
    sql = {node["name"]: (compiled / node["path"]).read_text() for node in models}
    percentiles = {name for name, text in sql.items() if "percentile_cont" in text}
    assert set(re.findall(r"`(\w+)`", listed)) == percentiles


@pytest.mark.long
def test_the_docs_describe_every_relation(built: Built) -> None:
    built.standin.build("docs", "generate")
    catalog = json.loads((built.standin.folder / "target" / "catalog.json").read_text())
    assert catalog["errors"] is None
    nodes = built.standin.manifest()["nodes"].values()
    described = {node["unique_id"] for node in nodes if node["resource_type"] in ("model", "seed")}
    assert catalog["nodes"].keys() == described
    assert all(node["metadata"]["database"] == DATABASE for node in catalog["nodes"].values())
