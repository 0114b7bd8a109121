"""The Spark settings and the checks around the session, without a JVM."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.config.renderer import ProfileRenderer
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context

from local import paths, profile, spark
from local.checks import LocalError

_HOLDS_THE_LOCK = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def rendered_by_dbt() -> dict[str, Any]:
    """profiles.yml as dbt itself renders it."""
    set_invocation_context(dict(os.environ))
    set_from_args(Namespace(PROFILES_DIR=str(paths.PROFILES)), None)
    profile = yaml.safe_load((paths.PROFILES / "profiles.yml").read_text(encoding="utf-8"))
    return ProfileRenderer({}).render_data(profile)["junction"]


def test_our_session_has_the_settings_of_dbts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path / "with a space"))
    monkeypatch.delenv("JUNCTION_JARS", raising=False)
    by_dbt = rendered_by_dbt()["outputs"]["spark"]["server_side_parameters"]
    settings = profile.spark_settings()
    assert settings == {name: str(value) for name, value in by_dbt.items()}
    assert settings["spark.sql.warehouse.dir"] == str(tmp_path / "with a space" / "warehouse")
    assert settings["spark.sql.session.timeZone"] == "UTC"
    assert "-Duser.timezone=UTC" in settings["spark.driver.extraJavaOptions"]


@pytest.mark.parametrize("server", ["", "http://127.0.0.1:7070", "https://s3.example.org"])
@pytest.mark.parametrize("landing", ["", "/data/landing", "s3://bucket/city"])
def test_the_owner_of_the_file_has_the_secrets_of_dbts(
    monkeypatch: pytest.MonkeyPatch, landing: str, server: str
) -> None:
    monkeypatch.setenv("JUNCTION_LANDING", landing)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    by_dbt = DuckDBCredentials.from_dict(rendered_by_dbt()["outputs"]["duckdb"] | {"database": "warehouse"})
    statements = by_dbt.secrets_sql()
    assert profile.duckdb_secrets() == statements
    assert [f"scope '{landing}'" in statement for statement in statements] == [True] * landing.startswith("s3:")
    assert all(("endpoint" in statement) == bool(server) for statement in statements)


def test_profile_keeps_secrets_out_and_has_all_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUNCTION_TARGET", raising=False)
    monkeypatch.delenv("DBT_ENV_SECRET_REDSHIFT_PASSWORD", raising=False)
    outputs = rendered_by_dbt()
    assert outputs["target"] == "duckdb"
    assert set(outputs["outputs"]) == {"duckdb", "served", "spark", "local", "thrift", "redshift"}
    assert outputs["outputs"]["local"] == outputs["outputs"]["spark"]  # its name of before
    assert not outputs["outputs"]["redshift"]["password"]
    assert outputs["outputs"]["thrift"]["poll_interval"] == 0
    assert outputs["outputs"]["thrift"]["port"] == 10000


def test_a_metastore_that_another_process_has_open(tmp_path: Path) -> None:
    spark.metastore_is_free(tmp_path)  # there is none yet
    (tmp_path / "dbex.lck").write_bytes(b"1234")
    spark.metastore_is_free(tmp_path)
    command = [sys.executable, "-c", _HOLDS_THE_LOCK, str(tmp_path / "dbex.lck")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LocalError, match=r"Another process .* has the metastore .* open: end it"):
            spark.metastore_is_free(tmp_path)
        holder.communicate("")
    spark.metastore_is_free(tmp_path)
