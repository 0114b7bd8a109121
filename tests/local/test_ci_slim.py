"""Slim CI on a copy of the project: only what a change touches is built, in a schema of its own, the rest deferred."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local import ci_slim, paths
from local.checks import LocalError
from testbed.city.pieces import city
from testbed.warehouse.embedded import Embedded, embedded

pytestmark = pytest.mark.embedded

MART = "models/marts/cars/agg_car_alerts_15min.sql"


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A repository with the project in a folder, everything committed."""
    project = tmp_path / "repository" / "dbt_project"
    shutil.copytree(paths.PROJECT_DIR, project, ignore=shutil.ignore_patterns("target", "logs"))
    _git(project.parent, "init", "--quiet")
    (project.parent / ".gitignore").write_text("target/\nlogs/\n")
    _git(project.parent, "add", ".")
    author = ["-c", "user.name=ci", "-c", "user.email=ci@junction.example"]
    _git(project.parent, *author, "commit", "--quiet", "--message", "deployed")
    yield project
    assert len(_git(project, "worktree", "list").splitlines()) == 1  # that of the base is gone


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def _edit(project: Path, file: str, old: str, new: str) -> None:
    text = (project / file).read_text()
    assert text.count(old) >= 1, file
    (project / file).write_text(text.replace(old, new))


@pytest.mark.long
def test_the_exposures_of_a_change_are_those_below_it(copy: Path) -> None:
    with ci_slim.base_manifest("HEAD", "duckdb", "junction", copy) as state:
        _edit(copy, "models/intermediate/hours/int_sensor_minutes_scored.sql", "select", "select /* changed */")
        names = ci_slim.changed(state, "duckdb", copy)
        assert names["model"] == ["fct_traffic_anomalies", "int_sensor_minutes_scored"]
        assert "traffic_operations_dashboard" in names["exposure"]
        assert "emergency_response_review" not in names["exposure"]


@pytest.mark.long
def test_without_a_change_nothing_is_built(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUNCTION_VAR", "/no/such/folder")  # a build would fail
    ci_slim.run("HEAD", "duckdb", "junction", copy)
    assert capfd.readouterr().out == "Built because of the change since HEAD: none\nExposures that it touches: none\n"


def test_a_base_that_git_does_not_know_is_named(copy: Path) -> None:
    with pytest.raises(LocalError, match="no-such-revision"):
        ci_slim.run("no-such-revision", "duckdb", "junction", copy)


@pytest.fixture
def deployed(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    """The mart and what is above it, built from half an hour of a city; what is built next goes to schema ci_1."""
    sent = city(tmp_path / "events", "--seed", "44", "--hours", "0.5", "--vehicles", "2", "--topics", "sensors-sample")
    with embedded(tmp_path / "deployed", copy) as running:
        sent.land(running.landing, 0, 1, datetime.now(UTC) - timedelta(hours=1))
        running.build("seed")
        running.build("run", "--select", "+agg_car_alerts_15min")
        monkeypatch.setenv("JUNCTION_SCHEMA", "ci_1")
        yield running


@pytest.mark.long
def test_a_wrong_change_fails_by_the_unit_test_of_its_mart(
    copy: Path, deployed: Embedded, capfd: pytest.CaptureFixture[str]
) -> None:
    _edit(copy, MART, "cast(sum(alert_count) as bigint)", "cast(2 * sum(alert_count) as bigint)")
    capfd.readouterr()
    with pytest.raises(LocalError, match="dbt failed"):
        ci_slim.run("HEAD", "duckdb", "junction", copy)
    printed = capfd.readouterr().out
    assert "since HEAD: agg_car_alerts_15min\n" in printed


def test_a_change_is_built_in_a_schema_of_its_own_over_the_deployed_rest(
    copy: Path, deployed: Embedded, capfd: pytest.CaptureFixture[str]
) -> None:
    _edit(copy, MART, "cast(sum(alert_count) as bigint)", "cast(1 * sum(alert_count) as bigint)")
    capfd.readouterr()
    ci_slim.run("HEAD", "duckdb", "junction", copy)
    printed = capfd.readouterr().out
    assert "since HEAD: agg_car_alerts_15min\n" in printed
    assert "Exposures that it touches: " in printed
    made = deployed.query("select table_name from information_schema.tables where table_schema = 'ci_1'")
    assert {name for (name,) in made} == {
        "agg_car_alerts_15min",
        "build_log",
        "built_code",
        "run_lock",
        "tests_passed",
        "passed_by",
        "write_fence",
    }
    columns = "minute_start, alert_count, black_car_count, max_rpm"
    ours, theirs = (
        deployed.query(f"select {columns} from {schema}.agg_car_alerts_15min order by 1")
        for schema in ("ci_1", "junction")
    )
    assert ours == theirs
    assert ours
