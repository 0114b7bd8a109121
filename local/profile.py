"""What dbt's profile (`profiles/profiles.yml`) has for this machine's engines, rendered as dbt would."""

from __future__ import annotations

import ast
import functools
import os
from types import SimpleNamespace
from typing import Any

import yaml
from dbt.adapters.duckdb.secrets import Secret
from jinja2 import Environment, StrictUndefined

from local import paths


def spark_settings() -> dict[str, str]:
    """The `server_side_parameters` of target `spark`."""
    parameters = _output("spark")["server_side_parameters"]
    return {name: _rendered(str(value)) for name, value in parameters.items()}


def duckdb_secrets() -> list[str]:
    """The statements that let DuckDB read a landing folder in a bucket; none for one on a disk."""
    secrets = ast.literal_eval(_rendered(_output("duckdb")["secrets"]).strip())
    return [Secret.create(secret_type=secret.pop("type"), **secret).to_sql() for secret in secrets]


@functools.cache
def _output(target: str) -> dict[str, Any]:
    profile = yaml.safe_load((paths.PROFILES / "profiles.yml").read_text(encoding="utf-8"))
    return profile["junction"]["outputs"][target]


def _rendered(text: str) -> str:
    jinja = Environment(undefined=StrictUndefined)
    jinja.filters["as_native"] = lambda value: value
    known: dict[str, Any] = {"env_var": os.environ.get, "flags": SimpleNamespace(PROFILES_DIR=str(paths.PROFILES))}
    return jinja.from_string(text).render(known)
