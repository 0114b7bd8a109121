"""Ctrl-C ends dbt in this process, also when DuckDB has caught it, and leaves the run lock free."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import build, interrupt, paths
from local.progress import Progress
from testbed.warehouse.contract_change import copy_of_project
from testbed.warehouse.embedded import embedded

pytestmark = pytest.mark.embedded

START = '  - "{{ start_run() }}"\n'
SLOW = '  - "select sum(hash(range)) from range(1000000000)"\n'  # some seconds


@pytest.fixture
def expected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The signals as `python -m local` has them, and afterwards as pytest has them."""
    monkeypatch.setattr(interrupt, "_came", threading.Event())
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt.expect()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Interrupting(Progress):
    """Ctrl-C half a second after the hooks have begun."""

    def note(self, text: str) -> None:
        """The first note is that of the hooks."""
        if text.startswith("making raw's tables"):
            threading.Timer(0.5, _thread.interrupt_main).start()


def test_an_interrupt_that_duckdb_has_caught_ends_the_command_and_frees_the_lock(
    expected: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_of_project(tmp_path)
    file = project / "dbt_project.yml"
    assert file.read_text().count(START) == 1
    file.write_text(file.read_text().replace(START, START + SLOW))
    monkeypatch.setattr(paths, "PROJECT_DIR", project)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("JUNCTION_TARGET", "duckdb")
    with embedded(tmp_path, project) as running:
        with pytest.raises(KeyboardInterrupt):
            build.dbt(Interrupting(), "seed", "--select", "zones")
        assert running.query("select invocation_id from run_lock") == [("",)]


def test_a_job_in_the_background_goes_on_to_ignore_it(expected: None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt.expect()
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
