"""What clients of PostgreSQL ask of its catalog and DuckDB's lacks: functions, tables, settings, spellings.

Only a query that DuckDB refuses is translated, so that what it understands keeps its meaning.
"""

from __future__ import annotations

import re
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local.door.catalog_tables import SHOWN, TABLES, VERSION
from local.door.statements import words

_VERSION_TEXT = f"PostgreSQL {VERSION} (Junction on DuckDB {duckdb.__version__})"

_MACROS = (
    f"version() as '{_VERSION_TEXT}'",
    "pg_get_userbyid(id) as 'owner'",
    "pg_encoding_to_char(id) as 'UTF8'",
    "pg_backend_pid() as 0",
    "pg_is_in_recovery() as false",
    "pg_is_other_temp_schema(id) as false",
    "pg_my_temp_schema() as 0",
    "pg_get_expr(node, relation) as null::varchar, (node, relation, pretty) as null::varchar",
    "pg_get_partkeydef(id) as null::varchar",
    "pg_get_indexdef(id) as null::varchar, (id, number, pretty) as null::varchar",
    "pg_get_constraintdef(id) as null::varchar, (id, pretty) as null::varchar",
    "pg_get_statisticsobjdef_columns(id) as null::varchar",
    "pg_get_function_identity_arguments(id) as null::varchar",
    "pg_get_function_arguments(id) as null::varchar",
    "pg_get_function_result(id) as null::varchar",
    "pg_get_functiondef(id) as null::varchar",
    "pg_get_triggerdef(id) as null::varchar, (id, pretty) as null::varchar",
    "pg_function_is_visible(id) as true",
    "pg_collation_is_visible(id) as true",
    "pg_statistics_obj_is_visible(id) as true",
    "pg_relation_is_publishable(id) as false",
    "pg_relation_size(id) as 0::bigint",
    "pg_total_relation_size(id) as 0::bigint",
    "pg_table_size(id) as 0::bigint",
    "pg_database_size(id) as 0::bigint",
    "pg_tablespace_location(id) as ''",
    "quote_ident(name) as '\"' || replace(name, '\"', '\"\"') || '\"'",
    "set_config(name, value, local) as value",
    "array_remove(items, one) as list_filter(items, lambda item: item is distinct from one)",
    "pg_get_serial_sequence(relation, attribute) as null::varchar",
    "to_regtype(name) as null::bigint",
    "to_regclass(name) as null::bigint",
    "obj_description(id) as null::varchar, (id, kind) as null::varchar",
    "shobj_description(id, kind) as null::varchar",
    "array_upper(items, dimension) as len(items)",
    "array_lower(items, dimension) as 1",
    "has_database_privilege(name, privilege) as true",
    "pg_regclass(name) as (select max(oid) from pg_catalog.pg_class "
    "where relname = split_part(cast(name as varchar), '.', -1) or cast(oid as varchar) = cast(name as varchar))",
    "pg_format_type(id, modifier) as case id when 16 then 'boolean' when 20 then 'bigint' when 21 then 'smallint' "
    "when 23 then 'integer' when 25 then 'text' when 114 then 'json' when 17 then 'bytea' when 700 then 'real' "
    "when 701 then 'double precision' when 1043 then 'character varying' when 1082 then 'date' when 1083 then 'time' "
    "when 1114 then 'timestamp without time zone' when 1184 then 'timestamp with time zone' when 1186 then 'interval' "
    "when 1700 then 'numeric' || case when modifier > 4 "
    "then '(' || (modifier - 4) // 65536 || ',' || (modifier - 4) % 65536 || ')' else '' end "
    "when 1007 then 'integer[]' when 1009 then 'text[]' when 1016 then 'bigint[]' when 1022 then 'double precision[]' "
    "else 'unknown' end",
    "pg_get_viewdef(id) as (select any_value(sql) from duckdb_views() where view_oid = id), "
    "(id, pretty) as (select any_value(sql) from duckdb_views() where view_oid = id)",
    "_pg_expandarray(items) as unnest(list_transform(items, lambda item, place: {'x': item, 'n': place}))",
)
_RENAMED = {"format_type": "pg_format_type", "json_build_object": "json_object"}
_SCHEMAS = ("pg_catalog", "information_schema")
_OPERATORS = {"~": exp.RegexpLike, "~*": exp.RegexpILike, "=": exp.EQ, "~~": exp.Like}
_PLAIN_TYPES = {
    "name": "varchar",
    "regtype": "varchar",
    "regproc": "varchar",
    "regnamespace": "varchar",
    "oidvector": "varchar",
}


