"""Secrets among the options of a Kafka client: no message has them, whichever way they came in."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.place import ROOT
from ingest.errors import LandingError
from ingest.kafka_options import kafka_option
from ingest.printed import printable
from ingest.replay import command as replay_command
from ingest.settings import Settings, parse_settings

CANARY = "canary-7f3a"
JAAS = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="{CANARY}";'


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUNCTION_VAR", str(tmp_path))
    monkeypatch.setattr("ingest.printed._secrets", [])
    for name in ("JUNCTION_KAFKA_OPTIONS", "JUNCTION_KAFKA_OPTIONS_FILE"):
        monkeypatch.delenv(name, raising=False)


def options_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "kafka.options"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_has_an_option_a_line_and_a_flag_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = f"# Kafka\n\nkafka.sasl.jaas.config={JAAS}\nkafka.client.id=of-the-file\nkafka.group.id=of-the-file\n"
    file = options_file(tmp_path, text)
    monkeypatch.setenv("JUNCTION_KAFKA_OPTIONS", "kafka.group.id=of-the-environment kafka.client.rack=r")
    settings = parse_settings(["--kafka-options-file", str(file), "--kafka-option", "kafka.client.id=of-the-flag"])
    assert settings.kafka_options == {
        "kafka.sasl.jaas.config": JAAS,
        "kafka.client.id": "of-the-flag",
        "kafka.group.id": "of-the-file",
        "kafka.client.rack": "r",
    }
    monkeypatch.setenv("JUNCTION_KAFKA_OPTIONS_FILE", str(file))
    assert parse_settings([]).kafka_options["kafka.sasl.jaas.config"] == JAAS


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o644, 0o620])
def test_a_file_that_others_may_read_or_write_is_refused(mode: int, tmp_path: Path) -> None:
    file = options_file(tmp_path, f"kafka.sasl.password={CANARY}\n", mode)
    with pytest.raises(LandingError, match=rf"may be read by others than its owner \(mode {mode:04o}\): chmod 600"):
        parse_settings(["--kafka-options-file", str(file)])


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(LandingError, match=r"There is no file .*: say with --kafka-options-file where it is\."):
            parse_settings(["--kafka-options-file", str(path)])
    latin = options_file(tmp_path, "")
    latin.write_bytes(f"kafka.sasl.password={CANARY}ü".encode("latin-1"))
    with pytest.raises(LandingError, match="no UTF-8") as refused:
        parse_settings(["--kafka-options-file", str(latin)])
    assert CANARY not in str(refused.value)


WRONG = {
    "no prefix": [f"sasl.password={CANARY}"],
    "no prefix, and a JAAS configuration": [f"sasl.jaas.config={JAAS}"],
    "no name": [f"={CANARY}"],
    "a value only": [CANARY],
    "a value that has =": [f"{CANARY}=="],
    "no =": [f"kafka.sasl.password:{CANARY}"],
    "a blank instead of =": ["kafka.sasl.password", CANARY],
    "a name with a blank": [f"kafka.sasl.password {CANARY}=x"],
}


@pytest.mark.parametrize("command", [parse_settings, replay_command.main])
@pytest.mark.parametrize("pairs", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("way", ["flag", "file", "misspelled flag", "part of a flag"])
def test_a_wrong_option_is_refused_without_its_value(
    way: str, pairs: list[str], command: Callable[[list[str]], object], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    arguments = {
        "flag": ["--kafka-option", *pairs],
        "file": ["--kafka-options-file", str(options_file(tmp_path, "\n".join(pairs)))],
        "misspelled flag": ["--kafka-opton", *pairs],
        "part of a flag": [f"--kafka={' '.join(pairs)}"],
    }[way]
    with pytest.raises(SystemExit) as ended:
        command(arguments)
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert CANARY not in said.out + said.err
    assert "kafka.NAME=VALUE" in said.err


@pytest.mark.parametrize("pairs", WRONG.values(), ids=WRONG.keys())
def test_so_is_one_of_the_environment(
    pairs: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUNCTION_KAFKA_OPTIONS", " ".join(map(shlex.quote, pairs)))
    with pytest.raises(SystemExit):
        parse_settings([])
    said = capsys.readouterr().err
    assert "JUNCTION_KAFKA_OPTIONS, option 1: " in said
    assert CANARY not in said


@pytest.mark.parametrize("where", ["flag", "environment"])
def test_the_job_itself_ends_without_a_traceback(where: str, tmp_path: Path) -> None:
    environment = {**os.environ, "JUNCTION_VAR": str(tmp_path)}
    if where == "environment":
        environment["JUNCTION_KAFKA_OPTIONS"] = f"sasl.password={CANARY}"
    arguments = ["--kafka-option", f"sasl.password={CANARY}"] if where == "flag" else []
    done = subprocess.run(
        [sys.executable, "-m", "ingest", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "sasl.password is no name of a Kafka option" in done.stderr
    assert "Traceback" not in done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_an_open_quote_in_the_environment_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUNCTION_KAFKA_OPTIONS", f"kafka.sasl.password='{CANARY}")
    with pytest.raises(SystemExit):
        parse_settings([])
    said = capsys.readouterr().err
    assert "JUNCTION_KAFKA_OPTIONS has a quote that is not closed" in said
    assert CANARY not in said


def test_a_name_that_lacks_its_prefix_is_named() -> None:
    with pytest.raises(Exception, match=r"^sasl\.password is no name of a Kafka option: write kafka\.NAME=VALUE\.$"):
        kafka_option(f"sasl.password={CANARY}")


def test_what_was_given_is_left_out_of_messages_also_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"sasl.jaas.config": JAAS, "ssl.key.password": "12345", "max.poll.records": "5000",
               "security.protocol": "SASL_SSL", "fetch.min.bytes": f"{CANARY}-2"}  # fmt: skip
    flags = [flag for name, value in options.items() for flag in ("--kafka-option", f"kafka.{name}={value}")]
    parse_settings(flags)
    for text in (JAAS, CANARY, f"Login failed: {CANARY}", f"Invalid value {CANARY}-2 for fetch.min.bytes"):
        assert CANARY not in printable(text)
    assert printable("12345") == "[hidden]"
    assert printable("offset 5000 by SASL_SSL") == "offset 5000 by SASL_SSL"
    assert CANARY not in repr(Settings("b", Path("l"), Path("c"), kafka_options=options))


def given(**options: str) -> None:
    flags = [f"kafka.{name.replace('_', '.')}={value}" for name, value in options.items()]
    parse_settings([part for flag in flags for part in ("--kafka-option", flag)])


@pytest.mark.parametrize("password", ["1234", "12", "7", "kaf", "offset", "12345678", "password"])
def test_a_short_secret_is_hidden_by_itself_only(password: str) -> None:
    given(sasl_password=password)
    for text in (f"value {password} of", f"'{password}'", f"user:{password}@host", f"{password}", f"a={password};"):
        assert password not in printable(text).replace("[hidden]", "")
    longer = f"offsets 9{password}1 to a{password} at 2026-01-01T10:00:00.5 of kafka-1:9092"
    assert printable(longer) == longer


@pytest.mark.parametrize("secret", [CANARY, "p4ssw0rd", "hunter-2-hunter", "x" * 7 + "$"])
def test_a_long_secret_is_hidden_wherever_it_stands(secret: str) -> None:
    given(ssl_key_password=secret)
    assert printable(f"\x1b[0m{secret}x and y{secret}") == "\\x1b[0m[hidden]x and y[hidden]"


@pytest.mark.parametrize(
    "options",
    [{"client_rack": "kafka-1"}, {"sasl_username": "kafka"}, {"fetch_max_bytes": "9092"}, {"metrics_level": "kafka"},
     {"sasl_password": "zz=kafka"},
     {"sasl_jaas_config": "a.b.C required username=kafka serviceName='kafka' "
                          'useKeyTab=true refreshKrb5Config=true password="x9";'}],
)  # fmt: skip
def test_what_is_no_secret_garbles_no_message(options: dict[str, str]) -> None:
    given(**options)
    text = "Kafka on kafka-1:9092 does not answer, which is true of kafka"
    assert printable(text) == text


def test_a_private_key_is_a_secret_by_each_name_of_it() -> None:
    given(ssl_key_pem="abc", ssl_keystore_key="def", sasl_oauthbearer_config="ghi")
    assert printable("abc def ghi abcd") == "[hidden] [hidden] [hidden] abcd"


def test_a_log_has_no_secret_and_no_control_character() -> None:
    code = (
        "import logging\nfrom ingest import printed\nprinted.set_up()\n"
        f"printed.keep_secret(['{CANARY}'])\n"
        "logging.getLogger('ingest').error('%s %s', 'a\\x1b[2Jb\\x9b\\u202e', '" + CANARY + "')\n"
        f"raise RuntimeError('{CANARY}\\x1b]0;title\\x07')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert r"a\x1b[2Jb\x9b\u202e [hidden]" in done.stderr
    assert r"RuntimeError: [hidden]\x1b]0;title\x07" in done.stderr
    assert CANARY not in done.stderr
