"""An export has each mart as it was at one moment, beside an owner that serves the file and without one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from local import export, paths
from local.progress import Progress
from testbed.warehouse.door import served

pytestmark = pytest.mark.embedded

MARTS = sorted(file.stem for file in (paths.PROJECT_DIR / "models" / "marts").rglob("*.sql"))
TABLES = [f"create table junction.{name} as select 1 as version, '{name}' as name" for name in MARTS]


def run(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    environment = os.environ | {"JUNCTION_VAR": str(folder), "JUNCTION_TARGET": "duckdb"}
    environment.pop("JUNCTION_LANDING", None)
    command = [sys.executable, "-m", "local", "export", *flags]
    return subprocess.run(command, cwd=paths.ROOT, env=environment, capture_output=True, text=True, check=False)


def exported(folder: Path) -> dict[str, list[dict[str, Any]]]:
    assert sorted(file.name for file in folder.iterdir()) == MARTS
    return {name: pq.read_table(folder / name).to_pylist() for name in MARTS}


def test_each_mart_is_a_file_in_a_folder_of_its_own(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as made:
        for statement in ("create schema junction", *TABLES):
            made.execute(statement)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert exported(tmp_path / "export") == {name: [{"version": 1, "name": name}] for name in MARTS}
    with duckdb.connect(tmp_path / "warehouse.duckdb") as made:
        made.execute(f"update junction.{MARTS[0]} set version = 2; drop table junction.{MARTS[-1]}")
    refused = run(tmp_path)
    assert refused.returncode == 1
    assert f"Table with name {MARTS[-1]} does not exist" in refused.stderr
    assert "run make refresh first" in refused.stderr
    assert exported(tmp_path / "export")[MARTS[0]] == [{"version": 1, "name": MARTS[0]}]  # all of it as it was


def test_it_goes_through_the_owner_while_the_file_is_served(tmp_path: Path) -> None:
    with served(tmp_path / "up", *TABLES) as door:
        done = run(door.folder, "--door-port", str(door.port), "--to", str(tmp_path / "lake"))
        assert done.returncode == 0, done.stderr
        assert exported(tmp_path / "lake") == {name: [{"version": 1, "name": name}] for name in MARTS}
        assert list((door.folder / "export").iterdir()) == []
        refused = run(door.folder, "--door-port", "1")
    assert refused.returncode == 1
    assert "JUNCTION_DOOR_PORT" in refused.stderr


def test_all_marts_are_of_one_moment(tmp_path: Path) -> None:
    with duckdb.connect() as warehouse:
        for statement in ("create schema junction", *TABLES):
            warehouse.execute(statement)
        reading = warehouse.cursor()

        def execute(sql: str) -> None:
            if "copy" in sql and MARTS[1] in sql:  # a run writes in between
                warehouse.execute(
                    f"update junction.{MARTS[0]} set version = 2; update junction.{MARTS[1]} set version = 2"
                )
            reading.execute(sql)

        export._write(execute, MARTS[:2], tmp_path, Progress())
    assert [pq.read_table(tmp_path / f"{name}.parquet")["version"].to_pylist() for name in MARTS[:2]] == [[1], [1]]


def test_a_warehouse_that_is_not_there_and_a_url_are_refused(tmp_path: Path) -> None:
    assert "is not there: run make demo" in run(tmp_path).stderr
    assert "s3://bucket is a URL" in run(tmp_path, "--to", "s3://bucket").stderr
