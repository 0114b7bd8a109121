"""What Kafka's topics hold against what it confirmed: a batch that a retry sent twice is no fault, all else is one."""

from __future__ import annotations

import pytest

from testbed.torture.truth import Place, Record, compare

SENT: dict[Place, Record] = {
    (partition, offset): Record(b"key", f"{partition} {offset}".encode(), 1000 + offset)
    for partition in (0, 1)
    for offset in range(4)
}
MOVED = {(1, 6): SENT[1, 2], (1, 7): SENT[1, 3]}


def found(sent: dict[Place, Record], held: dict[Place, Record]) -> tuple[int, int, list[str]]:
    compared = compare({"weather": sent}, {"weather": held})
    return compared.confirmed, compared.repeated, compared.faults


def test_topics_that_hold_what_was_confirmed_are_without_fault() -> None:
    assert found(SENT, dict(SENT)) == (8, 0, [])


@pytest.mark.parametrize("again", [{(1, 4): SENT[1, 2], (1, 5): SENT[1, 3]}, {(0, 4): SENT[0, 3]}])
def test_a_batch_that_a_retry_sent_twice_is_counted_and_no_fault(again: dict[Place, Record]) -> None:
    assert found(SENT, SENT | again) == (8, len(again), [])


def test_the_producer_may_know_of_the_second_time_only() -> None:
    sent = {place: record for place, record in SENT.items() if place not in [(1, 2), (1, 3)]}
    sent |= {(1, 4): SENT[1, 2], (1, 5): SENT[1, 3]}
    assert found(sent, SENT | sent) == (8, 2, [])


def test_a_confirmed_record_that_is_gone_is_a_fault() -> None:
    held = {place: record for place, record in SENT.items() if place != (1, 3)}
    assert found(SENT, held) == (
        8, 0, ["Kafka's weather does not hold what it confirmed: 1 records, partition 1 offset 3"],
    )  # fmt: skip


def test_a_confirmed_record_at_another_place_is_a_fault() -> None:
    held = {place: record for place, record in SENT.items() if place != (1, 3)} | {(1, 4): SENT[1, 3]}
    assert [fault.split(":")[0] for fault in found(SENT, held)[2]] == [
        "Kafka's weather does not hold what it confirmed", "Kafka's weather has no record at an offset",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        Record(b"key", b"0 2", 1003),
        Record(b"other", b"0 3", 1003),
        Record(b"key", b"0 3", 1),
        Record(b"key", None, 1003),
    ],
)
def test_a_confirmed_record_that_was_changed_is_a_fault(other: Record) -> None:
    assert found(SENT, SENT | {(0, 3): other}) == (
        8, 0, ["Kafka's weather holds other bytes than it confirmed: 1 records, partition 0 offset 3"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "foreign",
    [
        Record(b"key", b"0 9", 1003),
        Record(b"other", b"0 3", 1003),
        Record(b"key", b"0 3", 1),
        Record(b"key", b"1 3", 1003),  # which is of the other partition
    ],
)
def test_a_record_that_repeats_none_of_its_partition_is_a_fault(foreign: Record) -> None:
    assert found(SENT, SENT | {(0, 4): foreign}) == (
        8, 0, ["Kafka's weather holds what nobody sent: 1 records, partition 0 offset 4"],
    )  # fmt: skip


def test_offsets_that_hold_nothing_are_a_fault() -> None:
    held = SENT | MOVED
    assert found(SENT, held) == (
        8, 2, ["Kafka's weather has no record at an offset: 2 records, partition 1 offset 4, partition 1 offset 5"],
    )  # fmt: skip


def test_a_topic_that_nobody_sent_to_or_that_is_gone_is_a_fault() -> None:
    some = {(0, 0): SENT[0, 0]}
    compared = compare({"weather": some}, {"other": some})
    assert (compared.confirmed, compared.repeated) == (1, 0)
    assert [fault.split(":")[0] for fault in compared.faults] == [
        "Kafka's other holds what nobody sent", "Kafka's weather does not hold what it confirmed",
    ]  # fmt: skip
