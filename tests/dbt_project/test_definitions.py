"""docs/definitions.md, the models and the landing name the same constants and reasons."""

from __future__ import annotations

import re

from contract.values import Reason
from testbed.warehouse.manifest import DEFINITIONS, PROJECT_DIR, Manifest, defined_table, project_vars, sql_files

# How a run works, not what a row means: not defined there.
OPERATIONAL = {"run_lock_minutes", "landing_ahead_hours", "wait_for_rows", "wait_for_rows_minutes"}
OPERATIONAL |= {"changed_code", "audit"}
# A range rebuild gives them; they have no default.
ON_DEMAND = {"from", "to"}


def test_each_constant_of_the_definitions_is_a_var_and_each_var_is_defined() -> None:
    constants = set(project_vars()) - OPERATIONAL
    code = " ".join(re.findall(r"(?<!`)`([^`\n]+)`", DEFINITIONS))
    coded = set(re.findall(r"[a-z0-9_]+", code))
    assert constants - coded == set()

    assert set(re.findall(r"`([a-z0-9_]+)` \(\d", DEFINITIONS)) <= constants
    found = re.findall(r"([a-z0-9_]+)` \(?(\d[\d,]*(?:\.\d+)?)\b", DEFINITIONS)
    numbered = {name: value for name, value in found if name in constants}
    numbered["event_behind_ms"] = "604,800,000"  # the second of two numbers in one parenthesis
    assert numbered["event_behind_ms"] in DEFINITIONS
    values = {name: float(value.replace(",", "")) for name, value in numbered.items()}
    assert values == {name: float(project_vars()[name]) for name in numbered}
    assert len(numbered) >= 14


def test_each_var_is_used_and_each_used_var_exists() -> None:
    used = {name for path in sql_files() for name in re.findall(r"var\('(\w+)'\)", path.read_text())}
    assert used - ON_DEMAND == set(project_vars())


def test_dead_letters_have_the_reasons_of_the_definitions(manifest: Manifest) -> None:
    defined = [row[0] for row in defined_table("Dead letters: what landing refuses")]
    assert defined == [reason.value for reason in Reason]
    tests = [
        t for t in manifest.nodes("test") if t["name"].startswith("source_accepted_values_raw_dead_letters_reason")
    ]
    assert [test["test_metadata"]["kwargs"]["values"] for test in tests] == [defined]


def test_row_rules_have_the_reasons_of_the_definitions_in_their_order(manifest: Manifest) -> None:
    rules = defined_table("Invalid rows: what the row rules refuse")
    placed = (PROJECT_DIR / "macros/rules/location_rules.sql").read_text()
    applies = ""
    defined: dict[str, list[str]] = {topic: [] for topic in manifest.topics}
    for reason, _, applies_to in rules:
        applies = applies if applies_to == "〃" else applies_to
        for topic in manifest.topics:
            has_location = "location" in manifest.content["sources"][f"source.junction.raw.{topic}"]["columns"]
            if applies == "all" or (applies.startswith("all that") and has_location) or topic in applies.split(", "):
                defined[topic].append(reason)
    for topic in manifest.topics:
        text = (PROJECT_DIR / f"models/intermediate/checked/int_{topic}_checked.sql").read_text()
        text = text.replace("{{ location_rules() }}", placed)
        for call, names in re.findall(r"({{ blank_ids\((.*?)\) }})", text):
            text = text.replace(call, " ".join(f"then '{name}_blank'" for name in re.findall(r"'(\w+)'", names)))
        assert re.findall(r"then '(\w+)'", text) == defined[topic], topic


def test_each_reason_of_the_row_rules_has_the_column_that_it_begins_with(manifest: Manifest) -> None:
    text = (PROJECT_DIR / "macros/rules/invalid_field.sql").read_text()
    fields = dict(re.findall(r"'(\w+)': '(\w+)'", text))
    assert list(fields) == list(
        dict.fromkeys(row[0] for row in defined_table("Invalid rows: what the row rules refuse"))
    )
    columns = {
        c for topic in manifest.topics for c in manifest.content["sources"][f"source.junction.raw.{topic}"]["columns"]
    }
    for reason, field in fields.items():
        stem = re.sub("_(out_of_range|malformed|missing|unknown|blank)$", "", reason)
        assert field in columns, reason
        assert field.startswith(stem) or stem in {"latitude", "longitude"}, reason


def test_each_reason_has_a_unit_test(manifest: Manifest) -> None:
    reasons = {row[0] for row in defined_table("Invalid rows: what the row rules refuse")}
    expected = {
        row.get("invalid_reason")
        for test in manifest.content["unit_tests"].values()
        if test["model"].endswith("_checked")
        for row in test["expect"]["rows"]
    }
    assert reasons - expected == set()