def shown(sql: str) -> tuple[str, str] | None:
    """The name and the value of a setting of PostgreSQL's that a SHOW asks for, if the door has it."""
    first = words(sql)
    if first[:1] != ["show"]:
        return None
    name = "transaction_isolation" if first[1:4] == ["transaction", "isolation", "level"] else "".join(first[1:2])
    name = "timezone" if first[1:3] == ["time", "zone"] else name
    return (name, SHOWN[name]) if name in SHOWN else None


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what the translated queries name, as temporary objects of this connection."""
    for macro in _MACROS:
        connection.execute(f"create or replace temp macro {macro}")


def answer_as_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    """Tell DuckDB's version to who asks for version(): dbt-duckdb chooses by it how it writes."""
    connection.execute("drop macro if exists temp.version")


def translated(sql: str) -> str | None:
    """A query of PostgreSQL's catalog in DuckDB's words; None if it is none, or is the same."""
    if words(sql)[:2] == ["show", "search_path"]:
        return "select current_schema() as search_path"
    if not re.search(r"pg_|::reg|information_schema|current_schema", sql, re.IGNORECASE):
        return None  # spares the parser: the result is checked and parsed again, whatever is found here
    try:
        trees = sqlglot.parse(sql, read="postgres")
    except (SqlglotError, RecursionError):
        return None
    if len(trees) != 1 or trees[0] is None:
        return None
    found = _translated(trees[0]).sql(dialect="duckdb")
    return found if found != sql else None


def _node(node: Any) -> Any:
    """One node in DuckDB's words. What replaces a node is not visited again, so its parts are translated here."""
    if isinstance(node, exp.Dot) and node.this.name.lower() in _SCHEMAS and isinstance(node.expression, exp.Func):
        return _translated(node.expression)
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _RENAMED:
        node.set("this", _RENAMED[str(node.this).lower()])
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "current_setting":
        asked = node.expressions[0].name.lower() if node.expressions else ""
        return exp.Literal.string(SHOWN[asked]) if asked in SHOWN else node
    if isinstance(node, exp.Table):
        return _table(node)
    if isinstance(node, exp.Column) and node.text("db").lower() in _SCHEMAS:
        node.set("db", None)  # SQLAlchemy names columns with their schema
    if isinstance(node, exp.Cast):
        kind = node.to.sql(dialect="postgres").lower().replace('"', "")
        plain = kind.removeprefix("pg_catalog.")
        if kind == "text[]" and node.this.is_string and node.this.name.startswith("{"):
            return exp.Array(expressions=[exp.Literal.string(item) for item in node.this.name.strip("{}").split(",")])
        if plain == "regclass":
            return exp.Anonymous(this="pg_regclass", expressions=[_translated(node.this)])
        if plain in _PLAIN_TYPES or plain != kind:
            node.set("to", exp.DataType.build(_PLAIN_TYPES.get(plain, plain), dialect="postgres"))
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any) and not node.expression.find(exp.Query):
        items = _translated(node.expression.this.unnest())
        return exp.Anonymous(this="list_contains", expressions=[items, _translated(node.this)])
    if isinstance(node, exp.Operator):
        operator = str(node.args["operator"]).rsplit(".", 1)[-1]
        if operator in _OPERATORS:
            return _OPERATORS[operator](this=_translated(node.this), expression=_translated(node.expression))
    if isinstance(node, exp.Collate):
        return _translated(node.this)
    return node


def _table(node: exp.Table) -> Any:
    """A table of the catalog as a query, under the name that the client gave it."""
    schema, name = node.db.lower(), node.name.lower()
    if isinstance(node.this, exp.Func):  # generate_series, unnest
        name = str(node.this.name).lower()
        if schema == "pg_catalog" and name not in TABLES:
            node.set("db", None)
    query = TABLES.get(f"{schema}.{name}" if schema == "information_schema" else name)
    if query is None or schema not in ("", *_SCHEMAS):
        return node
    inlined = exp.Subquery(
        this=sqlglot.parse_one(query, read="duckdb"),
        alias=exp.TableAlias(this=exp.to_identifier(node.alias or name)),
    )
    for part in ("joins", "laterals"):
        inlined.set(part, [_translated(one) for one in node.args.get(part) or []])
    return inlined


def _translated(node: Any) -> Any:
    return node.transform(_node)
