"""What a client's text asks for, by DuckDB's own parser, and which of it a reader may have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from local.door.errors import DoorError, refused

# Table functions that neither write nor read files outside of what DuckDB's allowed_directories names.
_TABLE_FUNCTIONS = frozenset(
    "duckdb_columns duckdb_constraints duckdb_databases duckdb_functions duckdb_indexes duckdb_keywords duckdb_schemas "
    "duckdb_sequences duckdb_settings duckdb_tables duckdb_types duckdb_views generate_series glob histogram "
    "histogram_values json_each json_tree parquet_metadata parquet_scan parquet_schema pg_timezone_names "
    "pragma_database_size pragma_show pragma_table_info pragma_version range read_parquet repeat repeat_row summary "
    "unnest".split()
)
_FUNCTIONS_THAT_WRITE = frozenset({"nextval", "setval", "setseed", "write_log"})
# Settings of PostgreSQL's that drivers send when they connect. DuckDB has none of them, or the reader needs none.
_CLIENT_SETTINGS = frozenset(
    "application_name bytea_output client_encoding client_min_messages datestyle default_transaction_isolation "
    "default_transaction_read_only extra_float_digits geqo idle_in_transaction_session_timeout intervalstyle jit "
    "lock_timeout names row_security seed session_characteristics standard_conforming_strings statement_timeout "
    "synchronize_seqscans transaction xmloption".split()
)
_BEGIN, _COMMIT, _ROLLBACK = ("begin", "start"), ("commit", "end"), ("rollback", "abort")
_UNKNOWN_TO_DUCKDB = {("discard", "all"), ("reset", "all"), ("deallocate", "all")}


@dataclass(frozen=True)
class Statement:
    """One statement: its text, its kind (DuckDB's StatementType, or one that DuckDB has not) and how many parameters.

    Kinds beside DuckDB's: BEGIN, COMMIT, ROLLBACK; CLIENT is answered with its `tag` and does nothing.
    """

    sql: str
    kind: str
    parameters: int = 0
    tag: str = ""
    returns_rows: bool = True
    other: str = ""  # the same question in other words, for when DuckDB refuses these


def words(sql: str) -> list[str]:
    """The first tokens of a statement in lower case, by DuckDB's tokenizer: comments and blanks are not among them."""
    text = sql.encode()
    offsets = [offset for offset, _ in duckdb.tokenize(sql)][:8]
    ends = [*offsets[1:], len(text)]
    tokens = [text[begin:end].decode(errors="replace").split() for begin, end in zip(offsets, ends, strict=True)]
    return [token[0].lower().strip('"') for token in tokens if token]


def parse(connection: DuckDBPyConnection, sql: str) -> list[Statement]:
    """The statements of a text, none if it is empty. Raises DuckDB's ParserException."""
    try:
        found = connection.extract_statements(sql)
    except duckdb.ParserException:
        answered = _without_duckdb(words(sql), sql)
        if answered is None:
            raise
        return [answered]
    except duckdb.NotImplementedException:  # RESET ALL
        answered = _without_duckdb(words(sql), sql)
        if answered is None:
            raise
        return [answered]
    if len(found) > 1 and found[0].type.name == "CREATE" and words(sql)[:1] != ["create"]:
        # PIVOT without its values is parsed to a CREATE TYPE and a SELECT, which only run together.
        return [Statement(sql, "PIVOT")]
    return [_statement(one) for one in found]


def _statement(found: duckdb.Statement) -> Statement:
    kind, sql = found.type.name, found.query
    count = len(found.named_parameters)
    if kind == "TRANSACTION":
        return Statement(sql, _transaction(words(sql)), tag=_transaction(words(sql)))
    rows = duckdb.ExpectedResultType.QUERY_RESULT in found.expected_result_type
    writes = duckdb.ExpectedResultType.CHANGED_ROWS in found.expected_result_type
    return Statement(sql, kind, count, returns_rows=rows and not (writes and not _returning(sql)))


def _returning(sql: str) -> bool:
    """Whether an INSERT, UPDATE or DELETE has a RETURNING: it has the token, of whatever meaning."""
    text = sql.encode()
    offsets = [offset for offset, kind in duckdb.tokenize(sql)]
    return any(text[offset : offset + 9].lower() == b"returning" for offset in offsets)


def _transaction(first: list[str]) -> str:
    if first[0] in _BEGIN:
        return "BEGIN"
    return "COMMIT" if first[0] in _COMMIT else "ROLLBACK"


def _without_duckdb(first: list[str], sql: str) -> Statement | None:
    """A statement that drivers send and DuckDB cannot parse. None of these texts is ever executed."""
    if ";" in sql.strip().rstrip(";"):
        return None
    if first[:1] and first[0] in _BEGIN:
        return Statement(sql, "BEGIN", tag="BEGIN")
    if tuple(first[:2]) in _UNKNOWN_TO_DUCKDB:
        return Statement(sql, "CLIENT", tag=" ".join(first[:2]).upper(), returns_rows=False)
    if first[:1] == ["set"] and setting(first) in _CLIENT_SETTINGS | {"search_path"}:
        return Statement(sql, "CLIENT", tag="SET", returns_rows=False)
    return None


def setting(first: list[str]) -> str:
    """The name of the setting in the words of a SET or RESET."""
    rest = [word for word in first[1:] if word not in ("local", "global")]
    if rest[:2] == ["session", "characteristics"]:
        return "session_characteristics"
    rest = [word for word in rest if word != "session"]
    if rest[:2] == ["time", "zone"]:
        return "timezone"
    return rest[0] if rest else ""


def is_client_setting(statement: Statement) -> bool:
    """Whether a SET or RESET is of a setting that only clients of PostgreSQL know."""
    return statement.kind == "SET" and setting(words(statement.sql)) in _CLIENT_SETTINGS


def for_reader(connection: DuckDBPyConnection, statements: list[Statement]) -> list[Statement]:
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
        if name in _CLIENT_SETTINGS or name == "timezone":
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
        elif node.get("class") == "FUNCTION" and str(node.get("function_name", "")).lower() in _FUNCTIONS_THAT_WRITE:
            raise refused(f"A reader may not call {node['function_name']}, which writes: connect as owner.")


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
