"""A table whose history was built by other code, vars or seeds says so in each run, until it is rebuilt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from testbed.city.pieces import city
from testbed.warehouse.contract_change import copy_of_project
from testbed.warehouse.embedded import Embedded, embedded
from testbed.warehouse.outcome import failures

pytestmark = pytest.mark.embedded

RECEIVED, MART = "int_sensors_sample_received", "agg_car_alerts_15min"
RUN = ("run", "--select", f"+{MART}", f"+{RECEIVED}")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("code")
    sent = city(folder / "events", "--seed", "41", "--hours", "0.2", "--vehicles", "3")
    sent.land(folder / "landing", 0, 1, datetime.now(UTC) - timedelta(hours=2))
    with embedded(folder, project) as started:
        started.build("seed")
        started.build(*RUN)
        yield started


def warned(running: Embedded, *more: str) -> set[str]:
    """The tables that warn in a run."""
    said: list[str] = []
    outcome = running.dbt(*RUN, *more, callbacks=[lambda event: said.append(event.info.msg)])
    assert outcome.success, failures(outcome)
    texts = [text.split("The history of ")[1] for text in said if "The history of " in text]
    return {text.split(" was built by other code")[0] for text in texts}


def test_a_run_of_the_same_code_warns_of_nothing(running: Embedded) -> None:
    assert warned(running) == set()
    assert warned(running, "--exclude", "config.materialized:view") == set()


def test_a_var_of_a_view_warns_in_each_run_until_the_table_is_built_anew(running: Embedded) -> None:
    edited = ("--vars", "{alert_rpm: 6001}")
    assert warned(running, *edited) == {MART}
    assert warned(running, *edited) == {MART}
    refused = failures(running.dbt(*RUN, "--vars", "{alert_rpm: 6001, changed_code: fail}"))
    assert f"The history of {MART} was built by other code" in refused
    running.build("run", "--full-refresh", "--select", MART, *edited)
    assert warned(running, *edited) == set()
    assert warned(running) == {MART}
    running.build("run-operation", "accept_code", "--args", f"{{models: [{MART}]}}")
    assert warned(running) == set()


def test_an_edited_macro_warns(running: Embedded, project: Path) -> None:
    macro = project / "macros" / "rules" / "event_time_is_off.sql"
    sound = macro.read_text()
    macro.write_text(sound.replace("{%- endmacro %}", "or 1 = 2\n{%- endmacro %}"))
    assert macro.read_text() != sound
    assert RECEIVED in warned(running)
    macro.write_text(sound)
    assert warned(running) == set()


def test_an_edited_seed_warns(running: Embedded, project: Path) -> None:
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


def test_other_types_of_a_seed_warn(running: Embedded, project: Path) -> None:
    properties = project / "seeds" / "_seeds.yml"
    sound = properties.read_text()
    properties.write_text(sound.replace("'varchar(64)'", "'varchar(65)'"))
    assert properties.read_text() != sound
    running.build("seed", "--full-refresh")
    found = warned(running)
    properties.write_text(sound)
    running.build("seed", "--full-refresh")
    assert "fct_car_samples" in found
    assert warned(running) == set()
