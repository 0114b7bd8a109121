"""The options of `python -m local`: each wrong one gets a sentence before anything starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract.place import ROOT

NUMBERS = {
    "demo": {"hours": "nan", "seed": "x", "vehicles": "0", "port": "65536"},
    "up": {"every": "0", "seed": "1.5", "vehicles": "-3", "port": "inf", "thrift-port": "0"},
    "thrift": {"thrift-port": "1e3"},
}


@pytest.mark.parametrize(("command", "name"), [(command, name) for command in NUMBERS for name in NUMBERS[command]])
def test_a_number_out_of_bounds_is_refused(command: str, name: str) -> None:
    text = NUMBERS[command][name]
    said = run({}, command, f"--{name}", text)
    assert f"argument --{name}: {text} is out of bounds: give a " in said


@pytest.mark.parametrize("variable", ["JUNCTION_KAFKA_PORT", "JUNCTION_THRIFT_PORT"])
def test_a_wrong_port_in_the_environment_is_no_traceback(variable: str) -> None:
    assert "argument --" in run({variable: "kafka"}, "up")


@pytest.mark.parametrize("command", ["demo", "up"])
@pytest.mark.parametrize(
    ("variable", "url"), [("JUNCTION_VAR", "s3://bucket/var"), ("JUNCTION_LANDING", "gs://bucket/x")]
)
def test_a_url_is_no_folder(command: str, variable: str, url: str) -> None:
    said = run({variable: url}, command)
    assert said.splitlines()[-1].startswith(f"{variable}: {url} is a URL: give a folder on a local disk")


IN_A_BUCKET = {"JUNCTION_LANDING": "s3://bucket/city", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.mark.parametrize(("command", "engine"), [("thrift", "duckdb"), ("thrift", "spark"), ("up", "spark")])
def test_keys_that_a_session_of_spark_would_see_are_refused(command: str, engine: str) -> None:
    said = run(IN_A_BUCKET | KEYS | {"JUNCTION_TARGET": engine}, command)
    assert "AWS_ACCESS_KEY_ID would be seen by each session" in said
    assert "secret" not in said


def test_the_loop_is_of_duckdb() -> None:
    assert "The loop is for ENGINE=duckdb" in run({"JUNCTION_TARGET": "spark"}, "loop")


def test_a_bucket_without_credentials_is_a_sentence(tmp_path: Path) -> None:
    none = {"AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none", "AWS_EC2_METADATA_DISABLED": "true"}
    said = run(IN_A_BUCKET | none | {"JUNCTION_VAR": str(tmp_path), "JUNCTION_TARGET": "duckdb"}, "serve")
    assert "DuckDB cannot read s3://bucket/city" in said
    assert "give AWS's credentials" in said


def run(environment: dict[str, str], *arguments: str) -> str:
    """What the command says as it refuses; in a process of its own, since it would start a stack."""
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
