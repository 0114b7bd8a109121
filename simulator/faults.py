"""What can go wrong on a record's way: late, twice, out of order, broken, a field too few or too many."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from random import Random

from simulator.sinks import Sink
from simulator.truth import Truth

DELAY_MS = (50, 2000)  # from event to Kafka, of a record that nothing delays
LATE_FROM_MS = 5 * 60_000
OUT_OF_ORDER_MS = (3_000, 60_000)
AGAIN_MS = ((5_000, 300_000), (300_000, 3_600_000), (3_600_000, 10_800_000))  # how much later a duplicate comes
AGAIN_WEIGHTS = (60, 25, 15)
UNKNOWN_FIELDS = (("firmware", "4.2.1"), ("tyre_kpa", 231), ("debug", {"retries": 2}), ("tags", ["a", "b"]))
# How a malformed record is broken, and the reason that docs/definitions.md gives its dead letter.
MALFORMED = {
    "truncated": "not_json",
    "not_utf8": "not_utf8",
    "wrong_type": "wrong_type",
    "array": "not_object",
    "too_long": "too_long",
    "empty": "null_payload",
    "tombstone": "null_payload",
}
TOO_LONG = "x" * 600  # longer than any required text of the contract
# Values that fit the contract's types but break a row rule, and the invalid_reason that docs/definitions.md gives them.
IMPOSSIBLE = {
    "location": ("95.000000,-97.743057", "latitude_out_of_range"),
    "speed_kmh": (-3.0, "speed_out_of_range"),
    "speed": (-3, "speed_out_of_range"),
    "heading": (360.0, "heading_out_of_range"),
    "fuel_type": ("steam", "fuel_type_unknown"),
    "vehicle_type": ("tram", "vehicle_type_unknown"),
    "vehicle_count": (-1, "vehicle_count_out_of_range"),
    "occupancy_pct": (120.5, "occupancy_out_of_range"),
    "condition": ("hail", "condition_unknown"),
    "status": ("closed", "status_unknown"),
    "severity": (9, "severity_out_of_range"),
    "detected_vehicles": (-1, "detected_vehicles_out_of_range"),
    "rpm": (9000, "rpm_out_of_range"),
    "gear": (9, "gear_out_of_range"),
}


@dataclass(frozen=True)
class Shares:
    """Shares (0 to 1) of a topic's records that suffer each fault; a record suffers one at most."""

    late: float = 0.0
    duplicated: float = 0.0
    out_of_order: float = 0.0
    malformed: float = 0.0
    missing_field: float = 0.0
    unknown_field: float = 0.0
    impossible: float = 0.0

    def __post_init__(self) -> None:
        values = [getattr(self, field.name) for field in fields(self)]
        if min(values) < 0 or sum(values) > 1:
            raise ValueError("The shares of the record faults must be 0 or more and sum up to at most 1.")


