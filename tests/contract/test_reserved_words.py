"""Names that some engine cannot have: the contract refuses them before landing or dbt meets them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from sqlfluff.core.dialects import dialect_selector
from sqlglot.dialects.dialect import Dialect

from contract.model import ContractError
from contract.reading import load_contract
from contract.reserved_words import RESERVED
from tests.contract.test_reading import GOOD, project

HIDDEN = {"oid", "tableoid", "xmin", "xmax", "cmin", "cmax", "ctid"}  # columns of each table of PostgreSQL
NAMED = [("timestamp", "Redshift"), ("user", "Redshift"), ("order", "Athena"), ("end", "DuckDB"), ("xmin", "Redshift")]


def _sqlfluffs(dialect: str) -> set[str]:
    return {word.lower() for word in dialect_selector(dialect).sets("reserved_keywords")}


def test_reserved_words_are_those_of_maintained_libraries() -> None:
    sqlglots = {word.strip() for word in Dialect.get_or_raise("redshift").generator_class.RESERVED_KEYWORDS}
    assert RESERVED["Redshift"] == _sqlfluffs("redshift") | sqlglots | HIDDEN
    assert RESERVED["Spark"] == _sqlfluffs("sparksql")
    assert RESERVED["Athena"] == _sqlfluffs("athena")


def test_duckdb_refuses_its_words_and_no_other() -> None:
    with duckdb.connect() as connection:
        words = {word for (word,) in connection.sql("select keyword_name from duckdb_keywords()").fetchall()}

        def refuses(word: str) -> bool:
            try:
                connection.sql(f"create or replace table t ({word} integer)")
                connection.sql(f"select {word}, t.{word} from t where {word} = 1")
            except duckdb.Error:
                return True
            return False

        assert {word for word in words if refuses(word)} == RESERVED["DuckDB"]


@pytest.mark.parametrize(("name", "engine"), NAMED)
def test_a_column_of_a_reserved_name_is_refused_by_the_engine_s_name(name: str, engine: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=rf"bus_stops, column {name}: {name} is a reserved word of .*{engine}.*: "):
        load_contract(project(tmp_path, GOOD.replace("waiting", name)))


def test_so_is_a_table_or_an_own_column_of_landing(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="table order: order is a reserved word of Redshift, Spark, Athena, DuckDB"):
        load_contract(project(tmp_path / "a", GOOD.replace("name: bus_stops", "name: order")))
    folder = project(tmp_path / "b")
    path = folder / "models" / "staging" / "d0" / "_d0__sources.yml"
    path.write_text(path.read_text().replace("_kafka_topic", "tag"))
    with pytest.raises(ContractError, match="landed_batches, column tag: tag is a reserved word of Redshift: "):
        load_contract(folder)


@pytest.mark.parametrize("name", ["event_hour", "invalid_reason", "row_status", "_built_ms", "_mine"])
def test_what_dbt_adds_is_no_column_of_a_sender(name: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=f"column {name}: dbt adds columns"):
        load_contract(project(tmp_path, GOOD.replace("waiting", name)))


@pytest.mark.parametrize(("what", "longest"), [("waiting", 127), ("bus_stops", 112)])
def test_a_name_has_the_bytes_that_redshift_takes(what: str, longest: int, tmp_path: Path) -> None:
    fits, longer = "n" * longest, "n" * (longest + 1)
    load_contract(project(tmp_path / "fits", GOOD.replace(f"name: {what}", f"name: {fits}")))
    with pytest.raises(ContractError, match=f"has {longest + 1} bytes, and .* Redshift takes {longest}: "):
        load_contract(project(tmp_path / "longer", GOOD.replace(f"name: {what}", f"name: {longer}")))


def test_topics_that_differ_by_case_only_are_refused(tmp_path: Path) -> None:
    second = GOOD.replace("bus_stops", "stops_again").replace("topic: bus-stops", "topic: Bus-Stops")
    with pytest.raises(ContractError, match="topic Bus-Stops and topic bus-stops differ by case only"):
        load_contract(project(tmp_path, GOOD, second))
