"""The software bill of materials (CycloneDX): Python packages, the jars that are fetched, and those of pyspark."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import Any

from local import jars, paths
from local.checks import LocalError

_POM = re.compile(r"META-INF/maven/([^/]+)/([^/]+)/pom\.properties")
_JAR_NAME = re.compile(r"(?P<artifact>.+?)-(?P<version>\d[\w.\-]*)\.jar")


def run(file: Path) -> None:
    """`python -m local sbom`: write it to `file`, and say how much is in it. Raises LocalError if it is not valid."""
    bom = document()
    _validate(bom)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(bom, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(bom['components'])} components are in {file}.")


def document() -> dict[str, Any]:
    """The bill as CycloneDX has it in JSON: what is locked, so it does not depend on the machine."""
    python = [sys.executable, "-m", "cyclonedx_py", "requirements", "--pyproject", "pyproject.toml"]
    form = ["--output-reproducible", "--of", "JSON", "--sv", "1.6", "requirements.lock"]
    made = subprocess.run([*python, *form], cwd=paths.ROOT, capture_output=True, text=True)
    if made.returncode:
        raise LocalError(f"cyclonedx-py does not read requirements.lock: see why and try again:\n{made.stderr}")
    bom: dict[str, Any] = json.loads(made.stdout)
    found = {component["bom-ref"]: component for component in [*_fetched(), *_within_pyspark()]}
    bom["components"] += found.values()
    bom["dependencies"] += [{"ref": reference} for reference in found]
    return bom


def _fetched() -> Iterator[dict[str, Any]]:
    for jar in jars.locked():
        yield _component(jar.group, jar.artifact, jar.version, jar.sha256, f"local/jars.lock, {jar.part}")


def _within_pyspark() -> Iterator[dict[str, Any]]:
    spec = util.find_spec("pyspark")
    for file in sorted((Path(str(spec and spec.origin)).parent / "jars").glob("*.jar")):
        name = _JAR_NAME.fullmatch(file.name)
        artifact, version = (name["artifact"], name["version"]) if name else (file.stem, "")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield _component(_group(file, artifact), artifact, version, digest, "the wheel of pyspark")


def _group(file: Path, artifact: str) -> str | None:
    """The Maven group that a jar names of itself; None if it does not. A jar may have others inside."""
    with zipfile.ZipFile(file) as content:
        groups = {match[2]: match[1] for name in content.namelist() if (match := _POM.fullmatch(name))}
    return groups.get(artifact)


def _component(group: str | None, artifact: str, version: str, sha256: str, where: str) -> dict[str, Any]:
    purl = f"pkg:maven/{group}/{artifact}@{version}" if group else f"pkg:generic/{artifact}@{version}"
    component = {
        "bom-ref": f"{purl}#{where}",
        "type": "library",
        "name": artifact,
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
        "properties": [{"name": "junction:comes-with", "value": where}],
    }
    return component | ({"group": group} if group else {})


def _validate(bom: dict[str, Any]) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bom))
    if fault:
        raise LocalError(f"The bill of materials is not valid CycloneDX 1.6: correct local/sbom.py ({fault}).")
