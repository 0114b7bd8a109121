"""What Redshift refuses, the stand-in refuses: with a sentence that says what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redshift_connector

from testbed.standin import Standin, standin

pytestmark = pytest.mark.standin

# An unportable model, and what the refusal says to write.
UNPORTABLE = {
    "select generate_series(1, 10) as n": "join to a seed",
    "select n from generate_series(1, 10) as n": "join to a seed",
    "select distinct on (car_id) car_id, speed from junction.samples": "row_number",
    "select sum(speed) over (partition by car_id order by at) as total from junction.samples": "rows between",
    "select sum(speed) over (order by at range between interval '1 hour' preceding and current row) as total"
    " from junction.samples": "ROWS over signed steps",
    "select sum(speed) over w as total from junction.samples window w as (partition by car_id)": "behind each OVER",
    "select count(*) filter (where speed > 120) as fast from junction.samples": "case when",
    "select s.speed, l.n from junction.samples as s cross join lateral (select s.speed + 1 as n) as l": "a CTE",
    "select array[1, 2] as pair": "one row for each element",
    "select array_agg(speed) as speeds from junction.samples": "one row for each element",
    "select x from (values (1), (2)) as v (x)": "union all",
    "select car_id from junction.samples qualify row_number() over (order by at) = 1": "row_number() in a CTE",
    "select lag(speed) ignore nulls over (order by at) as before from junction.samples": "ROWS frame",
    "select car_id from junction.samples where speed is distinct from 5": "is null",
    "select percentile_cont(0.5) within group (order by speed) as a, percentile_cont(0.5) within group (order by rpm)"
    " as b from junction.samples": "a CTE of their own",
    "select percentile_cont(0.5) within group (order by speed) as a, count(distinct car_id) as b"
    " from junction.samples": "a CTE of its own",
    "select avg(speed) as mean from junction.samples": "cast its argument",
    "select cast(car_id as uuid) as id from junction.samples": "varchar(n)",
    "select cast(speed as text) as t from junction.samples": "write varchar(n)",
    "select cast(speed as varchar) as t from junction.samples": "write varchar(n)",
    "with new as (select 1 as n) select n from new": "reserved word",
    r"select car_id from junction.samples where car_id ~ '^\d+$'": "[0-9]",
    "select '{}' ->> 'a' as a": "a column of the contract",
    "select make_timestamp(2026, 1, 1, 0, 0, 0) as at": "testbed/standin/functions.py",
    "select string_agg(car_id, ',') as cars from junction.samples": "testbed/standin/functions.py",
}

RAW_T = '"raw".t'
STORED = "stored as parquet location 's3://bucket/t/'"
PARTITION = " partition (landed_date='2026-01-01', landed_hour='00') location 's3://bucket/t/0/'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with standin(tmp_path_factory.mktemp("refusals")) as running:
        yield running


@pytest.fixture(scope="module")
def connection(server: Standin) -> Iterator[redshift_connector.Connection]:
    with redshift_connector.connect(
        host="127.0.0.1", port=server.port, database="junction", user="postgres", password="", ssl=False
    ) as connected:
        connected.autocommit = True
        connected.cursor().execute("create schema junction")
        connected.cursor().execute(
            "create table junction.samples (car_id varchar(64), at timestamp, speed integer, rpm integer)"
            " diststyle key distkey (car_id) compound sortkey (at, car_id)"
        )
        yield connected


def refusal(connection: redshift_connector.Connection, sql: str) -> str:
    with pytest.raises(redshift_connector.ProgrammingError) as refused:
        connection.cursor().execute(sql)
    return str(refused.value.args[0]["M"])


def test_a_statement_is_known_by_all_but_its_comments_and_literals(connection: redshift_connector.Connection) -> None:
    connection.cursor().execute(
        "select count(*) -- it's\n from junction.samples where car_id in ('a', 'it''s') -- it's"
    )
    connection.cursor().execute("select count(*) from junction.samples where car_id in ('--')")
    says = refusal(connection, "select string_agg(car_id, ',') -- it's\n from junction.samples -- it's")
    assert "testbed/standin/functions.py" in says
    says = refusal(connection, "select count(*) from junction.samples where car_id in ('--', string_agg('a', ','))")
    assert "testbed/standin/functions.py" in says


@pytest.mark.parametrize("sql", UNPORTABLE)
def test_an_unportable_model_is_refused(connection: redshift_connector.Connection, sql: str) -> None:
    for model in (f"create table junction.model as ({sql})", sql):
        message = refusal(connection, model)
        assert UNPORTABLE[sql] in message
        assert "https://docs.aws.amazon.com/redshift/latest/dg/" in message


def test_the_portable_ways_are_taken(connection: redshift_connector.Connection) -> None:
    connection.cursor().execute(
        "create table junction.model diststyle even sortkey (at) as ("
        " with numbered as (select *, row_number() over (partition by car_id order by at) as nth from junction.samples)"
        " select car_id, at, sum(speed) over (partition by car_id order by at rows between unbounded preceding and"
        " current row) as total from numbered where nth = 1 and car_id ~ '^[0-9]+$')"
    )
    connection.cursor().execute("drop table junction.model")


@pytest.mark.parametrize(
    ("ddl", "says"),
    [
        ("create table junction.t diststyle key distkey (no_such) as (select 1 as n)", "no_such"),
        ("create table junction.t sortkey (n, no_such) as (select 1 as n)", "no_such"),
        ("create table junction.t diststyle key as (select 1 as n)", "DISTKEY"),
        ("create table junction.t diststyle all distkey (n) as (select 1 as n)", "DISTSTYLE KEY"),
        ("create table junction.t (n text)", "varchar(n)"),
        ("truncate table junction.samples", "delete from"),
        ("create table junction.t (n uuid)", "varchar(n)"),
        ('create view junction.v as (select car_id from "raw".sensors_sample)', "bind: false"),
        ("create view junction.v as (select car_id from samples) with no schema binding", "schema"),
        (f"create external table if not exists {RAW_T} (n integer) {STORED}", "IF NOT EXISTS"),
        (f"create external table {RAW_T} (n text) {STORED}", "text"),
        (f"create external table {RAW_T} (n integer) stored as parquet location '/tmp/t'", "s3://"),
        (f"alter table {RAW_T} add if not exists " + 101 * PARTITION, "100"),
    ],
)  # fmt: skip
def test_ddl_that_redshift_would_not_take_is_refused(
    connection: redshift_connector.Connection, ddl: str, says: str
) -> None:
    assert says in refusal(connection, ddl)


@pytest.mark.parametrize(
    "sql",
    ["vacuum junction.samples", "create external table \"raw\".t (n integer) stored as parquet location 's3://b/t/'"],
)
def test_what_cannot_run_in_a_transaction_is_refused_there(connection: redshift_connector.Connection, sql: str) -> None:
    connection.cursor().execute("begin")
    try:
        assert "transaction" in refusal(connection, sql)
    finally:
        connection.cursor().execute("rollback")


def test_a_late_binding_view_outlives_what_it_reads(server: Standin, connection: redshift_connector.Connection) -> None:
    run = connection.cursor().execute
    run("create table junction.one as (select 1 as n)")
    run("create view junction.late as (select n from junction.one) with no schema binding")
    run("create view junction.later as (select n from junction.late) with no schema binding")
    run("create table junction.two as (select 2 as n)")
    run("alter table junction.one rename to old")
    run("alter table junction.two rename to one")
    run("drop table if exists junction.old cascade")
    assert server.query("select n from junction.later") == [(2,)]
    run("drop table junction.one cascade")
