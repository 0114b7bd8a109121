"""Spectrum on the stand-in: external tables become views of what was loaded, in the partitions that were added."""

from __future__ import annotations

import re

from testbed.standin.rules import RESERVED, Refused

SCHEMA = "raw"
_PAGE = "r_CREATE_EXTERNAL_TABLE.html"
_ALTER_PAGE = "r_ALTER_TABLE_external-table.html"
_NAME = r'(?:"?\w+"?\.)?"?(?P<schema>\w+)"?\."?(?P<table>\w+)"?'
_CREATE_SCHEMA = re.compile(
    r"\Acreate\s+external\s+schema\s+(?:if\s+not\s+exists\s+)?\"?(?P<schema>\w+)\"?\s+from\s+data\s+catalog\s+database\s+'[^']+'"
    r"\s+iam_role\s+(?:default|'[^']+')(?:\s+create\s+external\s+database\s+if\s+not\s+exists)?\s*;?\s*\Z",
    re.IGNORECASE,
)
_CREATE_TABLE = re.compile(
    rf"\Acreate\s+external\s+table\s+{_NAME}\s*\((?P<columns>.*?)\)\s*(?:partitioned\s+by\s*\((?P<partitions>.*?)\)\s*)?"
    r"stored\s+as\s+parquet\s+location\s+'(?P<location>[^']+)'\s*;?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_DROP = re.compile(rf"\Adrop\s+table\s+{_NAME}\s*;?\s*\Z", re.IGNORECASE)
_ADD = re.compile(
    rf"\Aalter\s+table\s+{_NAME}\s+add\s+if\s+not\s+exists\s+(?P<partitions>partition\b.*)\Z", re.IGNORECASE | re.DOTALL
)
_PARTITION = re.compile(
    r"\s*partition\s*\(landed_date='(?P<date>[0-9-]{10})',\s*landed_hour='(?P<hour>[0-9]{2})'\)\s*location\s+'(?P<location>[^']+)'",
    re.IGNORECASE,
)
_SET_LOCATION = re.compile(
    rf"\Aalter\s+table\s+{_NAME}\s+partition\s*\(landed_date='(?P<date>[0-9-]{{10}})',\s*landed_hour='(?P<hour>[0-9]{{2}})'\)"
    r"\s*set\s+location\s+'(?P<location>[^']+)'\s*;?\s*\Z",
    re.IGNORECASE,
)
_TYPES = {"smallint", "integer", "bigint", "double precision", "boolean", "date", "timestamp"}
_SIZED = re.compile(r"(?:varchar|varbyte)\((\d+)\)\Z")
_MOST_PARTITIONS = 100


def translated(sql: str, in_transaction: bool) -> str | None:
    """PostgreSQL's statement for Redshift's DDL of external schemas, tables and partitions; None for any other."""
    if made := _CREATE_SCHEMA.match(sql):
        return f'create schema if not exists "{made["schema"]}"'
    if (dropped := _DROP.match(sql)) and dropped["schema"] == SCHEMA:
        return _drop(dropped["table"])
    is_table = re.match(r"create\s+external\s+table\b", sql, re.IGNORECASE)
    is_partition = re.match(
        r"alter\s+table\s.*?\b(?:add\s+(?:if\s+not\s+exists\s+)?)?partition\b", sql, re.IGNORECASE | re.DOTALL
    )
    if not is_table and not is_partition:
        if re.match(r"create\s+external\b", sql, re.IGNORECASE):
            raise Refused("write create external schema … from data catalog database … iam_role …", _PAGE)
        return None
    if in_transaction:
        raise Refused("external tables cannot be made or altered in a transaction block: do it outside", _PAGE)
    if is_table:
        return _table(sql)
    return _partitions(sql)


def _table(sql: str) -> str:
    made = _CREATE_TABLE.match(sql)
    if not made:
        raise Refused("CREATE EXTERNAL TABLE knows no IF NOT EXISTS, and wants STORED AS and LOCATION", _PAGE)
    columns = _columns(made["columns"]) + _columns(made["partitions"] or "")
    if not made["location"].startswith("s3://"):
        raise Refused("an external table's LOCATION is on S3: set JUNCTION_LANDING to s3://…", _PAGE)
    name, location = made["table"], made["location"].rstrip("/")
    source = location.rsplit("/", 1)[-1]
    names = ", ".join(column for column, _ in columns)
    known = f" where files.\"$path\" like '{location}/%'"
    if made["partitions"]:
        known = (
            f" where exists (select 1 from standin.partitions as p where p.table_name = '{name}'"
            " and p.landed_date = files.landed_date and p.landed_hour = files.landed_hour"
            " and files.\"$path\" like rtrim(p.location, '/') || '/%')"
        )
    listed = ",".join(f"{column} {kind}" for column, kind in columns)
    # One statement, since the extended protocol takes no more.
    return (
        f'do $standin$ begin execute \'create or replace view "{made["schema"]}"."{name}" as select \''
        f" || standin.in_place('\"{made['schema']}\".\"{name}\"', '{{{names}}}')"
        f' || $from$ from standin."{source}" as files{known}$from$;'
        f" insert into standin.external_tables values ('{name}', '{made['location']}', '{listed}'); end $standin$"
    )


def _drop(name: str) -> str:
    """What reads the table stays: it is made again in its place."""
    return (
        f"do $standin$ begin delete from standin.external_tables where table_name = '{name}';"
        f" delete from standin.partitions where table_name = '{name}'; end $standin$"
    )


def _columns(text: str) -> list[tuple[str, str]]:
    columns = []
    for part in filter(None, map(str.strip, re.split(r",(?![^(]*\))", text))):
        name, kind = part.split(None, 1)
        if name.lower() in RESERVED:
            raise Refused(f"{name} is a reserved word: quote it", "r_pg_keywords.html")
        sized = _SIZED.match(kind.lower())
        most = 65535 if kind.lower().startswith("varchar") else 1024000
        if kind.lower() not in _TYPES and not (sized and 0 < int(sized[1]) <= most):
            raise Refused(f"{name} cannot be a {kind} in an external table", _PAGE)
        columns.append((name.strip('"'), kind))
    return columns


def _partitions(sql: str) -> str:
    if moved := _SET_LOCATION.match(sql):
        return (
            f"do $standin$ begin update standin.partitions set location = '{moved['location']}' where"
            f" table_name = '{moved['table']}' and landed_date = '{moved['date']}' and landed_hour = '{moved['hour']}';"
            " if not found then raise exception 'the partition does not exist: add it first'; end if; end $standin$"
        )
    added = _ADD.match(sql)
    found = list(_PARTITION.finditer(added["partitions"])) if added else []
    if not added or _PARTITION.sub("", added["partitions"]).strip(" \n;"):
        raise Refused("write add if not exists partition (landed_date='…', landed_hour='…') location '…'", _ALTER_PAGE)
    if len(found) > _MOST_PARTITIONS:
        raise Refused("one ALTER TABLE adds at most 100 partitions: use several", _ALTER_PAGE)
    rows = ", ".join(
        f"('{added['table']}', '{part['date']}', '{part['hour']}', '{part['location']}')" for part in found
    )
    return f"insert into standin.partitions values {rows} on conflict do nothing"
