"""`python -m ingest contract-check`: would a changed contract break what has landed, or those who send? No Spark."""

from __future__ import annotations

import argparse
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract.model import Column, Contract, ContractError, Topic
from contract.options import Parser, revision
from contract.place import PROJECT_DIR
from contract.reading import load_contract

_EPILOG = """\
compatible: a new topic; a new optional column; a longer text; required to optional; descriptions and units.
All else is refused, each with a sentence that says how to get there (docs/landing.md, Schema drift).
"""


def main(arguments: Sequence[str]) -> int:
    """Compare with the contract at a git revision; prints a sentence per break, and is 1 if there is one."""
    parser = Parser(
        prog="python -m ingest contract-check",
        description="Fail if the contract in the working tree breaks with the one at a git revision.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("base", type=revision, metavar="REV", help="the revision that is deployed, such as origin/main")
    flags = parser.parse_args(arguments)
    found = list(breaks(contract_at(flags.base), load_contract()))
    for sentence in found:
        print(sentence)
    print(f"{len(found)} incompatible change(s) since {flags.base}." if found else f"Compatible with {flags.base}.")
    return 1 if found else 0


def contract_at(revision: str, project_dir: Path = PROJECT_DIR) -> Contract:
    """The contract as it was committed; raises ContractError if git does not know the revision."""
    if revision.startswith("-"):
        raise ContractError(f"{revision} is no git revision: name a branch, tag or commit.")
    try:
        # `REV:./path` is that folder's tree, wherever in its repository the project stands.
        tree = _git(project_dir, "rev-parse", "--verify", f"{revision}:./models/staging").decode().strip()
        top = _git(project_dir, "rev-parse", "--show-toplevel").decode().strip()
        archive = _git(Path(top), "archive", "--format=tar", tree)
    except FileNotFoundError as error:
        raise ContractError("git is not there: install it; the older contract is read from its history.") from error
    except subprocess.CalledProcessError as error:
        reason = " ".join(error.stderr.decode(errors="replace").strip().splitlines()[-1:])
        raise ContractError(
            f"The contract at {revision} cannot be read ({reason}): name a branch, tag or commit that has "
            "dbt_project/models/staging, and fetch it first."
        ) from error
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(Path(folder) / "models" / "staging", filter="data")
        return load_contract(Path(folder))


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout


def breaks(old: Contract, new: Contract) -> Iterator[str]:
    """A sentence for each change that is not compatible."""
    by_table = {topic.table: topic for topic in new.topics}
    for topic in old.topics:
        if topic.table not in by_table:
            yield (
                f"Table {topic.table} (topic {topic.topic}) is gone: keep it declared while its raw files are there, "
                "and stop landing it with --topics."
            )
            continue
        yield from _topic_breaks(topic, by_table[topic.table])
    for before, after in ((old.dead_letters, new.dead_letters), (old.landed_batches, new.landed_batches)):
        yield from column_breaks(before.table, before.columns, after.columns)
    yield from column_breaks("dead_letters, landing_columns", old.landing_columns, new.landing_columns)


def _topic_breaks(old: Topic, new: Topic) -> Iterator[str]:
    if old.topic != new.topic:
        yield (
            f"Table {old.table}: its topic changed from {old.topic} to {new.topic}: offsets of two topics cannot "
            "follow each other; declare a new table for the new topic."
        )
    if old.key != new.key:
        yield (
            f"Table {old.table}: its key changed from {old.key} to {new.key}: the order of records per key is lost; "
            "declare a new topic, keyed by the new column."
        )
    yield from column_breaks(old.table, old.columns, new.columns)


def column_breaks(table: str, old: Sequence[Column], new: Sequence[Column]) -> Iterator[str]:
    """A sentence for each column of a table whose change is not compatible."""
    now = {column.name: column for column in new}
    before = {column.name for column in old}
    for column in old:
        where = f"Table {table}, column {column.name}"
        if column.name not in now:
            yield f"{where}: it is gone: keep it, optional, for the files that have it; senders may leave it out."
            continue
        after = now[column.name]
        if column.kind != after.kind:
            yield (
                f"{where}: its type changed from {column.data_type} to {after.data_type}, but landed files keep the "
                f"old one and no reader takes both: add an optional column of another name, such as {column.name}_2, "
                "and coalesce the two in staging."
            )
        elif (column.max_bytes or 0) > (after.max_bytes or 0):
            yield (
                f"{where}: it was shortened from {column.data_type} to {after.data_type}: landed texts may be longer; "
                "keep the length, and let a row rule in dbt judge it."
            )
        if after.required and not column.required:
            yield (
                f"{where}: it became required: landed rows lack it, and records without it would be dead letters; "
                "keep it optional, and let a row rule in dbt ask for it."
            )
    for column in new:
        if column.name not in before and column.required:
            yield (
                f"Table {table}, column {column.name}: a new column is required: landed rows lack it; declare it "
                "optional."
            )
