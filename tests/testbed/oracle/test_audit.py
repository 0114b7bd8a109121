"""The oracle's audit of the landing, on cases computed by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed.oracle.sample_landing import NOON, Sample, at


def batch(first: int, end: int, minutes: float, rows: int = 0, dead: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "_kafka_topic": "weather",
        "_kafka_generation": "g-1",
        "_kafka_partition": 0,
        "first_offset": first,
        "end_offset": end,
        "row_count": rows,
        "dead_letter_count": dead,
        "_landed_at": at(minutes),
        **more,
    }


def test_offsets_of_an_hour_and_between_hours(tmp_path: Path) -> None:
    batches = [
        batch(20, 30, 30, rows=8, dead=1),
        batch(5, 15, 0, rows=10),  # 5 never landed between the hour's batches
        batch(33, 35, 125, rows=2, given_up_count=3),  # 3 since the landing hour before
        batch(36, 40, 130, rows=4, given_up_count=1),
        batch(0, 4, 60, rows=4, _kafka_partition=1),
        batch(7, 8, 60, rows=1, _kafka_generation="g-2"),
    ]
    rows = Sample(tmp_path, {}, batches=batches).rows("audit_landing", "generation", "partition_id", "landing_hour")
    columns = [
        *("first_offset", "end_offset", "offsets_landed", "row_count", "dead_letter_count"),
        *("offsets_without_record", "offsets_never_landed", "offsets_given_up"),
    ]
    assert [(row["landing_hour"], *(row[column] for column in columns)) for row in rows] == [
        (at(0), 5, 30, 20, 18, 1, 1, 5, 0),
        (at(120), 33, 40, 6, 6, 0, 0, 4, 4),
        (at(60), 0, 4, 4, 4, 0, 0, 0, 0),
        (at(60), 7, 8, 1, 1, 0, 0, 0, 0),
    ]
    assert [rows[0][name] for name in ("clean_count", "reused_id_count", "event_to_kafka_p50_ms")] == [0, 0, None]


def test_rows_are_counted_by_status_where_they_landed(tmp_path: Path) -> None:
    rows = [
        *({"event_id": "a"}, {"event_id": "a"}, {"event_id": "b", "condition": "hail"}, {"event_id": "c"}),
        {"event_id": "a", "_landed_at": at(60)},
        {"event_id": "d", "_kafka_partition": 1},
    ]
    audit = Sample(tmp_path, {"weather": rows}).rows("audit_landing", "partition_id", "landing_hour")
    columns = ("partition_id", "landing_hour", "clean_count", "duplicate_count", "invalid_count", "row_count")
    assert [tuple(row[column] for column in columns) for row in audit] == [
        *((0, NOON, 2, 1, 1, 4), (0, at(60), 0, 1, 0, 1), (1, NOON, 1, 0, 0, 1))
    ]


def test_a_reused_id_is_one_that_an_earlier_clean_row_of_the_same_hour_and_partition_has(tmp_path: Path) -> None:
    again = {"event_id": "a"}
    rows = [
        *({**again}, {**again, "event_time": at(1)}, {**again, "event_time": at(2)}),
        *({**again, "event_time": at(2)} for _ in range(2)),  # duplicates
        *({**again, "event_time": at(3), "condition": "hail"} for _ in range(2)),
        {**again, "event_time": at(4), "_landed_at": at(60)},
        {**again, "event_time": at(5), "_kafka_partition": 1},
        {"event_id": "b", "event_time": at(6)},
    ]
    audit = Sample(tmp_path, {"weather": rows}).rows("audit_landing", "partition_id", "landing_hour")
    assert [row["reused_id_count"] for row in audit] == [2, 0, 0]


def delayed(*delays: tuple[float, float]) -> list[dict[str, Any]]:
    """Rows that landed at NOON: (ms from event to Kafka, ms from Kafka to landing)."""
    rows = []
    for to_kafka, to_landed in delays:
        kafka = NOON - timedelta(milliseconds=to_landed)
        rows.append({"_kafka_timestamp": kafka, "event_time": kafka - timedelta(milliseconds=to_kafka)})
    return rows


@pytest.mark.parametrize(
    ("delays", "p50", "p95", "p99"),
    [
        ([7], 7, 7, 7),
        ([0, 10], 5, 10, 10),  # 9.5 goes up
        ([0, 1], 1, 1, 1),  # 0.5 goes up
        ([-1, 0], 0, 0, 0),  # -0.5 goes up to 0, -0.05 to 0
        ([-11, -10, -10], -10, -10, -10),
        ([*range(0, 200, 2), 10_000], 100, 190, 198),  # of 101: places 50, 95 and 99
        ([3_600_000 * 200, 0], 360_000_000, 684_000_000, 712_800_000),  # the invalid row counts too
    ],
)
def test_delays_are_interpolated_over_all_rows_and_rounded(
    tmp_path: Path, delays: list[int], p50: int, p95: int, p99: int
) -> None:
    row = Sample(tmp_path, {"weather": delayed(*((delay, 2 * delay) for delay in delays))}).row("audit_landing")
    assert [row[f"event_to_kafka_p{p}_ms"] for p in (50, 95, 99)] == [p50, p95, p99]


def test_a_row_whose_sending_is_not_known_has_no_delays(tmp_path: Path) -> None:
    unknown = {"_kafka_timestamp": None, "event_time": NOON}
    row = Sample(tmp_path, {"weather": [*delayed((7, 11)), unknown]}).row("audit_landing")
    assert [row[f"event_to_kafka_p{p}_ms"] for p in (50, 95, 99)] == [7, 7, 7]
    assert [row[f"kafka_to_landed_p{p}_ms"] for p in (50, 95, 99)] == [11, 11, 11]
    assert row["invalid_count"] == 1
    alone = Sample(tmp_path / "alone", {"weather": [unknown]}).row("audit_landing")
    assert [alone[f"{name}_p50_ms"] for name in ("event_to_kafka", "kafka_to_landed")] == [None, None]


def test_the_landing_delay_is_from_the_kafka_timestamp(tmp_path: Path) -> None:
    row = Sample(tmp_path, {"weather": delayed((0, 100), (0, 200), (0, 400))}).row("audit_landing")
    assert [row[f"kafka_to_landed_p{p}_ms"] for p in (50, 95, 99)] == [200, 380, 396]
