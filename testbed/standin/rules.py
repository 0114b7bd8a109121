"""What Redshift refuses (or does differently) in a statement: each rule says what to write instead, and its source.

The pages are those of the Amazon Redshift Database Developer Guide, https://docs.aws.amazon.com/redshift/latest/dg/.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlfluff.dialects.dialect_redshift_keywords import redshift_reserved_keywords
from sqlglot import exp

from testbed.standin.functions import KNOWN

GUIDE = "https://docs.aws.amazon.com/redshift/latest/dg/"
RESERVED = {word.lower() for word in redshift_reserved_keywords.split()}

# Types of PostgreSQL that a Redshift table cannot have.
_NO_TYPES = {"UUID", "JSON", "JSONB", "INET", "MONEY", "XML", "HSTORE", "BIT", "ARRAY", "SERIAL", "BIGSERIAL"}
_UNSIZED = {"TEXT", "VARCHAR", "NVARCHAR"}


class Refused(Exception):
    """A statement that Redshift would not run, or not run alike: what to write instead, and the guide's page."""

    def __init__(self, instead: str, page: str, near: str = "") -> None:
        super().__init__(f"Redshift: {instead} ({GUIDE}{page})" + (f"; near: {near}" if near else ""))


# A rule: the sort of node, the condition under which it is refused, what to write instead, the guide's page.
Rule = tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[exp.Expr], bool], str, str]


def _always(_: exp.Expr) -> bool:
    return True


def _is_set_returning(node: exp.Expr) -> bool:
    return not isinstance(node, exp.Anonymous) or node.name.lower() in ("generate_series", "generate_subscripts")


def _lacks_frame(window: exp.Expr) -> bool:
    function = window.this.this if isinstance(window.this, exp.Filter | exp.IgnoreNulls) else window.this
    framed = isinstance(function, exp.AggFunc) and not isinstance(function, exp.Lag | exp.Lead)
    ranks = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)
    if isinstance(function, (*ranks, exp.Lag, exp.Lead)):
        return False
    wants = framed or isinstance(function, exp.FirstValue | exp.LastValue | exp.NthValue)
    return wants and bool(window.args.get("order")) and not window.args.get("spec") and not window.args.get("alias")


def _is_table_of_values(values: exp.Expr) -> bool:
    return not isinstance(values.parent, exp.Insert)


def _orders_differ(select: exp.Expr) -> bool:
    orders = {
        group.expression.sql()
        for group in select.find_all(exp.WithinGroup)
        if group.find_ancestor(exp.Select) is select
    }
    return len(orders) > 1


def _mixes_distinct(select: exp.Expr) -> bool:
    own = [node for node in select.find_all(exp.WithinGroup, exp.Distinct) if node.find_ancestor(exp.Select) is select]
    sorts = any(isinstance(node, exp.WithinGroup) for node in own)
    return sorts and any(isinstance(node, exp.Distinct) and isinstance(node.parent, exp.AggFunc) for node in own)


def _is_whole(average: exp.Expr) -> bool:
    return not isinstance(average.this, exp.Cast)


def _is_reserved(name: exp.Expr) -> bool:
    return not name.args.get("quoted") and name.name.lower() in RESERVED


def _is_no_type(kind: exp.Expr) -> bool:
    return kind.this.name in _NO_TYPES


def _is_unsized(kind: exp.Expr) -> bool:
    return kind.this.name in _UNSIZED and not kind.expressions


def _is_unknown(function: exp.Expr) -> bool:
    if not isinstance(function, exp.Func) or isinstance(
        function, exp.And | exp.Or | exp.Xor
    ):  # connectives, which sqlglot counts among the functions
        return False
    name = function.name if isinstance(function, exp.Anonymous) else type(function).sql_name()
    return name.lower() not in KNOWN


