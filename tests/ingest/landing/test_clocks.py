"""Wrong clocks: the senders', this machine's, and what Kafka's controller tells of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer

from ingest.errors import LandingError
from ingest.folder.names import hour_folder
from ingest.landing.kafka_admin import Topics
from testbed.landing.bench import GOOD, Bench, samples

pytestmark = pytest.mark.jvm


def test_wrong_clocks_and_late_records_land_by_the_jobs_own_increasing_time(bench: Bench) -> None:
    """What the warehouse says of them stands in docs/definitions.md, section 2: event_time_out_of_range."""
    clock = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    producer = Producer({"bootstrap.servers": bench.broker.bootstrap_servers})
    days = {"behind": timedelta(days=-1), "ahead": timedelta(days=1), "late": timedelta(days=-7)}
    for name, skew in days.items():
        event = json.dumps(GOOD | {"event_id": name, "event_time": f"{clock + skew:%Y-%m-%dT%H:%M:%SZ}"}).encode()
        sent = clock + (timedelta() if name == "late" else skew)
        producer.produce(bench.topic.topic, event, partition=0, timestamp=round(sent.timestamp() * 1000))
    assert producer.flush(30) == 0
    bench.land(landed_at=clock)
    rows = {row["event_id"]: row for row in bench.rows(bench.topic.table)}
    assert {name: row["event_time"] - clock for name, row in rows.items()} == days
    assert rows["ahead"]["_kafka_timestamp"] == clock + timedelta(days=1)
    assert {row["_landed_at"] for row in rows.values()} == {clock}

    bench.produce(samples(2))
    bench.land(landed_at=clock - timedelta(days=1))  # the job's own clock went back
    assert max(row["_landed_at"] for row in bench.rows(bench.topic.table)) == clock + timedelta(milliseconds=1)
    bench.produce(samples(2))
    bench.land(landed_at=clock + timedelta(days=1))
    newest = bench.landing / "raw" / bench.topic.table / hour_folder(clock + timedelta(days=1))
    assert len(list(newest.iterdir())) == 2


@pytest.mark.parametrize(("hours", "said"), [(-5, r"(299|300) minutes ahead of"), (5, r"(299|300) minutes behind")])
def test_a_clock_that_is_apart_from_kafkas_lands_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, hours: int, said: str
) -> None:
    """The broker tells its own clock, which is this machine's here; the test moves it."""
    told: list[datetime | None] = []
    real = Topics.time

    def moved(topics: Topics) -> datetime | None:
        told.append(real(topics))
        return told[-1] and told[-1] + timedelta(hours=hours)

    bench.produce(samples(20))
    with monkeypatch.context() as patch:
        patch.setattr(Topics, "time", moved)
        with pytest.raises(LandingError, match=f"This machine's clock is {said} Kafka's"):
            bench.land()
    assert told[0]
    assert abs(told[0] - datetime.now(UTC)) < timedelta(minutes=1)
    assert bench.rows(bench.topic.table) == []
    bench.land()
    bench.check()
