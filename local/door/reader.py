"""What a reader may have: one statement that reads, by its type and by the functions in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from local.door.errors import DoorError, refused
from local.door.statements import CLIENT_SETTINGS, Statement, setting, words

# Table functions that neither write nor read files outside of what DuckDB's allowed_directories names.
_TABLE_FUNCTIONS = frozenset(
    {
        "duckdb_columns", "duckdb_constraints", "duckdb_databases", "duckdb_functions", "duckdb_indexes",
        "duckdb_keywords", "duckdb_schemas", "duckdb_sequences", "duckdb_settings", "duckdb_tables", "duckdb_types",
        "duckdb_views", "generate_series", "glob", "histogram", "histogram_values", "json_each", "json_tree",
        "parquet_metadata", "parquet_scan", "parquet_schema", "pg_timezone_names", "pragma_database_size",
        "pragma_show", "pragma_table_info", "pragma_version", "range", "read_parquet", "repeat", "repeat_row",
        "summary", "unnest"
    }
)  # fmt: skip
_OF_FILES = frozenset({"glob", "parquet_metadata", "parquet_scan", "parquet_schema", "read_parquet"})
_LITERAL = frozenset({"CONSTANT", "COLUMN_REF", "COMPARISON"})  # the last two of a named parameter
FUNCTIONS_THAT_WRITE = frozenset({"nextval", "setval", "setseed", "write_log"})


def allowed(connection: DuckDBPyConnection, statements: list[Statement]) -> list[Statement]:
    """The one statement that a reader asked for, ready to run. Raises DoorError if a reader may not have it."""
    if len(statements) > 1:
        raise refused("A reader sends one statement at a time: send them one by one.")
    return [_allowed(connection, statement) for statement in statements]


def _allowed(connection: DuckDBPyConnection, statement: Statement) -> Statement:
    kind = statement.kind
    if kind in ("BEGIN", "COMMIT", "ROLLBACK", "CLIENT"):
        return statement
    if kind == "SELECT":
        _check_functions(connection, statement.sql)
        return statement
    if kind == "EXPLAIN":
        return _explained(connection, statement)
    if kind == "SET":
        first = words(statement.sql)
        name = setting(first)
        if first[:1] == ["set"] and name in ("search_path", "schema"):
            return statement  # of this connection only
        if name in CLIENT_SETTINGS or name == "timezone":
            return Statement(statement.sql, "CLIENT", tag=first[0].upper(), returns_rows=False)
        raise refused(f"A reader may not change settings ({name or kind}): connect as owner.")
    raise refused(f"A reader may only read, and this is a statement of type {kind}: connect as owner.")


def _explained(connection: DuckDBPyConnection, statement: Statement) -> Statement:
    """EXPLAIN ANALYZE runs what follows it, so that has to be allowed by itself."""
    text, offsets = statement.sql.encode(), [offset for offset, _ in duckdb.tokenize(statement.sql)]
    follows = 2 if words(statement.sql)[1:2] == ["analyze"] else 1
    try:
        inner = connection.extract_statements(text[offsets[follows] :].decode())
    except (duckdb.Error, IndexError) as error:
        raise refused("A reader explains with EXPLAIN or EXPLAIN ANALYZE, without options.") from error
    if [one.type.name for one in inner] != ["SELECT"]:
        raise refused("A reader may explain a SELECT only: connect as owner.")
    _check_functions(connection, inner[0].query)
    return statement


def _check_functions(connection: DuckDBPyConnection, sql: str) -> None:
    """Raise DoorError for a function that changes or reads more than rows: a SELECT can call those too."""
    found = connection.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree: Any = json.loads(found[0]) if found else {}
    if tree.get("error", True):
        raise DoorError(
            "0A000", f"A reader's query must be one that DuckDB can serialize ({tree.get('error_message')})."
        )
    for node in _nodes(tree):
        if node.get("type") == "TABLE_FUNCTION":
            name = str(node.get("function", {}).get("function_name", "")).lower()
            if name not in _TABLE_FUNCTIONS:
                raise refused(f"A reader may not call the table function {name}: connect as owner.")
            if name in _OF_FILES:
                _check_files(node["function"])
        elif node.get("type") == "BASE_TABLE":
            _check_path(str(node.get("table_name", "")))
        elif node.get("class") == "FUNCTION" and str(node.get("function_name", "")).lower() in FUNCTIONS_THAT_WRITE:
            raise refused(f"A reader may not call {node['function_name']}, which writes: connect as owner.")


def _check_files(function: Any) -> None:
    """Raise DoorError unless the files are written out, so that what they are can be seen before they are asked for."""
    for node in _nodes(function.get("children", [])):
        is_list = node.get("class") == "FUNCTION" and node.get("function_name") in ("list_value", "array_value")
        if "class" in node and node["class"] not in _LITERAL and not is_list:
            raise refused("A reader names files by texts, not by expressions: write the path out, or connect as owner.")
        if isinstance(value := node.get("value"), str):
            _check_path(value)


def _check_path(path: str) -> None:
    """Behind a `?` a URL of S3 can name another server, which would get signed requests of the warehouse's."""
    if "?" in path and "://" in path:
        raise refused("A reader's path in a bucket has no parameters: leave out what follows the ?.")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """All objects of a JSON document."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
