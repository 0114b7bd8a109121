"""Each command of `python -m local` is one that it runs."""

from __future__ import annotations

import argparse
import inspect
import re

import pytest

from local.__main__ import _parser, _run


def test_each_command_of_the_parser_has_its_branch() -> None:
    (commands,) = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    branches = re.findall(r'arguments\.command == "([a-z-]+)"', inspect.getsource(_run))
    assert sorted(commands.choices) == sorted(branches)
    with pytest.raises(ValueError, match="other has no branch here"):
        _run(argparse.Namespace(command="other"))
