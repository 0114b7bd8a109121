"""The landing job's options, by flag and by environment variable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.model import ContractError
from contract.options import Bucket, Place
from ingest.errors import LandingError
from ingest.replay import command as replay_command
from ingest.retention import compact, expire
from ingest.settings import parse_settings


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "LANDING",
        "CHECKPOINTS",
        "ONCE",
        "TOPICS",
        "MAX_OFFSETS",
        "KAFKA_OPTIONS",
        "KAFKA_OPTIONS_FILE",
        "LOST_OFFSETS",
        "HEAP",
        "BOOTSTRAP_SERVERS",
    ):
        monkeypatch.delenv(f"JUNCTION_{name}", raising=False)
    for name in ("JUNCTION_KAFKA_OPTIONS", "JUNCTION_KAFKA_OPTIONS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))


def test_without_options_all_topics_are_landed_for_ever(tmp_path: Path) -> None:
    settings = parse_settings([])
    assert settings.landing == tmp_path / "landing"
    assert settings.checkpoints == tmp_path / "checkpoints"
    assert (settings.topics, settings.trigger_seconds, settings.max_offsets) == ((), 10.0, None)
    assert settings.fail_on_lost_offsets


def test_a_flag_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUNCTION_LANDING", str(tmp_path / "a" / "landing"))
    monkeypatch.setenv("JUNCTION_MAX_OFFSETS", "500")
    monkeypatch.setenv("JUNCTION_LOST_OFFSETS", "skip")
    monkeypatch.setenv("JUNCTION_ONCE", "1")
    settings = parse_settings(["--max-offsets", "7", "--topics", "weather,vehicle-gps"])
    assert settings.landing == tmp_path / "a" / "landing"
    assert settings.checkpoints == tmp_path / "a" / "checkpoints"
    assert (settings.max_offsets, settings.trigger_seconds, settings.topics) == (7, None, ("weather", "vehicle-gps"))
    assert not settings.fail_on_lost_offsets


def test_kafka_options_reach_the_client_without_sparks_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "JUNCTION_KAFKA_OPTIONS", """kafka.security.protocol=SASL_SSL 'kafka.sasl.jaas.config=a b="c";'"""
    )
    settings = parse_settings(["--bootstrap-servers", "k:1", "--kafka-option", "kafka.client.id=x=y"])
    assert settings.kafka() == {
        "bootstrap.servers": "k:1",
        "security.protocol": "SASL_SSL",
        "sasl.jaas.config": 'a b="c";',
        "client.id": "x=y",
    }


@pytest.mark.parametrize(
    ("text", "time"),
    [("2026-01-01T10:00:00Z", datetime(2026, 1, 1, 10, tzinfo=UTC)), ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC))],
)
def test_a_test_sets_the_clock(text: str, time: datetime) -> None:
    assert parse_settings(["--landed-at", text]).landed_at == time


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--kafka-option", "client.id=x"], "client.id is no name of a Kafka option: write kafka.NAME=VALUE"),
        (["--max-offsets", "0"], "0 is out of bounds: give a whole number from 1 to"),
        (["--max-offsets", "9" * 5000], "is out of bounds"),
        (["--trigger-seconds", "inf"], "inf is out of bounds: give a number above 0 to 86,400."),
        (["--trigger-seconds", "nan"], "nan is out of bounds"),
        (["--landing", "gs://bucket/landing"], "gs://bucket/landing is a URL: give a folder on a local disk"),
        (["--landing", "s3://bucket/a b"], "s3://bucket/a b is no place in a bucket: write s3://bucket/prefix."),
        (["--landing", "s3://bucket/../x"], "is no place in a bucket"),
        (["--landing", "s3://"], "is no place in a bucket"),
        (["--landing", "file:/data"], "is a URL"),
        (["--checkpoints", "hdfs://name/checkpoints"], "is a URL"),
        (["--heap", "lots"], "lots is no size of a heap: write it like 1500m or 4g."),
        (["--heap", "1m"], "1m is too small a heap for Spark: give 512m or more."),
        (["--topics", ","], "it names nothing: write names with commas between them, or leave it out."),
        (["--bootstrap-servers", "localhost"], "localhost is no broker: write HOST:PORT, such as 127.0.0.1:9092."),
        (["--once", "maybe"], "maybe is no switch: write 1 or 0."),
        (["--heap", "-Xmx1g"], "expected one argument"),
        (["--landed-at", "noon"], "noon is no time"),
        (["--landed-at", "0001-01-01T00:00:00+05:00"], "is no year of landing: write one from 1971 to 2260."),
        (["--landed-at", "9999-12-31T23:00:00-05:00"], "is no year of landing"),
        (["--landing", "s3:bucket/landing"], "s3:bucket/landing is no place in a bucket: write s3://bucket/prefix."),
        (["--landing", ""], "no folder is named: give a folder on a local disk"),
        (["--lost-offsets", "ignore"], "write fail or skip"),
    ],
)
def test_a_wrong_option_is_explained(flags: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_settings(flags)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("ONCE", "ja", "ja is no switch: write 1 or 0."),
        ("TOPICS", ",", "it names nothing"),
        ("BOOTSTRAP_SERVERS", "localhost:0", "localhost:0 is no broker"),
        ("HEAP", "64m", "64m is too small a heap"),
    ],
)
def test_so_is_one_of_the_environment(
    name: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"JUNCTION_{name}", text)
    with pytest.raises(SystemExit) as ended:
        parse_settings([])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("text", "once"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("no", False)])
def test_once_is_a_switch_of_the_environment_too(text: str, once: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_ONCE", text)
    assert (parse_settings([]).trigger_seconds is None) == once
    assert parse_settings(["--once"]).trigger_seconds is None


def test_replay_takes_topics_of_the_contract_unless_a_transformation_may_move_them(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no-such"):
        replay_command.main(["--dry-run", "--topics", "no-such"])
    with pytest.raises(LandingError, match=f"There is no landing folder {tmp_path}"):
        replay_command.main(["--dry-run", "--topics", "no-such", "--transform", "json:loads"])


@pytest.mark.parametrize("flag", ["--landed-from", "--landed-until"])
@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "0001-01-01", "1970-12-31", "2261-01-01"])
def test_replay_takes_years_that_can_be_landed_only(flag: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        replay_command.main([flag, text])
    assert ended.value.code == 2
    assert f"{text} is no year of landing: write one from 1971 to 2260." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["LANDING", "CHECKPOINTS"])
def test_a_url_in_the_environment_is_refused_by_each_command(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"JUNCTION_{name}", "abfs://bucket/folder")
    commands: list[Callable[[list[str]], object]] = [parse_settings]
    if name == "LANDING":
        commands += [replay_command.main, compact.main, lambda _: expire.main(["--older-than", "7"])]
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            command([])
        assert ended.value.code == 2
        assert "abfs://bucket/folder is a URL: give a folder on a local disk" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("s3://bucket/city/one/", Bucket("bucket", "city/one")),
        ("s3://my.bucket-1", Bucket("my.bucket-1", "")),
        ("folder", Path("folder").absolute()),
    ],
)
def test_landing_is_a_folder_or_a_place_in_a_bucket(
    text: str, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))
    settings = parse_settings(["--landing", text])
    assert settings.landing == place
    beside = tmp_path if isinstance(place, Bucket) else place.parent
    assert settings.checkpoints == beside / "checkpoints", "on this machine's disk"


def test_what_is_in_memory_at_once_shrinks_to_one_record() -> None:
    settings = parse_settings(["--kafka-option", "kafka.max.poll.records=20000", "--kafka-option", "kafka.client.id=x"])
    assert settings.consumer()["max.poll.records"] == "20000"
    polls, held = [], []
    smaller = settings.smaller()
    while smaller is not None:
        consumer, session = smaller.consumer(), smaller.bounds.session()
        assert consumer["client.id"] == "x"
        polls.append(int(consumer["max.poll.records"]))
        held.append([int(value) for value in (consumer["max.partition.fetch.bytes"], *session.values())])
        assert smaller.max_offsets == 64 * polls[-1]
        smaller = smaller.smaller()
    assert polls == [62, 7, 1]
    assert held == sorted(held, reverse=True)
    assert all(least > 0 for bounds in held for least in bounds)


@pytest.mark.parametrize("polled", [1, 2, 10, 100, 500, 20_000])
@pytest.mark.parametrize("fetched", [1, 65_536, 1 << 20, 1 << 30])
def test_less_is_in_memory_after_each_step_whatever_the_user_set(polled: int, fetched: int) -> None:
    names = {"max.poll.records": polled, "max.partition.fetch.bytes": fetched}
    settings = parse_settings([f for name, n in names.items() for f in ("--kafka-option", f"kafka.{name}={n}")])
    before = [int(settings.consumer()[name]) for name in names]
    while smaller := settings.smaller():
        after = [int(smaller.consumer()[name]) for name in names]
        assert after[0] < before[0]
        assert after[1] <= before[1]
        settings, before = smaller, after
    assert before[0] == 1


def test_a_bound_of_the_user_on_offsets_is_kept_if_it_is_less() -> None:
    smaller = parse_settings(["--max-offsets", "10"]).smaller()
    assert smaller is not None
    assert smaller.max_offsets == 10


def test_a_wrong_variable_is_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_LOST_OFFSETS", "maybe")
    with pytest.raises(SystemExit):
        parse_settings([])
