"""The contract: every landed topic and its columns, read from the dbt project's source files. Needs no Spark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from contract.model import TEXT, Column, Contract, ContractError, Table, Topic
from contract.place import PROJECT_DIR
from contract.reserved_words import RESERVED

OWN_TABLES = ("dead_letters", "landed_batches", "compacted_hours")  # what ingest writes besides the topics
PLAIN_TYPES = frozenset({"timestamp", "double", "integer", "bigint", "boolean", "binary"})
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_LONGEST_TOPIC = 178  # a file is named `<topic>-<22>-<5>-<19>-<19>.parquet` (ingest/folder/names.py), in 255 bytes
_MAX_TEXT = 65535  # the longest VARCHAR that Redshift has, in bytes
_MAX_NAME = 127  # the longest identifier that Redshift has, in bytes
_MAX_TABLE = _MAX_NAME - len("int__quarantine")  # the longest name that the models of a topic make of its table's
_OTHERWISE = "let the senders name the field otherwise, or leave it out and read it in staging by rescued_value"
_OF_LANDING = ("landed_date", "landed_hour")
_OF_DBT = ("event_hour", "invalid_reason", "row_status")  # columns that checked and received add to every topic


def load_contract(project_dir: Path | None = None) -> Contract:
    """Read the tables of source `raw` from `models/staging/**/_*__sources.yml` of the dbt project.

    Topics are in order of table name. Raises ContractError if a file breaks a rule of the contract.
    """
    staging = (project_dir or PROJECT_DIR) / "models" / "staging"
    found: dict[str, tuple[str, Table]] = {}
    landing: tuple[Column, ...] = ()
    for path in sorted(staging.glob("**/_*__sources.yml")):
        where = path.relative_to(staging).as_posix()
        for node in _raw_tables(path, where):
            table = _table(node, where)
            if table.table in found:
                raise ContractError(f"{where}: table {table.table} stands in {found[table.table][0]} too; keep one.")
            found[table.table] = (where, table)
            if table.table == "dead_letters":
                landing = _columns(_meta(node).get("landing_columns") or [], f"{where}: landing_columns")
    for table_name in OWN_TABLES:
        if table_name not in found:
            raise ContractError(f"{staging}: declare the table {table_name} of source raw in a _*__sources.yml file.")
    if not landing:
        where = found["dead_letters"][0]
        raise ContractError(f"{where}: table dead_letters: list landing_columns in its config.meta.")
    topics = tuple(table for _, (_, table) in sorted(found.items()) if isinstance(table, Topic))
    _check_across(found, topics, landing)
    return Contract(topics, landing, *(found[table_name][1] for table_name in OWN_TABLES))


def _check_across(found: dict[str, tuple[str, Table]], topics: tuple[Topic, ...], landing: tuple[Column, ...]) -> None:
    owner: dict[str, str] = {}
    folded: dict[str, str] = {}
    reserved = {column.name for column in landing} | {*_OF_LANDING}
    for topic in topics:
        where = f"{found[topic.table][0]}: table {topic.table}"
        if topic.topic in owner:
            raise ContractError(
                f"{where}: topic {topic.topic} belongs to table {owner[topic.topic]} already; keep one."
            )
        owner[topic.topic] = topic.table
        other = folded.setdefault(topic.topic.lower(), topic.topic)
        if other != topic.topic:
            raise ContractError(
                f"{where}: topic {topic.topic} and topic {other} differ by case only, and on some file systems they "
                "would share their folders: keep one."
            )
        for column in topic.columns:
            here = f"{where}, column {column.name}"
            if column.name in reserved:
                raise ContractError(f"{here}: landing adds this name itself; choose another.")
            if column.name in _OF_DBT or column.name.startswith("_"):
                raise ContractError(
                    f"{here}: dbt adds columns of this name, or of names that begin with _, itself; choose another."
                )


def _raw_tables(path: Path, where: str) -> list[dict[str, Any]]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ContractError(f"{where}: correct the YAML: {' '.join(str(error).split())}.") from error
    sources = [source for source in document.get("sources") or [] if source.get("name") == "raw"]
    return [table for source in sources for table in source.get("tables") or []]


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    return (node.get("config") or {}).get("meta") or {}


def _table(node: dict[str, Any], file: str) -> Table:
    name = str(node.get("name", ""))
    where = f"{file}: table {name}"
    if not _NAME.fullmatch(name):
        raise ContractError(f"{where}: name the table in snake_case.")
    _check_name(name, where, _MAX_TABLE, "choose another")
    columns = _columns(node.get("columns") or [], where)
    if not columns:
        raise ContractError(f"{where}: list its columns.")
    description = str(node.get("description", ""))
    if name in OWN_TABLES:
        return Table(name, columns, description)
    topic, key = str(_meta(node).get("topic") or ""), str(_meta(node).get("key") or "")
    if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
        raise ContractError(f"{where}: set config.meta.topic to the name of its Kafka topic.")
    if topic[0] in "._":
        raise ContractError(
            f"{where}: topic {topic} begins with {topic[0]}, and every engine passes over files with such "
            "names: land a topic of another name."
        )
    if len(topic) > _LONGEST_TOPIC:
        raise ContractError(
            f"{where}: topic {topic} has {len(topic)} characters and names of landed files have room for "
            f"{_LONGEST_TOPIC}: land a topic with a shorter name."
        )
    if not key:
        raise ContractError(f"{where}: set config.meta.key to the column that is the key of topic {topic}.")
    if key not in {column.name for column in columns if column.required}:
        raise ContractError(
            f"{where}, column {key}: the key must be one of the columns with config.meta.required: true."
        )
    return Topic(name, columns, description, topic, key)


def _check_name(name: str, where: str, longest: int, instead: str) -> None:
    """Raise ContractError if an engine cannot have a table or column of this name: SQL writes it without quotes."""
    engines = [engine for engine, words in RESERVED.items() if name in words]
    if engines:
        raise ContractError(f"{where}: {name} is a reserved word of {', '.join(engines)}: {instead}.")
    if len(name) > longest:
        raise ContractError(
            f"{where}: the name has {len(name)} bytes, and with what dbt adds Redshift takes {longest}: {instead}."
        )


def _columns(nodes: list[dict[str, Any]], where: str) -> tuple[Column, ...]:
    columns: dict[str, Column] = {}
    for node in nodes:
        name, data_type = str(node.get("name", "")), str(node.get("data_type", "")).strip()
        here = f"{where}, column {name}"
        if not _NAME.fullmatch(name):
            raise ContractError(f"{here}: name the column in snake_case.")
        _check_name(name, here, _MAX_NAME, _OTHERWISE)
        if name in columns:
            raise ContractError(f"{here}: it stands there twice; keep one.")
        if data_type in ("varchar", "string", "text"):
            raise ContractError(f"{here}: give the text a length in bytes, such as varchar(64).")
        text = TEXT.fullmatch(data_type)
        if (text and int(text[1]) > _MAX_TEXT) or not (text or data_type in PLAIN_TYPES):
            known = f"varchar(n) with n up to {_MAX_TEXT}, {', '.join(sorted(PLAIN_TYPES))}"
            raise ContractError(f"{here}: data_type {data_type or '(none)'} is unknown; use one of {known}.")
        meta = _meta(node)
        required = meta.get("required", False)
        if not isinstance(required, bool):
            raise ContractError(f"{here}: config.meta.required must be true or false.")
        unit = meta.get("unit")
        columns[name] = Column(name, data_type, required, str(unit) if unit else None, str(node.get("description", "")))
    return tuple(columns.values())
