"""Each command of `python -m local` is one that it runs; make chooses its engine."""

from __future__ import annotations

import argparse
import inspect
import os
import re
import subprocess
from importlib import import_module

import pytest

from contract.place import ROOT
from local.__main__ import SIMPLE, _parser, _run


def test_each_command_of_the_parser_has_its_branch() -> None:
    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    branches = re.findall(r'arguments\.command == "([a-z-]+)"', inspect.getsource(_run))
    assert sorted(commands.choices) == sorted([*branches, *SIMPLE])
    assert all(callable(getattr(import_module(module), function)) for module, function in SIMPLE.values())
    with pytest.raises(ValueError, match="other has no branch here"):
        _run(argparse.Namespace(command="other"))


@pytest.mark.parametrize(
    ("environment", "given", "engine"),
    [
        ({}, [], "duckdb"),
        ({"JUNCTION_TARGET": "spark"}, [], "spark"),
        ({"ENGINE": "spark"}, [], "spark"),
        ({"JUNCTION_TARGET": "redshift"}, ["ENGINE=spark"], "spark"),
    ],
)
def test_make_takes_its_engine_from_either_variable(environment: dict[str, str], given: list[str], engine: str) -> None:
    command = ["make", *given, "--eval", "probe: ; @echo $$JUNCTION_TARGET", "probe"]
    made = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True)
    assert made.stdout == f"{engine}\n"
