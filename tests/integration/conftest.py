"""Real parts for the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.broker import Broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker on a free port for all tests; each test uses topics of its own name."""
    with Broker(tmp_path_factory.mktemp("kafka")) as running:
        yield running
