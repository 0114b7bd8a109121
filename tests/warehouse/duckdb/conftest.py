"""A warehouse that was built from the first half of a city's landing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from testbed.city.pieces import City, city
from testbed.warehouse.embedded import Embedded, embedded


@dataclass
class Half:
    """A warehouse over half a city."""

    warehouse: Embedded
    city: City

    def land_rest(self) -> None:
        """The second half, landed now."""
        self.city.land(self.warehouse.landing, 1, 2, datetime.now(UTC) - timedelta(minutes=5))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Half]:
    folder = tmp_path_factory.mktemp("half")
    sent = city(folder / "events", "--seed", "31", "--hours", "1", "--vehicles", "1", "--malformed", "0.01")
    with embedded(folder) as running:
        sent.land(running.landing, 0, 2, datetime.now(UTC) - timedelta(hours=30))
        running.build("seed")
        running.build("run")
        yield Half(running, sent)
