"""`replay` on a real broker: dead letters become records again, each once, also after a crash, and land."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from pyspark.sql import SparkSession

from contract.model import Contract
from ingest.errors import LandingError
from ingest.replay import kafka as replay_kafka
from ingest.replay.letters import Choice, Letter
from ingest.replay.record import Replayed, alone
from ingest.replay.replay import Outcome, replay
from local import paths
from local.broker import Broker
from testbed.landing.bench import GOOD, Bench, samples
from testbed.landing.replay_fixes import numbers

pytestmark = pytest.mark.jvm

LONG = json.dumps(GOOD | {"event_id": "long", "car_id": "c" * 40}).encode()
TEXT = json.dumps(GOOD | {"event_id": "text", "gear": "4"}).encode()
BROKEN = b'{"event_id": '


@pytest.fixture
def bench(broker: Broker, spark: SparkSession, tmp_path: Path) -> Bench:
    """20 good records and three dead letters, landed."""
    bench = Bench(broker, spark, tmp_path)
    bench.produce([*samples(20), LONG, TEXT, BROKEN])
    bench.land()
    assert len(bench.rows("dead_letters")) == 3
    return bench


def longer(bench: Bench) -> Contract:
    """The contract with a car_id of 64 bytes."""
    columns = [replace(c, data_type="varchar(64)") if c.name == "car_id" else c for c in bench.topic.columns]
    return replace(bench.contract, topics=(replace(bench.topic, columns=tuple(columns)),))


def run(bench: Bench, contract: Contract, choice: Choice = Choice(), **how: object) -> Outcome:  # noqa: B008  # frozen
    options = {"bootstrap.servers": bench.broker.bootstrap_servers}
    return replay(bench.folder, contract, options, choice, **how)  # type: ignore[arg-type]


def test_a_new_contract_and_a_transformation_bring_letters_back_each_once(bench: Bench) -> None:
    outcome = run(bench, longer(bench), dry_run=True)
    assert (outcome.replayed, outcome.unfit.total(), bench.replayed()) == (1, 2, [])
    outcome = run(bench, longer(bench))
    assert (outcome.replayed, outcome.before) == (1, 0)
    assert outcome.unfit == {f"{bench.topic.topic}: wrong_type gear": 1, f"{bench.topic.topic}: not_json": 1}
    outcome = run(bench, longer(bench), transform=numbers)
    assert (outcome.replayed, outcome.before, outcome.left_out) == (1, 1, 1)
    outcome = run(bench, longer(bench), transform=numbers)
    assert (outcome.replayed, outcome.before, outcome.left_out) == (0, 2, 1)

    old = {row["value_bytes"]: row for row in bench.rows("dead_letters")}
    produced = {value: rest for *rest, value in ((p, h, t, v) for p, h, v, t in bench.replayed())}
    fixed = json.dumps(GOOD | {"event_id": "text", "gear": 4}).encode()
    assert set(produced) == {LONG, fixed}
    for was, now in ((LONG, LONG), (TEXT, fixed)):
        row = old[was]
        coordinates = [row[f"_kafka_{part}"] for part in ("topic", "generation", "partition", "offset")]
        millis = round(row["_kafka_timestamp"].timestamp() * 1000)
        assert produced[now] == [row["_kafka_partition"], "/".join(map(str, coordinates)), millis]

    bench.contract = longer(bench)
    bench.land()
    landed = {row["event_id"]: row for row in bench.rows(bench.topic.table)}
    assert (landed["long"]["car_id"], landed["text"]["gear"]) == ("c" * 40, 4)
    assert len(landed) == len(bench.rows(bench.topic.table)) == 22
    assert len(bench.rows("dead_letters")) == 3


def test_a_crash_after_the_commit_or_before_it_repeats_and_loses_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies, as far as files and Kafka can tell, right after one of its steps."""

    class DeadError(BaseException):
        pass

    def die(*arguments: object) -> None:
        raise DeadError

    with monkeypatch.context() as patch:
        patch.setattr(replay_kafka.ReplayKafka, "produce", die)
        with pytest.raises(DeadError):
            run(bench, longer(bench))
    assert bench.replayed() == []
    with monkeypatch.context() as patch:
        patch.setattr(Replayed, "_finish", die)
        with pytest.raises(DeadError):
            run(bench, longer(bench))
    assert len(bench.replayed()) == 1
    assert len(list((bench.landing / "replayed").glob("*.intent"))) == 1
    outcome = run(bench, longer(bench))
    assert (outcome.replayed, outcome.before) == (0, 1)
    assert len(bench.replayed()) == 1


