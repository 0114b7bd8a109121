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


# Unicode's White_Space, and three signs without a width.
BLANKS = [9, 10, 11, 12, 13, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060]
BLANKS += [0x3000, 0xFEFF]


def test_an_id_that_shows_nothing_is_blank(tmp_path: Path) -> None:
    texts = ["", "   ", "\t\u00a0\r\n", "".join(map(chr, BLANKS)), *map(chr, BLANKS)]
    rows = [{"vehicle_id": text, "trip_id": text, "route_id": f" {text}"} for text in texts]
    sample = Sample(tmp_path, {"vehicle_telemetry": rows})
    found = sample.rows("int_vehicle_telemetry_received", "_kafka_offset")
    assert {(row["invalid_reason"], row["trip_id"], row["route_id"]) for row in found} == {
        ("vehicle_id_blank", None, None)
    }


def test_a_blank_beside_a_letter_and_a_sign_that_only_looks_empty_are_of_the_id(tmp_path: Path) -> None:
    texts = ["car\t", "\u00a0car", "\u2800", "\u3164", "_", "\x00", "\x1f"]
    rows = [{"vehicle_id": text, "trip_id": text} for text in texts]
    found = Sample(tmp_path, {"vehicle_telemetry": rows}).rows("int_vehicle_telemetry_received", "_kafka_offset")
    assert [(row["row_status"], row["vehicle_id"], row["trip_id"]) for row in found] == [
        ("clean", text, text) for text in texts
    ]
