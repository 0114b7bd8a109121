"""One statement of Redshift's, checked and turned into PostgreSQL's."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp

from testbed.standin import external
from testbed.standin.rules import Refused, check

_COMMENTS = re.compile(r"\A(?:\s+|/\*.*?\*/|--[^\n]*\n)*", re.DOTALL)
# dbt-redshift's own questions to the catalog: leader-node SQL, written by its makers for Redshift.
_CATALOG = re.compile(
    r"pg_get_late_binding_view_cols|information_schema|\bpg_(proc|namespace|class|user|views|description|tables|catalog|backend_pid)\b"
    r"|\bsvv_|\bpg_terminate_backend|has_table_privilege",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\A(begin|commit|rollback|end|abort|start|lock|drop|alter\s+table\s+\S+\s+rename|comment|grant|revoke|analyze|"
    r"create\s+schema|drop\s+schema|show|select\s+1\b|do)\b",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(
    r"\bbackup\s+(?:no|yes)\b|\bdiststyle\s+(?P<style>even|key|all|auto)\b|\bdistkey\s*\(\s*(?P<dist>[^)]*?)\s*\)"
    r"|\b(?:(?:compound|interleaved)\s+)?sortkey\s*\((?P<sort>[^)]*)\)|\bencode\s+auto\b",
    re.IGNORECASE,
)
_CREATE_TABLE = re.compile(r"\Acreate\s+(?:(?:temporary|temp|local)\s+)*table\b", re.IGNORECASE)
_CREATE_VIEW = re.compile(r"\Acreate\s+(?:or\s+replace\s+)?view\b", re.IGNORECASE)
_NO_BINDING = re.compile(r"\bwith\s+no\s+schema\s+binding\s*;?\s*\Z", re.IGNORECASE)
_SETTING = re.compile(
    r"\A(set|reset)\s+(query_group|use|enable_case_sensitive_identifier|statement_timeout)\b", re.IGNORECASE
)
_VACUUM = re.compile(r"\Avacuum\b", re.IGNORECASE)
_UNSIZED_FIXTURE = re.compile(r"\bcharacter varying\b(?!\s*\()|\btext\b", re.IGNORECASE)
_COMMENT_OR_LITERAL = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?:\btimestamp\s+)?'(?:[^']|'')*'|(?:\b|(?<=__dbt_tmp))\d+(?:\.\d+)?\b",
    re.DOTALL | re.IGNORECASE,
)
_LITERALS = re.compile(r"\b0(?:,\s*0\b)+")
_passed: set[str] = set()  # shapes of statements
_LITERAL_ESCAPE = re.compile(r"~\*?\s*'[^']*\\")


def translate(sql: str, in_transaction: bool) -> str:
    """PostgreSQL's statement for one of Redshift's; one that raises the reason if Redshift would refuse it."""
    try:
        return _translated(sql, in_transaction)
    except Refused as refusal:
        return raising(str(refusal), max(map(int, re.findall(r"\$(\d+)", sql)), default=0))


def raising(message: str, parameters: int = 0) -> str:
    """A statement that fails with the message, and its transaction with it; it takes as many parameters."""
    quoted = message.replace("'", "''")
    taken = "".join(f", ${number}::text" for number in range(1, parameters + 1))
    return f"select standin.refuse(E'{quoted.replace(chr(92), chr(92) * 2)}'){taken}"


def _translated(sql: str, in_transaction: bool) -> str:
    comments = _COMMENTS.match(sql)
    body = sql[comments.end() if comments else 0 :].strip()
    if setting := _SETTING.match(body):
        # PostgreSQL takes an unknown setting when it has a prefix.
        return (
            body
            if setting[2].lower() == "statement_timeout"
            else re.sub(setting[2], f"standin.{setting[2]}", body, count=1)
        )
    if _VACUUM.match(body):
        if in_transaction:
            raise Refused("VACUUM cannot run in a transaction block: run it by itself", "r_VACUUM_command.html")
        return "select 1"
    outside = external.translated(body, in_transaction)
    if outside is not None:
        return outside
    if "pg_depend" in body:
        return body.replace("from pg_depend", "from standin.pg_depend as pg_depend")
    if re.match(r"(?:grant|revoke)\b", body, re.IGNORECASE):
        return re.sub(r"\bto\s+role\b", "to", body, flags=re.IGNORECASE)
    if not body or _PLAIN.match(body) or _CATALOG.search(body):
        return sql
    if _CREATE_VIEW.match(body):
        return _view(body)
    if _CREATE_TABLE.match(body):
        return _table(body)
    _check_once(body)
    return sql


def _check_once(sql: str) -> None:
    """Check a statement, unless one that differs in comments and literals only has passed: no rule reads those."""
    _refuse_escapes(sql)
    shape = _LITERALS.sub("0", _COMMENT_OR_LITERAL.sub(lambda found: (found["comment"] and " ") or "0", sql))
    if shape not in _passed:
        check(_parsed(sql))
        _passed.add(shape)


def _refuse_escapes(sql: str) -> None:
    if _LITERAL_ESCAPE.search(sql):
        raise Refused(
            "a backslash in a pattern means different things to the engines: write [0-9] or [.]",
            "pattern-matching-conditions-posix.html",
        )


def _parsed(sql: str) -> exp.Expr:
    _refuse_escapes(sql)
    if "__dbt__cte__" in sql or "dbt_internal_unit_test" in sql:
        # On Redshift all columns are sized, and dbt casts a unit test's rows to them; PostgreSQL's expressions are not.
        sql = _UNSIZED_FIXTURE.sub("character varying(65535)", sql)
    try:
        return sqlglot.parse_one(re.sub(r"\$\d+", "null", sql), read="redshift")
    except sqlglot.errors.SqlglotError as error:
        raise Refused(f"the statement does not parse: {str(error).splitlines()[0]}", "c_SQL_commands.html") from error


def _table(sql: str) -> str:
    """CREATE TABLE without its storage attributes; the keys go along as a comment, and are checked once it exists."""
    query = re.search(r"\bas\s*\(", sql, re.IGNORECASE)
    head, rest = (sql[: query.start()], sql[query.start() :]) if query else (sql, "")
    found = list(_ATTRIBUTE.finditer(head))
    keys = [
        key.strip().strip('"')
        for match in found
        for key in ((match["dist"] or "") + "," + (match["sort"] or "")).split(",")
    ]
    keys = [key for key in keys if key]
    styles = {(match["style"] or "").lower() for match in found} - {""}
    if any(match["dist"] for match in found) and not styles <= {"key"}:
        raise Refused("DISTKEY needs DISTSTYLE KEY: leave the style out or name KEY", "r_CREATE_TABLE_NEW.html")
    if "key" in styles and not any(match["dist"] for match in found):
        raise Refused("DISTSTYLE KEY needs a DISTKEY: name the column", "r_CREATE_TABLE_NEW.html")
    plain = _ATTRIBUTE.sub("", head) + rest
    _check_once(plain)
    plain = re.sub(r"\bvarbyte\s*\(\s*\d+\s*\)", "bytea", plain, flags=re.IGNORECASE)
    return f"/*standin:keys {','.join(keys)} */ {plain}"


def _view(sql: str) -> str:
    late = bool(_NO_BINDING.search(sql))
    plain = _NO_BINDING.sub("", sql)
    tree = _parsed(plain)
    check(tree)
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not late and table.db == external.SCHEMA:
            raise Refused("a view of an external table must be unbound: set bind: false", "r_CREATE_VIEW.html")
        if late and not table.db and table.name not in ctes:
            instead = f"a late-binding view must name the schema of {table.name}: use ref() or source()"
            raise Refused(instead, "r_CREATE_VIEW.html")
    return f"/*standin:late-binding*/ {plain}" if late else plain
