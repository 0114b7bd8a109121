"""What clients of PostgreSQL ask of its catalog and DuckDB's lacks: functions, tables, settings, spellings.

Only a query that DuckDB refuses is translated, so that what it understands keeps its meaning.
"""

from __future__ import annotations

import re

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local.door.statements import words

VERSION = "14.0"  # of PostgreSQL, to which clients fit their catalog queries
_VERSION_TEXT = f"PostgreSQL {VERSION} (Junction on DuckDB {duckdb.__version__})"

_SHOWN = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, MDY",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "integer_datetimes": "on",
    "intervalstyle": "postgres",
    "lc_collate": "C",
    "lc_ctype": "C",
    "max_identifier_length": "63",
    "max_index_keys": "32",
    "server_encoding": "UTF8",
    "server_version": VERSION,
    "server_version_num": "140000",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "transaction_isolation": "read committed",
    "transaction_read_only": "off",
    "timezone": "UTC",
}
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
    "pg_relation_is_publishable(id) as false",
    "pg_relation_size(id) as 0::bigint",
    "pg_total_relation_size(id) as 0::bigint",
    "pg_table_size(id) as 0::bigint",
    "pg_database_size(id) as 0::bigint",
    "pg_tablespace_location(id) as ''",
    "quote_ident(name) as '\"' || replace(name, '\"', '\"\"') || '\"'",
    "set_config(name, value, local) as value",
    "to_regtype(name) as null::bigint",
    "to_regclass(name) as null::bigint",
    "obj_description(id) as null::varchar, (id, kind) as null::varchar",
    "shobj_description(id, kind) as null::varchar",
    "array_upper(items, dimension) as len(items)",
    "array_lower(items, dimension) as 1",
    "has_database_privilege(name, privilege) as true",
    "pg_regclass(name) as (select max(oid) from pg_catalog.pg_class where relname = split_part(cast(name as varchar), '.', -1)"
    " or cast(oid as varchar) = cast(name as varchar))",
    "pg_format_type(id, modifier) as coalesce((select any_value(case typname when 'int4' then 'integer' when 'int8' then "
    "'bigint' when 'int2' then 'smallint' when 'float8' then 'double precision' when 'float4' then 'real' "
    "when 'bool' then 'boolean' when 'varchar' then 'character varying' when 'timestamptz' then 'timestamp with time zone' "
    "else typname end) from pg_catalog.pg_type where oid = id), 'unknown')",
)
_NO_ROWS = {
    "pg_inherits": "inhrelid, inhparent, inhseqno",
    "pg_policy": "oid, polrelid, polname, polcmd, polpermissive, polroles, polqual, polwithcheck",
    "pg_trigger": "oid, tgrelid, tgname, tgisinternal, tgenabled, tgparentid, tgdeferrable, tginitdeferred, tgconstraint",
    "pg_extension": "oid, extname, extversion, extnamespace",
    "pg_partitioned_table": "partrelid, partstrat, partnatts",
    "pg_shdescription": "objoid, classoid, description",
    "pg_matviews": "schemaname, matviewname, matviewowner, definition",
    "pg_stat_activity": "pid, usename, datname, state, query",
    "pg_stat_user_tables": "relid, schemaname, relname, n_live_tup",
    "pg_statistic_ext": "oid, stxrelid, stxnamespace, stxname, stxkeys, stxkind, stxstattarget",
    "pg_publication": "oid, pubname, puballtables, pubviaroot",
    "pg_publication_rel": "oid, prpubid, prrelid, prqual, prattrs",
    "pg_publication_namespace": "oid, pnpubid, pnnspid",
    "pg_foreign_table": "ftrelid, ftserver, ftoptions",
    "pg_foreign_server": "oid, srvname",
    "pg_event_trigger": "oid, evtname",
    "pg_rewrite": "oid, ev_class, rulename",
    "pg_language": "oid, lanname",
    "pg_aggregate": "aggfnoid",
    "pg_range": "rngtypid, rngsubtype",
}
_ROLES = (
    "select 10 as oid, 'owner' as rolname, true as rolsuper, true as rolinherit, true as rolcreaterole, true as rolcreatedb, "
    "true as rolcanlogin, false as rolreplication, -1 as rolconnlimit, null as rolvaliduntil, false as rolbypassrls, "
    "null as rolconfig union all "
    "select 11, 'reader', false, true, false, false, true, false, -1, null, false, null"
)


def _without_rows(columns: str) -> str:
    return "select " + ", ".join(f"null::varchar as {column}" for column in columns.split(", ")) + " where false"


_TABLES = {name: _without_rows(columns) for name, columns in _NO_ROWS.items()} | {
    "pg_roles": _ROLES,
    "pg_authid": _ROLES,
    "pg_user": f"select rolname as usename, oid as usesysid, rolsuper as usesuper from ({_ROLES})",
}
_RENAMED = {"format_type": "pg_format_type"}
_PLAIN_TYPES = {"name": "varchar", "regtype": "varchar", "regproc": "varchar", "regnamespace": "varchar", "oidvector": "varchar"}


def shown(sql: str) -> tuple[str, str] | None:
    """The name and the value of a setting of PostgreSQL's that a SHOW asks for, if the door has it."""
    first = words(sql)
    if first[:1] != ["show"]:
        return None
    name = "transaction_isolation" if first[1:4] == ["transaction", "isolation", "level"] else "".join(first[1:2])
    name = "timezone" if first[1:3] == ["time", "zone"] else name
    return (name, _SHOWN[name]) if name in _SHOWN else None


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what the translated queries name, as temporary objects of this connection."""
    for macro in _MACROS:
        connection.execute(f"create or replace temp macro {macro}")
    for name, query in _TABLES.items():
        connection.execute(f"create or replace temp view {name} as {query}")


def translated(sql: str) -> str | None:
    """A query of PostgreSQL's catalog in DuckDB's words; None if it is none, or is the same."""
    if not re.search(r"pg_|::reg|information_schema|current_schema", sql, re.IGNORECASE):
        return None  # spares the parser: the result is checked and parsed again, whatever is found here
    try:
        trees = sqlglot.parse(sql, read="postgres")
    except (SqlglotError, RecursionError):
        return None
    if len(trees) != 1 or trees[0] is None:
        return None
    found = trees[0].transform(_node).sql(dialect="duckdb")
    return found if found != sql else None


def _node(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Dot) and isinstance(node.this, exp.Identifier | exp.Column | exp.Var):
        if node.this.name.lower() == "pg_catalog" and isinstance(node.expression, exp.Func):
            return _function(node.expression)
    if isinstance(node, exp.Anonymous):
        return _function(node)
    if isinstance(node, exp.Table) and node.name.lower() in _TABLES:
        node.set("db", None)
    if isinstance(node, exp.Cast):
        kind = node.to.sql(dialect="postgres").lower().removeprefix("pg_catalog.").strip('"')
        if kind == "regclass":
            return exp.Anonymous(this="pg_regclass", expressions=[node.this])
        if kind in _PLAIN_TYPES:
            node.set("to", exp.DataType.build(_PLAIN_TYPES[kind], dialect="duckdb"))
    if isinstance(node, exp.Collate):
        return node.this
    return node


def _function(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _RENAMED:
        node.set("this", _RENAMED[str(node.this).lower()])
    return node
