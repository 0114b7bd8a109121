"""What an interrupted `make refresh` leaves for the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from local import build, paths, refresh
from local.checks import LocalError
from local.progress import Progress

ARTIFACTS = ("manifest.json", "sources.json", "run_results.json")


def _refreshed(folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> str:
    """The results that are kept after a refresh in which dbt writes its artifacts and ends with the error."""
    target, state = folder / "project" / "target", folder / "var" / "refreshed" / "duckdb"
    target.mkdir(parents=True)
    state.mkdir(parents=True)
    for name in ARTIFACTS:
        (state / name).write_text("before")

    def dbt(*_: object, **__: object) -> None:
        for name in ARTIFACTS:
            (target / name).write_text("now")
        raise error

    monkeypatch.setenv("JUNCTION_VAR", str(folder / "var"))
    monkeypatch.delenv("JUNCTION_TARGET", raising=False)
    monkeypatch.setattr(paths, "PROJECT_DIR", folder / "project")
    monkeypatch.setattr(refresh, "selection", lambda _: [])
    monkeypatch.setattr(build, "parse", lambda: build.Parsed(Manifest(), at=0.0))
    monkeypatch.setattr(build, "freshness", lambda *_: [])
    monkeypatch.setattr(build, "dbt", dbt)
    with pytest.raises(type(error)):
        refresh.refresh(Progress())
    kept = {(state / name).read_text() for name in ARTIFACTS}
    assert len(kept) == 1
    return kept.pop()


def test_an_interrupted_refresh_is_as_if_it_had_not_been(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _refreshed(tmp_path, monkeypatch, KeyboardInterrupt()) == "before"


def test_a_refresh_in_which_a_node_failed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _refreshed(tmp_path, monkeypatch, LocalError("a node failed")) == "now"
