"""What a client's text asks for, by DuckDB's own parser."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

# Settings of PostgreSQL's that drivers send when they connect. DuckDB has none of them, or the reader needs none.
CLIENT_SETTINGS = frozenset(
    {
        "application_name", "bytea_output", "client_encoding", "client_min_messages", "datestyle",
        "default_transaction_isolation", "default_transaction_read_only", "extra_float_digits", "geqo",
        "idle_in_transaction_session_timeout", "intervalstyle", "jit", "lock_timeout", "names", "row_security",
        "seed", "session_characteristics", "standard_conforming_strings", "statement_timeout",
        "synchronize_seqscans", "transaction", "xmloption"
    }
)  # fmt: skip
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
    ends = [*offsets, len(text)][1:]
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
    if first[:1] == ["set"] and setting(first) in CLIENT_SETTINGS | {"search_path"}:
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
    return statement.kind == "SET" and setting(words(statement.sql)) in CLIENT_SETTINGS
