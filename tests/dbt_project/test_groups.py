"""Each model has a group that answers for it, and says who may read it."""

from __future__ import annotations

from testbed.warehouse.manifest import Manifest, layer, subject


def test_each_group_is_described_owned_and_used(manifest: Manifest) -> None:
    groups = {group["name"]: group for group in manifest.content["groups"].values()}
    owners = {exposure["owner"]["email"] for exposure in manifest.content["exposures"].values()}
    for name, group in groups.items():
        assert group["description"], name
        assert group["owner"]["name"], name
        assert group["owner"]["email"] in owners, f"{name} is owned by nobody who reads a mart."
    assert {model["group"] for model in manifest.models} == set(groups)


def test_a_mart_is_public_and_of_the_group_of_its_folder(manifest: Manifest) -> None:
    for mart in manifest.marts:
        assert (mart["group"], mart["access"]) == (subject(mart), "public"), mart["name"]


def test_what_only_its_own_group_reads_is_private_and_all_else_left_of_the_marts_protected(manifest: Manifest) -> None:
    groups = {model["unique_id"]: model["group"] for model in manifest.models}
    for model in manifest.models:
        if layer(model) == "marts":
            continue
        readers = {groups[child] for child in manifest.content["child_map"][model["unique_id"]] if child in groups}
        assert readers, f"{model['name']} is read by no model."
        expected = "private" if readers == {model["group"]} else "protected"
        assert model["access"] == expected, f"{model['name']} is {model['access']}, and read by {sorted(readers)}."
