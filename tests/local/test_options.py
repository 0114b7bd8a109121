"""The options of `python -m local`: each wrong one gets a sentence before anything starts."""

from __future__ import annotations

import os
import subprocess
import sys

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


def run(environment: dict[str, str], *arguments: str) -> str:
    """What the command says as it refuses; in a process of its own, since it would start a stack."""
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode in (1, 2), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
