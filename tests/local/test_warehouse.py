"""The warehouse of this machine (`local/warehouse.py`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from local import paths, warehouse
from local.checks import LocalError
from local.progress import Progress


@pytest.mark.parametrize(
    ("chosen", "engine"), [(None, "duckdb"), ("", "duckdb"), ("duckdb", "duckdb"), ("spark", "spark")]
)
def test_the_engine_is_duckdb_unless_another_is_chosen(
    chosen: str | None, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUNCTION_TARGET", raising=False)
    if chosen is not None:
        monkeypatch.setenv("JUNCTION_TARGET", chosen)
    assert paths.engine() == engine


def test_an_engine_of_a_server_is_none_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_TARGET", "redshift")
    with pytest.raises(LocalError, match=r"^redshift is no engine .*: write ENGINE=duckdb or ENGINE=spark\.$"):
        paths.engine()


def test_a_file_that_another_process_has_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))
    monkeypatch.setenv("JUNCTION_TARGET", "duckdb")
    file = tmp_path / warehouse.FILE
    warehouse.file_is_free(file)  # there is none yet
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        said = rf"Another process has .*{warehouse.FILE} open .*process {other.pid}"
        with pytest.raises(LocalError, match=said), warehouse.opened(Progress()):
            pass
        assert other.stdin is not None
        other.stdin.close()
    with warehouse.opened(Progress()):
        pass


def test_what_reads_a_file_gets_columns_and_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))
    with duckdb.connect(str(tmp_path / warehouse.FILE)) as connection:
        connection.execute("create table cars as select 1 as car, 'x' as make")
    assert warehouse.read_file("select * from cars") == (["car", "make"], [(1, "x")])
