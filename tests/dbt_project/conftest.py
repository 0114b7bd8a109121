"""The dbt project as dbt parses it: no warehouse, no JVM."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from testbed.warehouse import parsed
from testbed.warehouse.manifest import Manifest


@pytest.fixture(scope="session")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Manifest]:
    """Parse the project for a target of profiles.yml, once a test run."""

    @functools.cache
    def parse_once(target: str) -> Manifest:
        return Manifest(*parsed.parse(target, tmp_path_factory.mktemp(target)))

    return parse_once


@pytest.fixture(scope="session")
def manifest(parse: Callable[[str], Manifest]) -> Manifest:
    """The project as the target `local` sees it."""
    return parse("spark")
