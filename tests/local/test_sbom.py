"""The bill of materials has each package and jar once, and is valid."""

from __future__ import annotations

import json
import re
from importlib import util
from pathlib import Path

import pytest

from contract.place import ROOT
from local import sbom
from local.jars import locked


def test_it_has_all_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sbom.run(tmp_path / "sbom.cdx.json")  # which validates it
    bom = json.loads((tmp_path / "sbom.cdx.json").read_text())
    have = {(component.get("group"), component["name"], component.get("version")) for component in bom["components"]}
    packages = re.findall(r"^([\w.\-]+)==([\w.\-]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert len(packages) > 100
    assert {(None, *package) for package in packages} <= have
    assert {(jar.group, jar.artifact, jar.version) for jar in locked()} <= have
    within = Path(str(util.find_spec("pyspark").origin)).parent / "jars"  # type: ignore[union-attr]  # it is installed
    of_pyspark = [component for component in bom["components"] if "pyspark" in str(component.get("properties"))]
    assert len(of_pyspark) == len(list(within.glob("*.jar"))) > 200
    assert len({component["bom-ref"] for component in bom["components"]}) == len(bom["components"])
    assert all(component["hashes"] for component in of_pyspark)
    assert f"{len(bom['components'])} components" in capsys.readouterr().out


def test_no_package_is_there_that_slows_each_dbt_command() -> None:
    """`cyclonedx-bom` brings rfc3987-syntax; jsonschema, a package of dbt's, imports it if it can, for a second."""
    assert util.find_spec("rfc3987_syntax") is None, "it is not in requirements.lock: remove .venv and run make setup"
