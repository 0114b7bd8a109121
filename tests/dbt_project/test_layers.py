"""A model reads only what is left of it, and its name says where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contract.reading import load_contract
from testbed.warehouse.manifest import PROJECT_DIR, Manifest, Node, layer, sql_files, subject

LEFT_OF = {
    "staging": {"source"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts", "seed"},
}
NAMES = {"staging": r"stg_raw__[a-z_]+", "intermediate": r"int_[a-z_]+", "marts": r"(dim|fct|agg|audit)_[a-z0-9_]+"}
RAW = PROJECT_DIR / "macros" / "raw"
ENGINES = ("spark", "redshift", "duckdb")
TRIMMED = r"\{\{ without_trailing_blanks\('\w+'\) \}\}"
# The audit counts batches, and the ledger of batches has no rows to stage.
READS_A_SOURCE = {"int_landing_hours": {"source.junction.raw.landed_batches"}}


def _inputs(manifest: Manifest, model: Node) -> list[tuple[str, Node]]:
    found = []
    for unique_id in model["depends_on"]["nodes"]:
        if unique_id in READS_A_SOURCE.get(model["name"], set()):
            continue
        kind = unique_id.split(".")[0]
        node = manifest.content["sources" if kind == "source" else "nodes"][unique_id]
        found.append((layer(node) if kind == "model" else kind, node))
    return found


def test_models_only_look_left(manifest: Manifest) -> None:
    for model in manifest.models:
        for kind, node in _inputs(manifest, model):
            assert kind in LEFT_OF[layer(model)], f"{model['name']} reads {node['name']} ({kind})"


def test_a_mart_reads_no_mart_of_another_subject(manifest: Manifest) -> None:
    for mart in manifest.marts:
        for kind, node in _inputs(manifest, mart):
            assert kind != "marts" or subject(node) == subject(mart), f"{mart['name']} reads {node['name']}"


def test_names_match_folders(manifest: Manifest) -> None:
    for model in manifest.models:
        assert re.fullmatch(NAMES[layer(model)], model["name"]), model["path"]
        folder = subject(model)
        if folder in {"checked", "received", "clean", "quarantine"}:
            assert model["name"].endswith(f"_{folder}"), model["path"]


def test_each_topic_is_staged_checked_received_and_clean_or_quarantined(manifest: Manifest) -> None:
    names = {model["name"] for model in manifest.models}
    assert len(manifest.topics) >= 7
    for topic in manifest.topics:
        steps = ("checked", "received", "clean", "quarantine")
        assert {f"stg_raw__{topic}", *(f"int_{topic}_{step}" for step in steps)} <= names, topic


def test_staging_takes_trailing_blanks_from_every_text_but_a_location() -> None:
    for topic in load_contract().topics:
        (path,) = (PROJECT_DIR / "models" / "staging").rglob(f"stg_raw__{topic.table}.sql")
        for column in topic.columns:
            if column.kind == "varchar" and column.name != "location":
                staged = rf"{TRIMMED} as {column.name}"
                if column.name.endswith("_id") and not column.required:
                    name = column.name
                    staged = rf"case when not {{{{ is_blank\('{name}'\) }}}} then {TRIMMED} end as {name}"
                assert re.search(rf"^    {staged},$", path.read_text(), re.MULTILINE), column.name


def test_each_required_id_has_its_rule() -> None:
    for topic in load_contract().topics:
        text = (PROJECT_DIR / f"models/intermediate/checked/int_{topic.table}_checked.sql").read_text()
        ids = [column.name for column in topic.columns if column.required and column.name.endswith("_id")]
        assert f"{{{{ blank_ids({ids}) }}}}" in text, topic.table


def test_the_list_of_entities_is_the_topics_of_the_contract(manifest: Manifest) -> None:
    text = (RAW / "common" / "entities.sql").read_text()
    assert re.findall(r"'(\w+)',", text) == manifest.topics


@pytest.mark.parametrize("name", ["model.junction.int_received", "test.junction.each_landed_row_is_received_once"])
def test_what_counts_all_topics_names_them_all(manifest: Manifest, name: str) -> None:
    inputs = manifest.content["nodes"][name]["depends_on"]["nodes"]
    received = {f"model.junction.int_{topic}_received" for topic in manifest.topics}
    assert received <= set(inputs)


@pytest.mark.parametrize("name", ["model.junction.audit_quarantine", "test.junction.each_landed_row_is_received_once"])
def test_what_counts_all_quarantines_names_them_all(manifest: Manifest, name: str) -> None:
    inputs = manifest.content["nodes"][name]["depends_on"]["nodes"]
    assert {f"model.junction.int_{topic}_quarantine" for topic in manifest.topics} <= set(inputs)


@pytest.mark.parametrize("path", sorted((PROJECT_DIR / "models").rglob("*.sql")), ids=lambda path: path.stem)
def test_no_model_asks_for_its_engine(path: Path) -> None:
    text = path.read_text()
    assert "target." not in text
    assert "adapter." not in text


def test_each_hourly_model_ends_with_the_hours_that_it_replaces(manifest: Manifest) -> None:
    for model in manifest.models:
        if (
            model["config"]["incremental_strategy"] == "replace_hours"
            and model["config"]["materialized"] == "incremental"
        ):
            ends = re.findall(r"\{\{ only_reopened(?:_rows)?\(", model["raw_code"])
            assert len(ends) == 1, model["name"]
            last = r"(where|and) \{\{ only_reopened(?:_rows)?\([^\n]*\n?(group by [^\n]*)?$"
            assert re.search(last, model["raw_code"]), model["name"]


# What only engines with partitions of raw do.
OF_PARTITIONS = {"add_partitions", "add_record_partitions", "partition_sql"}


def test_each_macro_that_differs_between_engines_has_all_and_a_default_that_raises() -> None:
    for path in sql_files():
        # An entry of raw has its engines beside it, under its file's name.
        engines = [RAW / engine / path.name for engine in ENGINES] if path.parent.parent == RAW else []
        text = "".join(file.read_text() for file in [path, *engines] if file.exists())
        for name in re.findall(r"adapter\.dispatch\('(\w+)'\)", path.read_text()):
            assert f"macro default__{name}(" in path.read_text(), path.name
            assert f"macro spark__{name}(" in text, path.name
            # A landing on S3 has an address that somebody has to give.
            assert f"macro redshift__{name}(" in text or name == "landing_root", path.name
            assert f"macro duckdb__{name}(" in text or name in OF_PARTITIONS, path.name
        assert "raise_compiler_error" in text or "adapter.dispatch(" not in text, path.name


def test_what_raw_is_on_an_engine_has_the_file_name_of_its_entry() -> None:
    for engine in ENGINES:
        for path in (RAW / engine).glob("*.sql"):
            for name in re.findall(rf"macro {engine}__(\w+)\(", path.read_text()):
                assert name == path.stem
                assert f"adapter.dispatch('{name}')" in (RAW / "common" / path.name).read_text()