class Delayed:
    """Records that are sent later than their turn, in order of their Kafka timestamp."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._heap: list[tuple[int, int, str, str, bytes]] = []
        self._count = 0

    def hold(self, topic: str, key: str, value: bytes, timestamp_ms: int) -> None:
        """Keep a record until its time."""
        self._count += 1
        heapq.heappush(self._heap, (timestamp_ms, self._count, topic, key, value))

    def release(self, now_ms: int) -> None:
        """Send the records whose time has come."""
        while self._heap and self._heap[0][0] <= now_ms:
            timestamp_ms, _, topic, key, value = heapq.heappop(self._heap)
            self._sink.send(topic, key, value, timestamp_ms)

    def send_all(self, latest_ms: int | None = None) -> None:
        """Send all that is left, with no Kafka timestamp after `latest_ms`."""
        for timestamp_ms, _, topic, key, value in sorted(self._heap):
            self._sink.send(topic, key, value, min(timestamp_ms, latest_ms or timestamp_ms))
        self._heap.clear()


class Outlet:
    """The way of one topic's records to the sink, with its faults. `required` maps required fields to their types."""

    def __init__(
        self, topic: str, key: str, required: Mapping[str, str], sink: Sink, delayed: Delayed, truth: Truth,
        shares: Shares, late_up_to_minutes: float, seed: int,
    ) -> None:  # fmt: skip
        self.topic = topic
        self.counts: Counter[str] = Counter()
        self.records = 0
        self._key, self._required = key, required
        self._send, self._delayed, self._truth = sink.send, delayed, truth
        self._late_ms = (LATE_FROM_MS, max(LATE_FROM_MS, round(late_up_to_minutes * 60_000)))
        self._pick = Random(f"{seed}:fault:{topic}")
        self._random = Random(f"{seed}:delay:{topic}").random
        self._names = [field.name for field in fields(shares)]
        self._weights = [getattr(shares, name) for name in self._names]
        self._faulty = sum(self._weights)

    def emit(self, key: str, value: bytes, event_ms: int) -> None:
        """Send one record whose event happened at `event_ms`; raises SinkError."""
        draw = self._random()
        timestamp_ms = event_ms + DELAY_MS[0] + int((DELAY_MS[1] - DELAY_MS[0]) * draw * draw)
        self.records += 1
        if self._faulty and self._pick.random() < self._faulty:
            self._emit_faulty(key, value, timestamp_ms)
        else:
            self._send(self.topic, key, value, timestamp_ms)

    def _emit_faulty(self, key: str, value: bytes, timestamp_ms: int) -> None:
        random, payload = self._pick, json.loads(value)
        fault = random.choices(self._names, self._weights)[0]
        facts = {"topic": self.topic, "event_id": payload["event_id"], "event_time": payload["event_time"]}
        self.counts[fault] += 1
        if fault in ("late", "out_of_order", "duplicated"):
            span = {"late": self._late_ms, "out_of_order": OUT_OF_ORDER_MS}.get(fault)
            delay_ms = random.randint(*(span or random.choices(AGAIN_MS, AGAIN_WEIGHTS)[0]))
            if fault == "duplicated":
                self.records += 1
                self._send(self.topic, key, value, timestamp_ms)
            self._delayed.hold(self.topic, key, value, timestamp_ms + delay_ms)
            self._truth.write("duplicate" if fault == "duplicated" else fault, **facts, delay_ms=delay_ms)
            return
        broken: bytes | None
        if fault == "malformed":
            way = random.choice(list(MALFORMED))
            broken = self._break(way, value, payload)
            self._truth.write(fault, **facts, way=way, reason=MALFORMED[way])
        else:
            broken = encode(self._alter(fault, payload, facts))
        self._send(self.topic, key, broken, timestamp_ms)

    def _alter(self, fault: str, payload: dict[str, object], facts: dict[str, object]) -> dict[str, object]:
        """The payload with a field too few, too many or impossible; writes that to the truth."""
        if fault == "missing_field":
            name = self._pick.choice([name for name in self._required if name != self._key])
            self._truth.write(fault, **facts, field=name)
            if self._pick.random() < 0.5:
                return payload | {name: None}
            return {field: value for field, value in payload.items() if field != name}
        if fault == "impossible":
            name = self._pick.choice([name for name in IMPOSSIBLE if name in payload])
            value, reason = IMPOSSIBLE[name]
            self._truth.write(fault, **facts, field=name, reason=reason)
            return payload | {name: value}
        name, content = self._pick.choice(UNKNOWN_FIELDS)
        self._truth.write(fault, **facts, field=name)
        return payload | {name: content}

    def _break(self, way: str, value: bytes, payload: dict[str, object]) -> bytes | None:
        if way == "truncated":
            return value[: self._pick.randrange(1, len(value) - 1)]
        if way == "not_utf8":
            at = self._pick.randrange(1, len(value))
            return value[:at] + b"\xff\xfe" + value[at:]
        if way == "array":
            return b"[" + value + b"]"
        if way == "empty":
            return b""
        if way == "tombstone":
            return None
        if way == "too_long":
            name = self._pick.choice([name for name, kind in self._required.items() if kind == "varchar"])
            return encode(payload | {name: TOO_LONG})
        name = self._pick.choice(list(self._required))
        payload[name] = 12 if self._required[name] in ("varchar", "timestamp") else "fast"
        return encode(payload)


def encode(payload: dict[str, object]) -> bytes:
    """A payload as the simulator writes it: compact JSON in UTF-8."""
    return json.dumps(payload, separators=(",", ":")).encode()
