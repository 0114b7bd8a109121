"""One connection's work in DuckDB: its statements, its transaction, and what its user may do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa
from buenavista.backends.duckdb import DuckDBSession
from buenavista.core import QueryResult

from local.door import catalog, reader, statements
from local.door.errors import DoorError
from local.door.parameters import Parameter, bound
from local.door.statements import Statement
from local.door.turns import Turns
from local.door.values import PgType, type_of

READER, OWNER = "reader", "owner"
AUTOCOMMIT = "junction_autocommit"  # a setting of the door's own, for dbt (profiles.yml, target served)
_ROWS_A_BATCH = 20_480  # ten of DuckDB's vectors: the first rows are sent before the last are computed
_COUNTED = {"INSERT": "INSERT 0", "UPDATE": "UPDATE", "DELETE": "DELETE", "COPY": "COPY", "MERGE_INTO": "MERGE"}
_MAY_BE_POSTGRES = (duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException)


class Result(QueryResult):
    """Columns, rows by batches as they are computed, and the tag of the command that made them."""

    def __init__(
        self, tag: str, schema: pa.Schema | None = None, batches: Iterator[pa.RecordBatch] | None = None
    ) -> None:
        super().__init__()
        self.tag = tag
        self.columns: list[tuple[str, PgType]] = [(field.name, type_of(field.type)) for field in schema or ()]
        self.batches = iter(()) if batches is None else batches
        self.returns_rows = schema is not None

    def has_results(self) -> bool:
        """Whether it has columns, if perhaps no row."""
        return self.returns_rows

    def keep(self) -> None:
        """Read what is left into memory, since the connection has another statement to run."""
        self.batches = iter(list(self.batches))


class Session(DuckDBSession):
    """A connection of `user`, on a cursor of its own. A reader's statements each have a read-only transaction.

    buenavista looks for words such as "begin" in the text; here DuckDB's parser says what a statement is.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, user: str, turns: Turns | None = None) -> None:
        super().__init__(cursor)
        self._turns, self._entered = turns, False
        self.in_txn: bool = False
        self.user = user
        self.failed = False  # a statement of the transaction failed: nothing but its end is accepted
        self._open: Result | None = None  # whose rows DuckDB may still be computing
        self._reading = False
        self._driver_begins: bool | None = None  # None: each BEGIN begins; else whether the driver has sent its own

    def parse(self, sql: str) -> list[Statement]:
        """The statements of a text that this user may run. Raises DoorError, or an error of DuckDB's parser."""
        translated = catalog.translated(sql) if self.user != OWNER else None  # the owner's tools, as dbt, are DuckDB's
        try:
            found = self._allowed(translated or sql)
        except duckdb.ParserException:
            translated, other = None, sql if translated else catalog.translated(sql)
            if other is None:
                raise
            found = self._allowed(other)
        return [replace(one, other=sql) for one in found] if translated else found

    def _allowed(self, sql: str) -> list[Statement]:
        found = statements.parse(self._cursor, sql)
        return found if self.user == OWNER else reader.allowed(self._cursor, found)

    def execute_sql(self, sql: str, params: Sequence[Parameter] | None = None) -> Result:
        """Run a text of one statement."""
        found = self.parse(sql)
        if len(found) != 1:
            raise DoorError("42601", "Send one statement.")
        return self.run(found[0], params or ())

    def run(self, statement: Statement, parameters: Sequence[Parameter] = ()) -> Result:
        """Run a statement that `parse` returned. Raises DoorError or an error of DuckDB's."""
        self.keep_open_result()
        if self.failed and statement.kind not in ("COMMIT", "ROLLBACK"):
            raise DoorError("25P02", "The transaction has failed, and commands are ignored: end it with ROLLBACK.")
        try:
            return self._run(statement, parameters)
        except Exception:  # whatever it is, the transaction has it
            self._end_reading()
            self.failed = self.in_txn
            raise

    def columns(self, statement: Statement) -> list[tuple[str, PgType]]:
        """The columns of a statement that is not run yet, with NULL for all parameters."""
        if not statement.returns_rows or statement.kind not in ("SELECT", "EXPLAIN"):
            return []
        asked = statement
        if statement.kind == "SELECT" and not catalog.shown(statement.sql):
            inner = statement.sql.rstrip().rstrip(";")
            asked = Statement(f"select * from (\n{inner}\n) limit 0", "SELECT", statement.parameters)
        found = self.run(asked, [Parameter(None)] * statement.parameters)
        self.drop(found)
        return found.columns

    def drop(self, result: Result) -> None:
        """Forget the rows of a result that nobody will fetch any more."""
        if result is self._open:
            result.batches, self._open = iter(()), None
            self._end_reading()

    def keep_open_result(self) -> None:
        """Free the connection for another statement."""
        if self._open is not None:
            self._open.keep()
            self._open = None
        self._end_reading()

    def status(self) -> bytes:
        """The transaction's state as ReadyForQuery has it: idle, in a transaction, or in a failed one."""
        if self.failed:
            return b"E"
        return b"T" if self.in_txn or self._driver_begins else b"I"

    def close(self) -> None:
        """Give up what is under way, and close the cursor."""
        with contextlib.suppress(duckdb.Error):
            self._cursor.close()
        if self._turns and self._entered:
            self._turns.leave()

    def _run(self, statement: Statement, parameters: Sequence[Parameter]) -> Result:
        ends: dict[str, Callable[[Statement], Result]] = {
            "BEGIN": self._begin, "COMMIT": self._commit, "ROLLBACK": self._rollback
        }  # fmt: skip
        if statement.kind in ends:
            return ends[statement.kind](statement)
        if statement.kind == "CLIENT" or statements.is_client_setting(statement):
            return Result(statement.tag or "SET")
        if statement.kind == "SET" and statements.setting(statements.words(statement.sql)) == AUTOCOMMIT:
            return self._ignore_drivers_begin()
        value = catalog.shown(statement.sql) if statement.kind == "SELECT" else None
        if value is not None:
            rows = pa.record_batch({value[0]: [value[1]]})
            return Result("SHOW", rows.schema, iter([rows]))
        try:
            return self._execute(statement, parameters)
        except _MAY_BE_POSTGRES as error:
            self._end_reading()
            other = statement.other or (catalog.translated(statement.sql) if statement.kind == "SELECT" else None)
            if other is None:
                raise
            try:
                (retried,) = self._allowed(other)
                return self._execute(retried, parameters)
            except (DoorError, *_MAY_BE_POSTGRES):
                raise error from None

    def _execute(self, statement: Statement, parameters: Sequence[Parameter]) -> Result:
        sql, values = bound(statement.sql, parameters) if parameters else (statement.sql, {})
        if self.user != OWNER and sql != statement.sql:
            self._allowed(sql)  # with the client's literals in it
        if self.user != OWNER and statement.kind in ("SELECT", "EXPLAIN"):
            self._cursor.execute("begin transaction read only")
            self._reading = True
        self._cursor.execute(sql, values or None)
        if not statement.returns_rows:
            counted = self._cursor.fetchone() if self._cursor.description else None
            self._end_reading()
            tag = _COUNTED.get(statement.kind)
            return Result(f"{tag} {counted[0]}" if tag and counted else statement.kind)
        found = self._cursor.to_arrow_reader(_ROWS_A_BATCH)
        self._open = result = Result("SELECT", found.schema)
        result.batches = self._until_the_end(found, result)
        return result

    def _until_the_end(self, batches: Any, result: Result) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        finally:
            if self._open is result:
                self._open = None
                self._end_reading()

    def _end_reading(self) -> None:
        if self._reading:
            self._reading = False
            with contextlib.suppress(duckdb.Error):
                self._cursor.execute("rollback")

    def _begin(self, statement: Statement) -> Result:
        if self._driver_begins is False and statement.sql == "BEGIN":
            self._driver_begins = True
        elif not self.in_txn:
            if self.user == OWNER:
                self._cursor.execute("begin transaction")
            self.in_txn = True
        return Result("BEGIN")

    def _commit(self, statement: Statement) -> Result:
        if self.failed:
            return self._rollback(statement)
        if self.in_txn and self.user == OWNER:
            self.in_txn = False  # also if it fails: DuckDB has rolled back then
            self._cursor.execute("commit")
        self.in_txn = False
        return Result("COMMIT")

    def _rollback(self, statement: Statement) -> Result:
        if self.in_txn and self.user == OWNER:
            with contextlib.suppress(duckdb.TransactionException):  # DuckDB has rolled back already
                self._cursor.execute("rollback")
        self.in_txn = self.failed = False
        if self._driver_begins and statement.sql == "ROLLBACK":
            self._driver_begins = False
        return Result("ROLLBACK")

    def _ignore_drivers_begin(self) -> Result:
        """From here on the BEGIN that psycopg2 sends before a first statement begins nothing; a second one does.

        dbt-duckdb expects DuckDB's autocommit, and psycopg2 begins a transaction by itself: before the first statement,
        and before the first after its own rollback. What dbt begins comes behind that, in the same words.
        """
        self._driver_begins = self.in_txn
        if self.in_txn:
            self._commit(Statement("COMMIT", "COMMIT"))
        else:
            self._driver_begins = None  # a driver in autocommit mode sends no BEGIN of its own
        catalog.answer_as_duckdb(self._cursor)
        if self._turns and self.user == OWNER and not self._entered:
            self._turns.enter()
            self._entered = True
        return Result("SET")
