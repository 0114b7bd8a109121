"""The order of the tests."""

from __future__ import annotations

import pytest

_LONGEST = ("test_warehouse.py", "test_exactness.py", "test_parity.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, or one of them would go on by itself when the other workers are done."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)
