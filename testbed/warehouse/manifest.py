"""What the tests of the dbt project read: dbt's manifest, and the definitions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contract.place import PROJECT_DIR, ROOT

DEFINITIONS = (ROOT / "docs" / "definitions.md").read_text()

Node = dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """dbt's manifest.json as a dict, and the warnings that dbt had while it parsed."""

    content: Node
    warnings: Sequence[str] = ()

    def nodes(self, resource_type: str) -> list[Node]:
        """All nodes of a type (model, seed, test), by name."""
        found = [node for node in self.content["nodes"].values() if node["resource_type"] == resource_type]
        return sorted(found, key=lambda node: str(node["name"]))

    @property
    def models(self) -> list[Node]:
        return self.nodes("model")

    @property
    def marts(self) -> list[Node]:
        return [model for model in self.models if layer(model) == "marts"]

    @property
    def topics(self) -> list[str]:
        """The raw tables that are topics, by name."""
        sources = self.content["sources"].values()
        return sorted(source["name"] for source in sources if source["config"]["meta"].get("topic"))

    def tests_of(self, model: Node) -> list[Node]:
        """The generic data tests that are attached to a model."""
        return [test for test in self.nodes("test") if test.get("attached_node") == model["unique_id"]]


def layer(model: Node) -> str:
    """staging, intermediate or marts."""
    return str(model["path"]).split("/")[0]


def subject(model: Node) -> str:
    """The folder below the layer, such as `traffic`; '' if there is none."""
    parts = str(model["path"]).split("/")
    return parts[1] if len(parts) > 2 else ""


def project_vars() -> dict[str, Any]:
    """The vars of dbt_project.yml."""
    content: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())["vars"]
    return content


def sql_files() -> list[Path]:
    """All SQL that the project runs: models, macros and singular tests."""
    return sorted(path for folder in ("models", "macros", "tests") for path in (PROJECT_DIR / folder).rglob("*.sql"))


def defined_table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of definitions.md, each a list of cells without their backticks."""
    section = DEFINITIONS.split(f"# {heading}", 1)[1]
    rows = []
    for line in section.splitlines()[1:]:
        if line.startswith("|"):
            rows.append([cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line.strip("|"))])
        elif rows or line.startswith("#"):
            break
    return rows[2:]