RULES: list[Rule] = [
    ((exp.GenerateSeries, exp.ExplodingGenerateSeries, exp.Anonymous), _is_set_returning,
     "generate_series runs on the leader node only and cannot meet a table: join to a seed or to offsets(n)",
     "c_SQL_functions_leader_node_only.html"),
    (exp.Distinct, lambda node: bool(node.args.get("on")),
     "DISTINCT ON does not exist: number the rows with row_number() in a CTE and keep the first",
     "r_SELECT_list.html"),
    (exp.Window, _lacks_frame,
     "an aggregate over an ordered window needs a frame: add rows between unbounded preceding and current row",
     "r_Window_function_synopsis.html"),
    (exp.WindowSpec, lambda node: str(node.args.get("kind")).upper() != "ROWS",
     "RANGE and GROUPS frames do not exist: order by epoch milliseconds and use ROWS over signed steps",
     "r_Window_function_synopsis.html"),
    (exp.Select, lambda node: bool(node.args.get("windows")),
     "a WINDOW clause does not exist: write the window out behind each OVER",
     "r_SELECT_synopsis.html"),
    (exp.Filter, _always,
     "FILTER does not exist: aggregate case when … then … end",
     "c_Aggregate_Functions.html"),
    (exp.Lateral, _always,
     "LATERAL does not exist: join to a CTE that has the join's columns",
     "r_FROM_clause30.html"),
    ((exp.Array, exp.ArrayAgg, exp.Unnest, exp.Explode, exp.Any), _always,
     "arrays do not exist: keep one row for each element",
     "c_unsupported-postgresql-datatypes.html"),
    (exp.Values, _is_table_of_values,
     "VALUES is no table: use a seed, or select … union all select …",
     "r_FROM_clause30.html"),
    (exp.Qualify, _always,
     "QUALIFY is Redshift's but not every engine's: filter row_number() in a CTE",
     "r_QUALIFY_clause.html"),
    ((exp.IgnoreNulls, exp.RespectNulls), _always,
     "IGNORE NULLS is Redshift's but not every engine's: take max() over a ROWS frame of what is known",
     "r_WF_LAG.html"),
    ((exp.NullSafeEQ, exp.NullSafeNEQ), lambda node: not isinstance(node.expression, exp.Null | exp.Boolean),
     "IS [NOT] DISTINCT FROM does not exist: compare with = and is null",
     "r_comparison_condition.html"),
    (exp.Select, _orders_differ,
     "all percentiles of a SELECT need the same ORDER BY: compute the others in a CTE of their own",
     "r_PERCENTILE_CONT.html"),
    (exp.Select, _mixes_distinct,
     "a percentile and an aggregate of DISTINCT cannot share a SELECT: compute one of them in a CTE of its own",
     "r_PERCENTILE_CONT.html"),
    (exp.Avg, _is_whole,
     "avg() of integers cuts off the fraction: cast its argument to double precision",
     "r_AVG.html"),
    ((exp.JSONExtract, exp.JSONExtractScalar), lambda node: bool(node.args.get("only_json_types")),
     "-> and ->> do not exist: use json_text, or land the field as a column of the contract",
     "c_unsupported-postgresql-datatypes.html"),
    (exp.DataType, _is_no_type,
     "the type does not exist: use varchar(n), a number or a timestamp",
     "c_unsupported-postgresql-datatypes.html"),
    (exp.DataType, _is_unsized,
     "a text without a length is a VARCHAR(256): write varchar(n)",
     "r_Character_types.html"),
    (exp.Identifier, _is_reserved,
     "the name is a reserved word: take another, or quote it",
     "r_pg_keywords.html"),
    ((exp.Returning, exp.OnConflict, exp.TableSample), _always,
     "RETURNING, ON CONFLICT and TABLESAMPLE do not exist: select before or after instead",
     "c_unsupported-postgresql-features.html"),
    (exp.TruncateTable, _always,
     "TRUNCATE commits the transaction that it stands in: delete from, so that what fails after it leaves the rows",
     "r_TRUNCATE.html"),
    (exp.Func, _is_unknown,
     "the function is not in the list of those that the project may use: add it to testbed/standin/functions.py with"
     " its page in the guide, if it has one",
     "c_SQL_functions.html"),
]  # fmt: skip


def check(tree: exp.Expr) -> None:
    """Raise Refused for the first thing in the statement that Redshift would not take."""
    for node in tree.walk():
        for kinds, is_refused, instead, page in RULES:
            if isinstance(node, kinds) and is_refused(node):
                raise Refused(instead, page, " ".join(node.sql("redshift").split())[:120])
