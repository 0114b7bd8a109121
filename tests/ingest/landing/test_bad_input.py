"""Every kind of bad input through a real broker and the real job: nothing stops it, every offset has its outcome."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import Producer
from pyspark.sql import SparkSession

from local.broker import Broker
from testbed.landing.bad_input import KINDS, Kind
from testbed.landing.bench import Bench, samples

pytestmark = pytest.mark.jvm


def send(bench: Bench, kinds: list[Kind]) -> dict[tuple[int, int], Kind]:
    """Produce each kind after 40 good records, to both partitions in turn; where each kind came to lie."""
    producer = Producer({"bootstrap.servers": bench.broker.bootstrap_servers, "message.max.bytes": 2_000_000})
    places: dict[tuple[int, int], Kind] = {}
    for number, kind in enumerate(kinds):
        bench.produce(samples(40, start=40 * number))

        def note(error: object, message: object, kind: Kind = kind) -> None:
            assert error is None, f"{kind.name}: {error}"
            place = (message.partition(), message.offset())  # type: ignore[attr-defined]
            places[place] = kind
            bench.produced.append((*place, kind.value))

        producer.produce(
            bench.topic.topic, kind.value, kind.key, number % 2, note, timestamp=kind.timestamp_ms or 0
        )  # 0 is the producer's clock
        assert producer.flush(30) == 0
    return places


def test_every_kind_lands_or_is_a_dead_letter_and_the_job_goes_on(
    broker: Broker, spark: SparkSession, tmp_path: Path
) -> None:
    bench = Bench(broker, spark, tmp_path)
    places = send(bench, KINDS)
    assert len(places) == len(KINDS)
    bench.land(max_offsets=1000)
    bench.produce(samples(20, start=100_000))
    bench.land()
    bench.check()
    raw = {(row["_kafka_partition"], row["_kafka_offset"]): row for row in bench.rows(bench.topic.table)}
    dead = {(row["_kafka_partition"], row["_kafka_offset"]): row for row in bench.rows("dead_letters")}
    assert set(dead) == {place for place, kind in places.items() if kind.reason}
    for place, kind in places.items():
        if kind.reason:
            letter = dead[place]
            assert (letter["reason"], letter["field"]) == (kind.reason, kind.field), kind.name
            assert (letter["key_bytes"], letter["value_bytes"]) == (kind.key, kind.value), kind.name
        else:
            assert {name: raw[place][name] for name, _ in kind.row} == dict(kind.row), kind.name
        if kind.timestamp_ms is not None:
            assert raw[place]["_kafka_timestamp"].timestamp() * 1000 == kind.timestamp_ms
