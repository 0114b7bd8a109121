"""Spectrum's partitions follow what was landed, each topic at its own pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from testbed.city.pieces import City, city
from testbed.standin import standin

pytestmark = [pytest.mark.standin, pytest.mark.long]


def test_a_topic_whose_first_batch_is_published_late_is_read(tmp_path: Path) -> None:
    sent = city(tmp_path / "events", "--seed", "32", "--hours", "0.2", "--vehicles", "1")
    early = City({**sent.records, "weather": []})
    late = City({"weather": sent.records["weather"]})
    landing, now = tmp_path / "landing", datetime.now(UTC)
    with standin(tmp_path) as running:
        for part, number, landed_at in (
            (early, 0, now - timedelta(days=5)),
            (early, 1, now),
            (late, 0, now - timedelta(days=3)),
        ):
            part.land(landing, number, 2 if part is early else 1, landed_at)
            running.load(landing)
            running.build("run", "--select", "stg_raw__weather", "stg_raw__vehicle_gps")
        assert running.query('select count(*) from "raw".weather') == [(len(sent.records["weather"]),)]
        assert running.query('select count(*) from "raw".vehicle_gps') == [(len(sent.records["vehicle-gps"]),)]
