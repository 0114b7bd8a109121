"""What the oracle reads of a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from testbed.oracle.sample_landing import Sample


def test_trailing_blanks_of_a_text_do_not_count_but_those_of_a_location(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"event_id": "a", "fuel_type": "petrol "},
        {"event_id": "a  ", "fuel_type": "petrol"},
        {"event_id": "a\u00a0", "fuel_type": "petrol"},
        {"event_id": " a", "fuel_type": "petrol"},
        {"event_id": "b", "fuel_type": "petrol\u00a0"},
        {"event_id": "c", "location": "30.5,-97.5 "},
    ]
    sample = Sample(tmp_path, {"vehicle_telemetry": rows})
    statuses = sample.column("int_vehicle_telemetry_received", "row_status", "_kafka_offset")
    assert statuses == ["clean", "duplicate", "clean", "clean", "invalid", "invalid"]
    reasons = sample.column("int_vehicle_telemetry_received", "invalid_reason", "_kafka_offset")
    assert reasons[-2:] == ["fuel_type_unknown", "location_malformed"]
