"""What goes wrong around landing: a full disk, retention, changed topics, wrong clocks, damaged checkpoints."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions
from pyspark.sql import SparkSession

from ingest import failure
from ingest.errors import LandingError
from ingest.landing.checkpoint import sole_user
from local.broker import Broker
from testbed.landing.bench import MALFORMED, Bench, samples
from testbed.landing.jobs import job, landing_of, started

pytestmark = pytest.mark.jvm


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_stops_the_job_which_then_goes_on_where_it_was(
    broker: Broker, spark: SparkSession, disk: Path
) -> None:
    bench = Bench(broker, spark, disk)
    bench.produce(samples(100))
    bench.land()
    bench.produce(samples(60_000, start=100) + MALFORMED)
    for room in (0, 4096, 64 * 1024, 512 * 1024):  # for the checkpoint, for it alone, for a part of the files
        with (disk / "ballast").open("wb") as ballast:
            ballast.write(bytes(shutil.disk_usage(disk).free - room))
        with pytest.raises(LandingError) as refused:
            bench.land()
        assert str(refused.value).endswith(f"{bench.topic.topic}: {failure.DISK_FULL}"), room
        assert len(bench.rows(bench.topic.table)) == 100
        (disk / "ballast").unlink()
    bench.land()
    bench.check()


@pytest.mark.parametrize("checkpoint", ["kept", "lost"])
def test_offsets_that_retention_took_stop_the_topic_and_are_named(bench: Bench, checkpoint: str) -> None:
    bench.produce(samples(20))
    bench.land()
    bench.produce(samples(20, start=20))
    bench.remove(0, before=15)
    bench.remove(1, before=20)  # all that was not landed
    if checkpoint == "lost":
        shutil.rmtree(bench.settings.checkpoints)
    named = (
        rf"{bench.topic.topic}: Kafka no longer has offsets 10 to 14 of partition 0, 10 to 19 of partition 1, "
        "which were not landed: find out why"
    )
    with pytest.raises(LandingError, match=named):
        bench.land()
    bench.land(fail_on_lost_offsets=False)
    bench.produced = [(part, at, value) for part, at, value in bench.produced if at < 10 or (part == 0 and at >= 15)]
    bench.check(lost=[(0, 10, 15)])
    bench.produce(samples(4, start=40))
    bench.land()
    bench.check(lost=[(0, 10, 15), (1, 10, 20)])


def test_offsets_lost_after_a_batch_was_planned_are_a_gap_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.produce(samples(20))
    bench.land()
    bench.produce(samples(20, start=20))
    with monkeypatch.context() as patch:
        patch.setattr("ingest.landing.topic.LandingFolder.begin", lambda *_: 1 / 0)
        with pytest.raises(LandingError, match="ZeroDivisionError"):
            bench.land()
    bench.remove(0, before=17)
    with pytest.raises(LandingError, match="Kafka no longer has offsets 10 to 16 of partition 0"):
        bench.land()
    bench.land(fail_on_lost_offsets=False)
    bench.produced = [place for place in bench.produced if place[0] != 0 or not 10 <= place[1] < 17]
    bench.check(lost=[(0, 10, 17)])


def test_offsets_lost_before_a_topic_was_ever_landed_are_no_gap(bench: Bench) -> None:
    """Landing begins at what the topic has; a batch that was planned before they went counts them without record."""
    bench.produce(samples(20))
    bench.remove(0, before=4)
    bench.produced = [place for place in bench.produced if place[0] != 0 or place[1] >= 4]
    bench.land()
    bench.check()
    assert {(row["_kafka_partition"], row["first_offset"]) for row in bench.rows("landed_batches")} == {(0, 4), (1, 0)}


def test_partitions_added_between_runs_are_landed_from_their_beginning(bench: Bench) -> None:
    bench.produce(samples(20))
    bench.land()
    add_partitions(bench, 5)
    bench.produce(samples(50, start=20))
    bench.land()
    bench.check()
    shutil.rmtree(bench.settings.checkpoints)
    bench.produce(samples(50, start=70))
    bench.land()
    bench.check()
    assert {row["_kafka_partition"] for row in bench.rows(bench.topic.table)} == {0, 1, 2, 3, 4}


def test_a_running_job_takes_new_partitions_refuses_a_second_job_and_lands_a_topic_that_is_made_again(
    broker: Broker, tmp_path: Path
) -> None:
    bench = Bench(broker, None, tmp_path)
    bench.produce(samples(20))
    with started(bench, *landing_of(bench), "--trigger-seconds", "0.5") as running:
        wait_for_rows(bench, 20)
        second = job(bench, *landing_of(bench), "--once")
        assert second.returncode == 1
        assert f"ingest: Another landing job writes to {bench.landing}: stop it" in second.stdout
        add_partitions(bench, 3)
        bench.produce(samples(30, start=20))
        wait_for_rows(bench, 50)
        bench.check()
        first = bench.rows(bench.topic.table)
        make_again(bench)
        bench.produce(samples(12, start=1000))
        wait_for_rows(bench, 62)
        assert running.poll() is None
    second_life = [row for row in bench.rows(bench.topic.table) if row not in first]
    assert len(first) == 50
    assert sorted(row["event_id"] for row in second_life) == sorted(f"e{n}" for n in range(1000, 1012))
    assert len({row["_kafka_generation"] for row in first + second_life}) == 2


def test_a_damaged_checkpoint_is_no_reason_to_stop(bench: Bench) -> None:
    bench.produce(samples(20))
    bench.land()
    (generation,) = (bench.settings.checkpoints / bench.topic.topic).iterdir()
    (generation / "offsets" / "0").write_bytes(b"")  # what a power cut leaves
    (generation / "offsets" / ".0.crc").unlink(missing_ok=True)
    bench.produce(samples(20, start=20))
    bench.land()
    bench.check()


def test_partitions_that_are_added_after_a_batch_was_planned_and_not_committed_stop_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.produce(samples(20))
    with monkeypatch.context() as patch:
        patch.setattr("ingest.landing.topic.LandingFolder.begin", lambda *_: 1 / 0)
        with pytest.raises(LandingError, match="ZeroDivisionError"):
            bench.land()
    add_partitions(bench, 4)
    bench.produce(samples(20, start=20))
    bench.land()
    bench.check()


def test_two_jobs_do_not_share_checkpoints(bench: Bench, tmp_path: Path) -> None:
    bench.produce(samples(20))
    with sole_user(bench.settings.checkpoints), pytest.raises(LandingError, match="give each landing folder --checkp"):
        bench.land()
    bench.land()
    bench.check()


def test_an_offset_range_that_has_landed_is_refused(bench: Bench) -> None:
    """Without its ledger a folder's manifests and names still say what was landed."""
    bench.produce(samples(20))
    bench.land()
    before = bench.files(bench.topic.table)
    shutil.rmtree(bench.settings.checkpoints)
    landing = bench.landing
    (landing / "raw" / "landed_batches").rename(landing / "elsewhere")
    with pytest.raises(LandingError, match=r"was removed before it was published as .*/landed_batches/"):
        bench.land()
    (landing / "_batches").rename(landing / "moved")  # as that message says
    with pytest.raises(LandingError, match="is not in the ledger"):
        bench.land()
    assert bench.files(bench.topic.table) == before
    (landing / "elsewhere").rename(landing / "raw" / "landed_batches")
    bench.land()
    assert bench.files(bench.topic.table) == before
    bench.check()


def add_partitions(bench: Bench, count: int) -> None:
    admin = AdminClient({"bootstrap.servers": bench.broker.bootstrap_servers})
    admin.create_partitions([NewPartitions(bench.topic.topic, count)])[bench.topic.topic].result(30)
    bench.partitions = count
    deadline = time.monotonic() + 120
    while len(admin.list_topics(bench.topic.topic, 10).topics[bench.topic.topic].partitions) < count:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def make_again(bench: Bench) -> None:
    admin = AdminClient({"bootstrap.servers": bench.broker.bootstrap_servers})
    admin.delete_topics([bench.topic.topic])[bench.topic.topic].result(30)
    bench.broker.create_topics([bench.topic.topic], partitions=bench.partitions)


def wait_for_rows(bench: Bench, count: int) -> None:
    deadline = time.monotonic() + 300
    while sum(row["row_count"] for row in bench.rows("landed_batches")) < count:
        assert time.monotonic() < deadline
        time.sleep(0.2)
