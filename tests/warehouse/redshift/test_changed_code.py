"""A table whose history was built by other code, vars or seeds says so in each run, until it is rebuilt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from testbed.city.pieces import city
from testbed.standin import Standin, standin
from testbed.warehouse.contract_change import copy_of_project
from testbed.warehouse.outcome import failures

pytestmark = [pytest.mark.standin, pytest.mark.long]

RECEIVED, MART = "int_sensors_sample_received", "agg_car_alerts_15min"
RUN = ("run", "--select", f"+{MART}", f"+{RECEIVED}")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Standin]:
    folder = tmp_path_factory.mktemp("code")
    sent = city(folder / "events", "--seed", "41", "--hours", "0.2", "--vehicles", "3")
    sent.land(folder / "landing", 0, 1, datetime.now(UTC) - timedelta(hours=2))
    with standin(folder, project) as started:
        started.load(folder / "landing")
        started.build("seed")
        started.build(*RUN)
        yield started


def warned(running: Standin, *more: str) -> set[str]:
    """The tables that warn in a run."""
    said: list[str] = []
    outcome = running.dbt(*RUN, *more, callbacks=[lambda event: said.append(event.info.msg)])
    assert outcome.success, failures(outcome)
    texts = [text.split("The history of ")[1] for text in said if "The history of " in text]
    return {text.split(" was built by other code")[0] for text in texts}


def test_an_edited_seed_warns(running: Standin, project: Path) -> None:
    seeds = sorted((project / "seeds").rglob("*.csv"))
    assert seeds
    texts = {seed: seed.read_text() for seed in seeds}
    for seed, text in texts.items():
        seed.write_text(text + text.splitlines()[-1] + "\n")  # blank lines at the end are no change for dbt
    assert warned(running) == set()  # nothing of it is loaded
    running.build("seed")
    found = warned(running)
    for seed, text in texts.items():
        seed.write_text(text)
    assert "fct_car_samples" in found
    assert "fct_car_samples" in warned(running)
    running.build("seed")
    assert warned(running) == set()


def test_the_same_code_in_another_schema_is_no_change(running: Standin, project: Path, tmp_path: Path) -> None:
    """--defer: what the run does not build is read from the schema of the state."""
    manifest = json.loads((running.folder / "target" / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        node["schema"] = "deployed"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    made = "select relname from pg_class where relnamespace = 'junction'::regnamespace and relkind in ('r', 'v')"
    names = [name for (name,) in running.query(made)]
    running.query("create schema deployed")
    for name in names:
        running.query(f'create view deployed."{name}" as select * from junction."{name}"')
    said: list[str] = []
    deferred = ("--select", RECEIVED, MART, "--defer", "--favor-state", "--state", str(tmp_path))
    outcome = running.dbt("run", *deferred, callbacks=[lambda event: said.append(event.info.msg)])
    for name in names:
        running.query(f'drop view deployed."{name}"')
    assert outcome.success, failures(outcome)
    assert not [text for text in said if "The history of " in text]


def test_a_flag_that_takes_the_writes_transactions_is_refused(running: Standin, project: Path) -> None:
    file = project / "dbt_project.yml"
    sound = file.read_text()
    file.write_text(sound.replace("\nflags:\n", "\nflags:\n  redshift_skip_autocommit_transaction_statements: true\n"))
    refusal = failures(running.dbt(*RUN))
    file.write_text(sound)
    assert "redshift_skip_autocommit_transaction_statements is true" in refusal
