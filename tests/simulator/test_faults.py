"""Faults of records: each one stands in the truth, and no record is lost or changed without."""

from __future__ import annotations

import base64
import itertools
import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from contract.model import Topic
from contract.reading import load_contract
from simulator.faults import Delayed, Outlet, Shares
from simulator.truth import Truth
from testbed.city.simulated import Run, epoch_ms, simulate

CONTRACT = load_contract()
FAULTS = ("late", "duplicated", "out-of-order", "malformed", "missing-field", "unknown-field", "impossible")
SHARE = 0.02


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An hour with every fault of records."""
    shares = [text for name in FAULTS for text in (f"--{name}", str(SHARE))]
    return simulate(tmp_path_factory.mktemp("faulty"), "--hours", "1", "--vehicles", "5", "--seed", "3", *shares)


@pytest.fixture(scope="module")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same hour without."""
    return simulate(tmp_path_factory.mktemp("faultless"), "--hours", "1", "--vehicles", "5", "--seed", "3")


def _value(record: dict[str, Any]) -> bytes | None:
    if "value_base64" in record:
        return base64.b64decode(record["value_base64"])
    return None if record["value"] is None else record["value"].encode()


def _reasons(topic: Topic, value: bytes | None) -> list[str]:
    """Why landing must refuse the value: as docs/definitions.md lists the reasons."""
    if not value:
        return ["null_payload"]
    try:
        payload = json.loads(value.decode())
    except UnicodeDecodeError:
        return ["not_utf8"]
    except json.JSONDecodeError:
        return ["not_json"]
    if not isinstance(payload, dict):
        return ["not_object"]
    return [fault.split()[0] for fault in topic.check(payload)]


@pytest.mark.parametrize("topic", CONTRACT.topics, ids=lambda topic: topic.topic)
def test_each_fault_of_a_record_stands_in_the_truth(faulty: Run, faultless: Run, topic: Topic) -> None:
    facts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (faulty.folder / "truth").read_text().splitlines():
        if (fact := json.loads(line)).get("topic") == topic.topic:
            facts[fact["kind"]].append(fact)
    sent = [(record["key"], _value(record)) for record in faulty.records(topic.topic)]
    clean = [(record["key"], _value(record)) for record in faultless.records(topic.topic)]
    assert len(sent) == len(clean) + len(facts["duplicate"])

    refused = [reason for _, value in sent for reason in _reasons(topic, value)]
    told = [fact["reason"] for fact in facts["malformed"]] + ["missing_field"] * len(facts["missing_field"])
    assert sorted(refused) == sorted(told)

    untouched = {value for _, value in clean} - {value for _, value in sent}
    changed = [fact for kind in ("malformed", "missing_field", "unknown_field", "impossible") for fact in facts[kind]]
    assert {json.loads(value or b"")["event_id"] for value in untouched} == {fact["event_id"] for fact in changed}

    times = Counter(value for _, value in sent)
    twice = {json.loads(value or b"")["event_id"] for _, value in clean if times[value] > 1}
    assert twice == {fact["event_id"] for fact in facts["duplicate"]}
    if len(clean) > 5000:
        for kind in ("late", "duplicate", "out_of_order", "malformed", "missing_field", "unknown_field", "impossible"):
            assert len(facts[kind]) / len(clean) == pytest.approx(SHARE, rel=0.25), kind


def test_late_records_come_late_and_in_their_new_place(faulty: Run) -> None:
    order = [record["timestamp_ms"] for record in faulty.records("sensors-sample")]
    assert all(later > earlier - 3_000 for earlier, later in itertools.pairwise(order))
    arrivals: dict[str, list[int]] = defaultdict(list)
    for record in faulty.records("sensors-sample"):
        try:
            payload = json.loads(_value(record) or b"")
            arrivals[payload["event_id"]].append(record["timestamp_ms"] - epoch_ms(payload["event_time"]))
        except (ValueError, TypeError, KeyError):
            continue
    for fact in faulty.truth("late"):
        if fact["topic"] == "sensors-sample":
            assert 300_000 <= arrivals[fact["event_id"]][0] <= 7_202_000
    for fact in faulty.truth("out_of_order"):
        if fact["topic"] == "sensors-sample":
            assert 3_000 <= arrivals[fact["event_id"]][0] <= 62_000
    for fact in faulty.truth("duplicate"):
        if fact["topic"] == "sensors-sample":
            first, second = arrivals[fact["event_id"]]
            assert second - first == fact["delay_ms"] >= 5_000
    delays = sorted(fact["delay_ms"] for fact in faulty.truth("duplicate"))
    assert delays[0] < 60_000
    assert delays[-1] > 3_600_000


class _Kept:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.timestamps: list[int] = []

    def send(self, topic: str, key: str, value: bytes | None, timestamp_ms: int) -> None:
        self.timestamps.append(timestamp_ms)

    def close(self) -> None:
        raise NotImplementedError


def test_an_early_stop_loses_no_held_record() -> None:
    kept = _Kept()
    delayed = Delayed(kept)
    outlet = Outlet("weather", "station_id", {}, kept, delayed, Truth(None), Shares(late=1.0), 120, 1)
    for number in range(50):
        outlet.emit("station-1", b'{"event_id":"a","event_time":"b"}', number * 1000)
    delayed.release(3_000_000)
    released = len(kept.timestamps)
    assert 0 < released < 50
    delayed.send_all(latest_ms=3_000_000)
    assert len(kept.timestamps) == 50
    assert set(kept.timestamps[released:]) == {3_000_000}
    delayed.send_all()
    assert len(kept.timestamps) == 50
