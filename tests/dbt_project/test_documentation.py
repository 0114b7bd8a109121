"""Who reads the docs site finds each model's grain, and what each column means."""

from __future__ import annotations

import re
from collections import defaultdict

from testbed.warehouse.manifest import Manifest


def test_each_model_begins_with_its_grain(manifest: Manifest) -> None:
    without = [model["name"] for model in manifest.models if not model["description"].startswith("Grain: one row per ")]
    assert without == []


def test_each_mart_names_the_questions_that_it_answers(manifest: Manifest) -> None:
    assert [mart["name"] for mart in manifest.marts if "Answers: " not in mart["description"]] == []


def test_each_column_of_a_model_is_described_by_a_docs_block(manifest: Manifest) -> None:
    for model in manifest.models:
        assert model["columns"], f"{model['name']} has no columns in its YAML: list them."
        without = [name for name, column in model["columns"].items() if not column["doc_blocks"]]
        assert without == [], model["name"]


def test_seeds_sources_and_exposures_are_described(manifest: Manifest) -> None:
    described = manifest.nodes("seed") + list(manifest.content["sources"].values())
    for node in described:
        assert node["description"], node["name"]
        assert [name for name, column in node["columns"].items() if not column["description"]] == [], node["name"]
    for exposure in manifest.content["exposures"].values():
        assert exposure["description"], exposure["name"]
        assert exposure["owner"]["email"], exposure["name"]
        assert exposure["maturity"], exposure["name"]


def test_the_overview_links_each_mart(manifest: Manifest) -> None:
    overview = manifest.content["docs"]["doc.junction.__overview__"]["block_contents"]
    linked = re.findall(r"\[(\w+)\]\(#!/model/(model\.junction\.\w+)\)", overview)
    assert sorted(linked) == [(mart["name"], mart["unique_id"]) for mart in manifest.marts]


def test_no_docs_block_is_written_twice_or_for_nothing(manifest: Manifest) -> None:
    blocks = {doc["unique_id"]: doc for doc in manifest.content["docs"].values() if doc["package_name"] == "junction"}
    by_text = defaultdict(list)
    for doc in blocks.values():
        by_text[doc["block_contents"].strip()].append(doc["name"])
    assert [names for names in by_text.values() if len(names) > 1] == []

    nodes = list(manifest.content["nodes"].values()) + list(manifest.content["sources"].values())
    used = {block for node in nodes for column in node["columns"].values() for block in column["doc_blocks"]}
    assert sorted(set(blocks) - used - {"doc.junction.__overview__"}) == []
