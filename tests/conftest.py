"""The order of the tests, and what all workers share."""

from __future__ import annotations

import gc
import os

import pytest

from tests import workers

_LONGEST = ("test_warehouse.py", "test_exactness.py", "test_parity.py")


def pytest_configure() -> None:
    """What dbt knows of the project is a million objects, which the collector by its own numbers visits all the time:
    a quarter of what a run costs Python."""
    gc.set_threshold(100_000, 50, 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, or one of them would go on by itself when the other workers are done."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


@pytest.fixture(scope="session", autouse=True)
def what_workers_share(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder that pytest makes for all of them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        workers.folder = tmp_path_factory.getbasetemp().parent
