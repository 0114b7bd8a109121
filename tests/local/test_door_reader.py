"""A reader of the door only reads: each other statement is refused by its type, and files stay where they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg2  # type: ignore[import-untyped]
import pytest

from local.door import owner, reader
from testbed.warehouse.door import Door, served

REFUSED = {
    "INSERT": "insert into cars values (1)",
    "UPDATE": "update cars set id = 2",
    "DELETE": "delete from cars",
    "truncate is a DELETE": "truncate cars",
    "MERGE_INTO": "merge into cars using cars as other on cars.id = other.id when matched then delete",
    "CREATE": "create table other as select 1 as one",
    "a temporary table": "create temp table other as select 1 as one",
    "a macro": "create macro f() as 1",
    "DROP": "drop table cars",
    "ALTER": "alter table cars add column name varchar",
    "COPY to": "copy cars to 'cars.csv'",
    "COPY from": "copy cars from 'cars.csv'",
    "ATTACH": "attach ':memory:' as other",
    "DETACH": "detach warehouse",
    "INSTALL": "install httpfs",
    "LOAD": "load httpfs",
    "EXPORT": "export database 'folder'",
    "CALL": "call pragma_version()",
    "CHECKPOINT": "checkpoint",
    "VACUUM": "vacuum",
    "PRAGMA": "pragma enable_profiling",
    "SET": "set threads = 1",
    "SET GLOBAL": "set global threads = 1",
    "SET VARIABLE": "set variable answer = 42",
    "RESET": "reset threads",
    "USE": "use memory",
    "PREPARE": "prepare one as insert into cars values (1)",
    "EXECUTE": "execute one",
    "EXPLAIN of a write": "explain delete from cars",
    "EXPLAIN ANALYZE of a write": "explain analyze delete from cars",
    "EXPLAIN with options": "explain (format json) delete from cars",
    "two statements": "select 1; select 2",
    "a write behind a read": "select 1; drop table cars",
    "a write behind a comment": "/* select */ -- select\n delete from cars",
    "a write in an unusual case": "\n\tDeLeTe FROM cars",
    "nextval": "select nextval('numbers')",
    "a function that checkpoints": "select * from checkpoint()",
    "a function that logs": "select * from system.main.enable_logging()",
    "a query in a text": "select * from query('select 1')",
    "a function in a subquery": "select (select count(*) from force_checkpoint())",
    "a function in a CTE": "with written as (select * from enable_logging()) select 1",
}
FILES = {
    "read_csv": "select * from read_csv('{file}')",
    "read_text": "select * from read_text('{file}')",
    "read_blob": "select * from read_blob('{file}')",
    "read_json": "select * from read_json('{file}')",
    "read_parquet": "select * from read_parquet('{file}')",
    "glob": "select * from glob('{file}*')",
    "a table that is a file": "select * from '{file}.parquet'",
    "parquet_metadata": "select * from parquet_metadata('{file}')",
    "sniff_csv": "select * from sniff_csv('{file}')",
    "IMPORT": "import database '{file}'",
    "read_duckdb": "select * from read_duckdb('{file}')",
}
_PRIVILEGE = "42501"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with served(
        tmp_path_factory.mktemp("door"), "create table cars as select 7 as id", "create sequence numbers"
    ) as serving:
        serving.connection.execute(f"copy cars to '{serving.folder}/landing/landed.parquet'")
        yield serving


def refusal(door: Door, sql: str, user: str = "reader") -> psycopg2.Error:
    """The error of a statement; then the connection is used for another."""
    with contextlib.closing(door.connect(user)) as connected, connected.cursor() as cursor:
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(sql)
        cursor.execute("select count(*) from cars where id = 7")
        assert cursor.fetchone() == (1,)
        return refused.value


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_a_reader_may_not(door: Door, sql: str) -> None:
    error = refusal(door, sql)
    assert error.pgcode == _PRIVILEGE
    assert str(error).startswith("A reader")


@pytest.mark.parametrize("sql", FILES.values(), ids=FILES)
@pytest.mark.parametrize("file", ["/etc/passwd", "{folder}/door.owner.password", "{folder}/landing/../other"])
def test_a_reader_reads_no_file_outside_of_landing(door: Door, sql: str, file: str) -> None:
    assert refusal(door, sql.format(file=file.format(folder=door.folder))).pgcode == _PRIVILEGE


@pytest.mark.parametrize("sql", FILES.values(), ids=FILES)
def test_the_owner_too_reads_no_file_outside_of_landing(door: Door, sql: str) -> None:
    error = refusal(door, sql.format(file=owner.password_file("reader")), "owner")
    assert "file system operations are disabled" in str(error)


@pytest.mark.parametrize(
    "sql",
    [
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set allowed_paths = ['/etc/passwd']",
        "attach '/tmp/other.duckdb' as other",
        "copy cars to '/tmp/cars.csv'",
        "install httpfs",
    ],
)
def test_the_owner_does_not_leave_the_folders_either(door: Door, sql: str) -> None:
    refusal(door, sql, "owner")


def test_a_reader_reads_what_was_landed(door: Door) -> None:
    assert door.rows(f"select * from read_parquet('{door.folder}/landing/*.parquet')") == [(7,)]


@pytest.mark.parametrize(
    "sql",
    [
        "select id from cars",
        "from cars",
        "table cars",
        "values (1), (2)",
        "with one as (select 1 as a) select * from one",
        "show tables",
        "describe cars",
        "summarize cars",
        "explain select * from cars",
        "explain analyze select * from cars",
        "pragma table_info('cars')",
        "select * from range(3)",
        "show search_path",
        "show transaction isolation level",
    ],
)
def test_a_reader_may(door: Door, sql: str) -> None:
    assert door.rows(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "set extra_float_digits = 3",
        "SET application_name = 'tool'",
        "set names 'utf8'",
        "set datestyle to iso",
        "set time zone 'Europe/Berlin'",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        "start transaction",
        "commit",
        "rollback",
        "discard all",
        "deallocate all",
        "reset all",
        "set search_path = 'main'",
    ],
)
def test_what_drivers_send_at_connect_is_answered(door: Door, sql: str) -> None:
    with contextlib.closing(door.connect()) as connected, connected.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)


def test_a_readers_transaction_fails_as_a_whole_and_is_ended_by_a_rollback(door: Door) -> None:
    with contextlib.closing(door.connect(autocommit=False)) as connected, connected.cursor() as cursor:
        cursor.execute("select 1")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("delete from cars")
        with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
            cursor.execute("select 1")
        connected.rollback()
        cursor.execute("select id from cars")
        assert cursor.fetchone() == (7,)


def test_a_variable_of_this_program_is_no_table(door: Door) -> None:
    secret = {"password": ["1234"]}
    assert secret
    for name in ("secret", "passwords", "sql", "found"):
        assert refusal(door, f"select * from {name}").pgcode == "42P01"


def test_a_readers_statement_writes_nothing_even_if_it_got_through(door: Door) -> None:
    cursor = door.connection.cursor()
    cursor.execute("begin transaction read only")
    with pytest.raises(duckdb.TransactionException, match="read-only"):
        cursor.execute("select nextval('junction.numbers')")
    cursor.close()


def test_each_function_of_duckdb_with_side_effects_was_looked_at(door: Door) -> None:
    found = door.connection.execute("select distinct function_name from duckdb_functions() where has_side_effects")
    harmless = {
        "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "random", "currval", "current_connection_id", "current_query",
        "current_transaction_id", "current_query_id", "error", "sleep_ms", "stats",
    }  # fmt: skip
    assert {name for (name,) in found.fetchall()} - harmless <= reader.FUNCTIONS_THAT_WRITE


def test_the_owner_writes(door: Door, tmp_path: Path) -> None:
    with contextlib.closing(door.connect("owner")) as connected, connected.cursor() as cursor:
        cursor.execute("create table written (begins integer, rollback_at integer)")
        cursor.execute("insert into written values (1, 2), (3, 4)")
        assert cursor.rowcount == 2
        cursor.execute("select begins, rollback_at as commit from written")
        assert cursor.fetchall() == [(1, 2), (3, 4)]
        cursor.execute("begin; update written set begins = 5; rollback")
        cursor.execute("select sum(begins) from written")
        assert cursor.fetchone() == (4,)
        cursor.execute("drop table written")
