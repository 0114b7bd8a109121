"""What all commands take: none repeats a value that may be a secret, and each wrong value gets a sentence."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contract import options
from contract.place import ROOT

CANARY = "canary-7f3a"
PAIR = f"kafka.sasl.password={CANARY}"
COMMANDS = {
    "landing": ["ingest"],
    "compact": ["ingest", "compact"],
    "expire": ["ingest", "expire", "--older-than", "7"],
    "contract-check": ["ingest", "contract-check"],
    "replay": ["ingest", "replay", "--dry-run"],
    "simulator": ["simulator"],
    "local": ["local"],
    "demo": ["local", "demo"],
    "ci-slim": ["local", "ci-slim"],
    "schedules": ["testbed.schedules"],
    "mutation": ["testbed.mutation"],
    "torture": ["testbed.torture"],
    "benchmark": ["benchmarks.seasons"],
}
WAYS = {
    "a flag that it lacks": ["--kafka-opton", PAIR],
    "one argument": [f"--kafka-opton={PAIR}"],
    "no flag": [PAIR],
    "a flag that it lacks, before its word": ["--kafka-opton", PAIR, "work"],
    "a flag that it lacks, behind its word": ["work", "--kafka-opton", PAIR, "main"],
    "the last word": ["work", PAIR],
    "a number": ["work", "main", "--hours", PAIR],
    "a flag that was cut": ["work", "main", f"--hour={PAIR}"],
}


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command that is refused before it does anything."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_repeats_what_may_be_a_secret(command: str, tmp_path: Path) -> None:
    done = run(*COMMANDS[command], "--kafka-opton", PAIR, environment={"JUNCTION_VAR": str(tmp_path)})
    assert done.returncode == 2, done.stderr
    assert "usage:" in done.stderr
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_giving_it_is_repeated(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = options.Parser(prog="p")
    work = parser.add_subparsers(dest="command", required=True).add_parser("work")
    work.add_argument("base", type=options.revision)
    work.add_argument("--hours", type=options.number(float, 0, 9))
    assert vars(parser.parse_args(["work", "--hours", "2", "main"])) == {"command": "work", "base": "main", "hours": 2}
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(WAYS[way])
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert "usage: p" in said.err
    assert CANARY not in said.out + said.err


def test_each_command_has_the_parser_that_repeats_nothing() -> None:
    rooms = ("contract", "simulator", "ingest", "local", "testbed", "benchmarks")
    with_their_own = [
        path.relative_to(ROOT).as_posix()
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if ".ArgumentParser" in path.read_text(encoding="utf-8")
    ]
    assert with_their_own == ["contract/options.py"]


@pytest.mark.parametrize("pair", [PAIR, f"sasl.password={CANARY}", f"password={CANARY}", f" kafka.x={CANARY}"])
def test_an_option_is_no_file_of_options(pair: str, tmp_path: Path) -> None:
    done = run("ingest", environment={"JUNCTION_VAR": str(tmp_path), "JUNCTION_KAFKA_OPTIONS_FILE": pair})
    assert done.returncode == 2
    assert "this is an option and no file: give it by --kafka-option, or name a file" in done.stderr
    assert CANARY not in done.stderr


def test_a_message_ends_where_a_value_begins() -> None:
    assert options.without_value(f"a kafka.sasl.jaas.config=x y='{CANARY}'") == "a kafka.sasl.jaas.config=[hidden]"
    for text in ("write kafka.NAME=VALUE.", "Kafka 4.2.0 = x", "JUNCTION_UMASK=9 is no umask"):
        assert options.without_value(text) == text


@pytest.mark.parametrize("text", ["s3://bucket/x", "s3:/bucket", "s3:bucket/x", "file:x", "hdfs:x", "", " ", "a\0b"])
def test_what_is_no_folder_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="give a folder on a local disk"):
        options.folder(text)


@pytest.mark.parametrize("text", ["/data/a:b", "./a:b", "data/s3:x", "landing"])
def test_a_folder_may_have_a_colon_in_it(text: str) -> None:
    assert options.folder(text) == Path(text)


@pytest.mark.parametrize(
    "text", ["", ":", ":80", "h", "h:", "h:0", "h:65536", "h:-1", "h:\u00b2", "h:1\n", f"h:{'1' * 5000}"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no address: write HOST:PORT"):
        options.address(text)


@pytest.mark.parametrize("text", ["", "h", "h:0", "h:65536", "h:9092,", "a b:1", "h:1:", "[::1]", f"h:{'1' * 5000}"])
def test_what_is_no_broker_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no broker: write HOST:PORT"):
        options.servers(text)


@pytest.mark.parametrize("text", ["h:1", "k1.example.org:9092, 10.0.0.1:9093", "[::1]:9092", "SASL_SSL://h_1:9092"])
def test_brokers_are_taken_as_kafka_takes_them(text: str) -> None:
    assert options.servers(text) == text


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1e999", "9" * 5000, "0", "-1", "1\0", "x\ny"])
@pytest.mark.parametrize("kind", [int, float])
def test_what_is_no_number_is_refused(text: str, kind: type) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is out of bounds: give a"):
        options.number(kind, 1, 10)(text)


def test_the_bounds_of_a_number_are_short() -> None:
    with pytest.raises(
        argparse.ArgumentTypeError, match=r"x is out of bounds: give a number from 0.00028 to 87,600\.$"
    ):
        options.number(float, 1 / 3600, 87_600)("x")


@pytest.mark.parametrize("text", ["-1", "8", "0o27", "+7", "77777", "1777", "27 ", "\u0661"])
def test_what_is_no_umask_changes_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUNCTION_UMASK", text)
    before = os.umask(0o022)
    try:
        assert options.take_umask() is None
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


@pytest.mark.parametrize("command", [["ingest", "compact"], ["local", "demo"]])
def test_what_is_no_umask_is_refused(command: list[str], tmp_path: Path) -> None:
    environment = {"JUNCTION_UMASK": "-1", "JUNCTION_VAR": "s3://none", "JUNCTION_LANDING": str(tmp_path / "landing")}
    done = run(*command, environment=environment)
    assert done.returncode == 1
    assert "JUNCTION_UMASK=-1 is no umask: write octal digits, such as 027." in done.stderr
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize(
    ("own", "variable", "taken"),
    [(0o022, None, "027"), (0o077, None, "077"), (0o077, "", "077"), (0o077, "022", "022"), (0o002, "7", "007")],
)
def test_a_stricter_umask_of_the_user_is_kept(
    own: int, variable: str | None, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is None:
        monkeypatch.delenv("JUNCTION_UMASK", raising=False)
    else:
        monkeypatch.setenv("JUNCTION_UMASK", variable)
    before = os.umask(own)
    try:
        assert options.take_umask() == taken
        assert os.umask(0) == int(taken, 8)
    finally:
        os.umask(before)
