"""What tools ask of PostgreSQL's catalog before they show a table: psql, JDBC's driver, DBeaver, SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.door import catalog
from testbed.warehouse.door import Door, served

_OF_JUNCTION = "(select oid from pg_namespace where nspname = 'junction')"
# In the words of the tools, shortened to the parts that DuckDB has not by itself.
QUESTIONS = {
    "psql lists tables": (
        "SELECT n.nspname, c.relname, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' END, "
        "pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE c.relkind IN ('r','v') AND n.nspname !~ '^pg_toast' "
        "AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2;",
        [("junction", "cars", "table", "owner"), ("junction", "fast_cars", "view", "owner")],
    ),
    "psql finds a table": (
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(cars)$' COLLATE pg_catalog.default "
        "AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1, 2;",
        [("junction", "cars")],
    ),
    "psql lists columns": (
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, "
        "d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND "
        "a.atthasdef), a.attnotnull FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'cars'::regclass "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum;",
        [
            ("id", "bigint", None, True), ("price", "numeric(10,2)", None, False), ("built", "date", None, False),
            ("seen", "timestamp with time zone", None, False), ("tags", "text[]", None, False),
        ],
    ),
    "psql lists databases": (
        "SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding), "
        "d.datcollate FROM pg_catalog.pg_database d ORDER BY 1;",
        [("warehouse", "owner", "UTF8", "C")],
    ),
    "JDBC lists schemas": (
        "SELECT nspname AS TABLE_SCHEM, NULL AS TABLE_CATALOG FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast' "
        "AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1]) ORDER BY TABLE_SCHEM",
        [("junction", None), ("main", None)],
    ),
    "JDBC lists columns with the ids of their types": (
        "SELECT c.relname, a.attname, a.atttypid, t.typname, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, "
        "dsc.description FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) "
        "JOIN pg_catalog.pg_attribute a ON (a.attrelid = c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) "
        "LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum) "
        "LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) "
        "WHERE c.relname = 'fast_cars' AND n.nspname LIKE 'junction' ORDER BY attnum",
        [("fast_cars", "id", 20, "int8", None, None)],
    ),
    "JDBC lists primary keys": (
        "SELECT result.TABLE_NAME FROM (SELECT ct.relname AS TABLE_NAME, a.attnum AS A_ATTNUM, "
        "(information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, information_schema._pg_expandarray(i.indkey) AS "
        "KEYS FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN "
        "pg_catalog.pg_index i ON (a.attrelid = i.indrelid) WHERE i.indisprimary) result "
        "where result.A_ATTNUM = (result.KEYS).x",
        [],
    ),
    "JDBC asks for a setting": (
        "SELECT setting FROM pg_catalog.pg_settings WHERE name='max_index_keys'", [("32",)],
    ),
    "DBeaver lists keywords": (
        "select count(*) > 50 from pg_catalog.pg_get_keywords() where word <> ALL ( '{a,abs}'::text[] )", [(True,)],
    ),
    "DBeaver lists a schema's tables": (
        "SELECT c.relname, d.description, pg_catalog.pg_get_partkeydef(c.oid) FROM pg_catalog.pg_class c LEFT OUTER "
        "JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass "
        f"WHERE c.relnamespace={_OF_JUNCTION} AND c.relkind not in ('i','I','c') ORDER BY 1",
        [("cars", None, None), ("fast_cars", None, None)],
    ),
    "DBeaver lists roles": ("SELECT rolname FROM pg_catalog.pg_roles a ORDER BY 1", [("owner",), ("reader",)]),
    "SQLAlchemy names columns with their schema": (
        "SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON "
        "pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relkind = "
        "ANY (ARRAY['r', 'p']) AND pg_catalog.pg_namespace.nspname = 'junction'",
        [("cars",)],
    ),
    "SQLAlchemy asks for a setting and a collation": (
        "SELECT pg_catalog.current_setting('default_table_access_method'), (SELECT pg_catalog.pg_collation.collname "
        "FROM pg_catalog.pg_collation JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = "
        "pg_catalog.pg_collation.collnamespace WHERE pg_catalog.pg_collation_is_visible(pg_catalog.pg_collation.oid))",
        [("art", None)],
    ),
    "information_schema has the warehouse's tables only": (
        "select table_schema, table_name from information_schema.tables order by 2",
        [("junction", "cars"), ("junction", "fast_cars")],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with served(
        tmp_path_factory.mktemp("door"),
        "create table cars (id bigint not null, price decimal(10, 2), built date, seen timestamptz, tags varchar[])",
        "create view fast_cars as select id from cars",
        "attach ':memory:' as junction_opening",
        "create table junction_opening.main.opening as select 1 as name",
    ) as serving:
        yield serving


@pytest.mark.parametrize(("question", "answer"), QUESTIONS.values(), ids=QUESTIONS)
def test_a_tools_question_is_answered(door: Door, question: str, answer: list[tuple[object, ...]]) -> None:
    assert door.rows(question) == answer


def test_the_version_is_one_of_postgresql(door: Door) -> None:
    for question in ("select pg_catalog.version()", "select version()"):
        assert door.rows(question)[0][0].startswith("PostgreSQL 14.0 ")


def test_a_query_of_a_mart_is_left_as_it_is() -> None:
    assert catalog.translated("select * from junction.cars where id = any([1, 2])") is None


def test_the_owners_questions_are_duckdbs(door: Door) -> None:
    """dbt-duckdb asks DuckDB's catalog, and gets DuckDB's answers."""
    sql = "select count(*) from information_schema.tables where table_name = 'opening'"
    assert door.rows(sql, "owner") == [(1,)]
    assert door.rows(sql) == [(0,)]
