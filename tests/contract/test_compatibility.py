"""Which changes of the contract are compatible, and what is said of the others; the older one is read from git."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from contract import compatibility
from contract.compatibility import breaks, contract_at
from contract.model import Column, Contract, ContractError
from contract.reading import load_contract

WHOLE = load_contract()
WEATHER = WHOLE.topic("weather")


def changed(**changes: object) -> Contract:
    weather = replace(WEATHER, **changes)  # type: ignore[arg-type]
    return replace(WHOLE, topics=tuple(weather if topic is WEATHER else topic for topic in WHOLE.topics))


def columns(name: str, **changes: object) -> tuple[Column, ...]:
    return tuple(
        replace(column, **changes) if column.name == name else column  # type: ignore[arg-type]
        for column in WEATHER.columns
    )


@pytest.mark.parametrize(
    "new",
    [
        WHOLE,
        changed(columns=(*WEATHER.columns, Column("uv_index", "double"))),
        changed(columns=columns("condition", data_type="varchar(99)")),
        changed(columns=columns("condition", required=False)),
        changed(columns=columns("condition", unit="words", description="otherwise")),
        replace(WHOLE, topics=(*WHOLE.topics, replace(WEATHER, table="weather_2", topic="weather-2"))),
    ],
    ids=["none", "optional column", "longer text", "optional now", "words", "topic"],
)
def test_compatible_changes_pass(new: Contract) -> None:
    assert list(breaks(WHOLE, new)) == []


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (changed(columns=WEATHER.columns[:-1]), "weather, column air_quality_index: it is gone: keep it, optional"),
        (
            changed(columns=columns("air_quality_index", data_type="double")),
            "column air_quality_index: its type changed from integer to double, but landed files keep the old one and "
            "no reader takes both: add an optional column of another name, such as air_quality_index_2, and coalesce",
        ),
        (
            changed(columns=columns("humidity_pct", data_type="varchar(9)")),
            "type changed from double to varchar(9)",
        ),
        (changed(columns=columns("condition", data_type="varchar(15)")), "shortened from varchar(16) to varchar(15)"),
        (changed(columns=(*WEATHER.columns, Column("uv", "double", True))), "column uv: a new column is required"),
        (changed(key="event_id"), "its key changed from station_id to event_id"),
        (changed(topic="weather-2"), "its topic changed from weather to weather-2"),
        (replace(WHOLE, topics=WHOLE.topics[:-1]), f"Table {WHOLE.topics[-1].table} (topic "),
        (replace(WHOLE, landing_columns=WHOLE.landing_columns[1:]), "landing_columns, column _kafka_topic: it is gone"),
        (
            replace(WHOLE, dead_letters=replace(WHOLE.dead_letters, columns=WHOLE.dead_letters.columns[:-1])),
            "Table dead_letters, column value_bytes: it is gone",
        ),
    ],
)
def test_an_incompatible_change_has_one_sentence_that_says_how(new: Contract, said: str) -> None:
    (sentence,) = breaks(WHOLE, new)
    assert said in sentence
    assert sentence.endswith(".")


def test_optional_to_required_is_refused() -> None:
    optional = changed(columns=columns("condition", required=False))
    (sentence,) = breaks(optional, WHOLE)
    assert "column condition: it became required" in sentence


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_command_compares_with_a_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "dbt_project"
    for path in (compatibility.PROJECT_DIR / "models" / "staging").glob("**/_*__sources.yml"):
        copy = project / path.relative_to(compatibility.PROJECT_DIR)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "deployed")
    weather = project / "models" / "staging" / "weather" / "_weather__sources.yml"
    weather.write_text(weather.read_text().replace("varchar(16)", "varchar(8)"))
    old = contract_at("HEAD", project)
    assert old == WHOLE
    monkeypatch.setattr(compatibility, "contract_at", lambda revision: contract_at(revision, project))
    monkeypatch.setattr(compatibility, "load_contract", lambda folder=project: load_contract(folder))
    assert compatibility.main(["HEAD"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Table weather, column condition: it was shortened from varchar(16) to varchar(8)")
    assert said[-1] == "1 incompatible change(s) since HEAD."
    git(tmp_path, "checkout", "--quiet", ".")
    assert compatibility.main(["HEAD"]) == 0
    assert capsys.readouterr().out == "Compatible with HEAD.\n"


def test_an_unknown_revision_is_said_in_a_sentence() -> None:
    with pytest.raises(ContractError, match=r"The contract at no-such-rev cannot be read .*: name a branch, tag or"):
        contract_at("no-such-rev")
    with pytest.raises(ContractError, match="--output=x is no git revision"):
        contract_at("--output=x")