def test_what_cannot_be_replayed_is_said(bench: Bench) -> None:
    with alone(bench.folder), pytest.raises(LandingError, match="Another replay works on"):
        run(bench, longer(bench))

    def wrong(letter: Letter) -> Letter | None:
        return json.loads(letter.value or b"")["no"]

    with pytest.raises(LandingError, match=r"failed for dead letter landing-\w+/\S+/\d/\d+: KeyError"):
        run(bench, longer(bench), Choice(reasons=("too_long",)), transform=wrong)

    def elsewhere(letter: Letter) -> Letter:
        return replace(letter, topic="no-such-topic")

    contract = replace(bench.contract, topics=(replace(longer(bench).topics[0], topic="no-such-topic"),))
    with pytest.raises(LandingError, match="Topic no-such-topic does not exist: create it"):
        run(bench, contract, Choice(reasons=("too_long",)), transform=elsewhere)
    with pytest.raises(LandingError, match=r"Kafka on 127\.0\.0\.1:1 does not take a transaction"):
        replay(bench.folder, longer(bench), {"bootstrap.servers": "127.0.0.1:1"}, Choice())
    assert bench.replayed() == []


def test_a_letter_that_the_broker_refuses_holds_no_other_up(bench: Bench) -> None:
    """It is counted with the broker's reason, and tried again by the next replay; the others are replayed once."""
    admin = AdminClient({"bootstrap.servers": bench.broker.bootstrap_servers})
    topic = ConfigResource(ConfigResource.Type.TOPIC, bench.topic.topic)
    topic.add_incremental_config(ConfigEntry("max.message.bytes", "4000", incremental_operation=AlterConfigOpType.SET))
    admin.incremental_alter_configs([topic])[topic].result(30)
    bench.produce([*(json.dumps(GOOD | {"event_id": f"f{n}", "gear": "4"}).encode() for n in range(20))])
    bench.land()

    def padded(letter: Letter) -> Letter | None:
        """What made them letters is mended, and of every seventh the payload grows beyond what the topic takes."""
        record = numbers(letter)
        if record and json.loads(record.value or b"")["event_id"] in {"text", "f6", "f13", "f19"}:
            return replace(record, value=(record.value or b"") + b" " * 5000)
        return record

    gears = Choice(reasons=("wrong_type",))
    outcome = run(bench, bench.contract, gears, transform=padded)
    assert (outcome.replayed, outcome.unfit.total()) == (17, 0)
    assert outcome.refused == {f"{bench.topic.topic}: Broker: Message size too large": 4}
    assert f"17 replayed, 0 were replayed before, 4 refused by the broker (4 {bench.topic.topic}: Broker: " in str(
        outcome
    )
    assert len({where for _, where, _, _ in bench.replayed()}) == len(bench.replayed()) == 17
    assert list((bench.landing / "replayed").glob("*.intent")) == []
    outcome = run(bench, bench.contract, gears, transform=padded)
    assert (outcome.replayed, outcome.before, outcome.refused.total()) == (0, 17, 4)
    outcome = run(bench, bench.contract, gears, transform=numbers)
    assert (outcome.replayed, outcome.before, outcome.refused.total()) == (4, 17, 0)
    assert len({where for _, where, _, _ in bench.replayed()}) == len(bench.replayed()) == 21


def test_the_command_says_what_became_of_the_letters(bench: Bench) -> None:
    """The real contract does not know the bench's topic: the command counts its letters and produces none."""
    where = ["--bootstrap-servers", bench.broker.bootstrap_servers, "--landing", str(bench.landing)]
    command = [sys.executable, "-m", "ingest", "replay", *where]
    ended = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    expected = f"3 still do not fit (3 {bench.topic.topic}: not in the contract)"
    assert ended.stdout == f"dead letters: 0 replayed, 0 were replayed before, {expected}\n"
