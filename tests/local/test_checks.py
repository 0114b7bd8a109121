"""What set-up and the demo say when something on the machine is in the way."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from contract.place import ROOT
from local import checks, demo, warehouse
from local.checks import LocalError


def fake_java(folder: Path, version: str) -> Path:
    """A `java` in `folder`/bin that reports `version` as a JDK does, on standard error."""
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(("host", "reached"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"),
                                               ("0.0.0.0", "127.0.0.1")])  # fmt: skip
def test_a_server_is_waited_for_where_it_listens(host: str, reached: str) -> None:
    """As the Thrift server with --thrift-host: each address of 127.0.0.0/8 is one of this machine's."""
    with socket.socket() as server:
        server.bind((host, 0))
        port = server.getsockname()[1]
        assert not checks.listens(port, host)
        server.listen()
        assert checks.reached_at(host) == reached
        assert checks.listens(port, host)
        assert checks.listens(port) == (reached == "127.0.0.1")
        with pytest.raises(LocalError, match=f"Port {port} for a test is in use"):
            checks.port_is_free(port, "a test", "HERE", host)
        if host == "127.0.0.2":
            checks.port_is_free(port, "a test", "HERE")
    checks.port_is_free(port, "a test", "HERE", host)


def test_a_free_port_is_none_that_an_outgoing_connection_gets() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1024 <= checks.free_port() < lowest for _ in range(50))


@pytest.mark.parametrize("host", ["192.0.2.1", "", "no such name", "a.invalid", "x" * 300, "1.2.3.4.5"])
def test_a_server_cannot_listen_elsewhere(host: str) -> None:
    with pytest.raises(LocalError, match=r"for a test is no address( of this machine)?: give one"):
        checks.port_is_free(checks.free_port(), "a test", "HERE", host)


@pytest.mark.parametrize("version", ["17.0.15", "21.0.2", "21"])
def test_java_that_fits_is_taken_from_java_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    java = fake_java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert checks.java() == str(java)


@pytest.mark.parametrize(
    ("version", "fault"),
    [("1.8.0_392", "Java 8 .* too old"), ("11.0.22", "Java 11 .* too old"), ("25", "Java 25 .* not supported")],
)
def test_java_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, fault: str
) -> None:
    fake_java(tmp_path, version)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    with pytest.raises(LocalError, match=fault + ".*install Java 17 or 21"):
        checks.java()


def test_no_java_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match="No Java on the PATH: install Java 17 or 21"):
        checks.java()


def test_java_home_without_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(LocalError, match=r"No Java under JAVA_HOME.*install Java 17 or 21"):
        checks.java()


def test_java_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, "17").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(LocalError, match="does not run: install Java 17 or 21"):
        checks.java()


def test_port_in_use() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(LocalError, match=f"Port {port} for Kafka is in use: stop .* JUNCTION_KAFKA_PORT"):
            checks.port_is_free(port, "Kafka", "JUNCTION_KAFKA_PORT")
        assert checks.listens(port)
    checks.port_is_free(port, "Kafka", "JUNCTION_KAFKA_PORT")
    assert not checks.listens(port)


def test_disk_space(tmp_path: Path) -> None:
    later = tmp_path / "not" / "there" / "yet"
    with pytest.raises(LocalError, match=r"Only 2\.0 GiB are free .*: free at least 3 GiB"):
        checks.disk_space(later, 3, free_bytes=2 * 1024**3)
    checks.disk_space(later, 3, free_bytes=3 * 1024**3)
    with pytest.raises(LocalError, match="free at least"):
        checks.disk_space(later, need_gib=10**9)


def test_demo_leaves_data_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    with pytest.raises(LocalError, match=r"landing in .* did not come from make demo"):
        demo.start_afresh(tmp_path)
    assert (tmp_path / "landing").is_dir()


def test_demo_empties_what_it_made_itself(tmp_path: Path) -> None:
    demo.start_afresh(tmp_path)
    (tmp_path / "landing").mkdir()
    (tmp_path / "live").mkdir()
    duckdb.connect(str(tmp_path / warehouse.FILE)).close()
    demo.start_afresh(tmp_path)
    assert not (tmp_path / "landing").exists()
    assert not (tmp_path / warehouse.FILE).exists()
    assert (tmp_path / "live").is_dir()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `make` needs of a checkout before its first use."""
    folder = tmp_path / "clone with a space"
    folder.mkdir()
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    for package in ("contract", "local"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def make(clone: Path, path: str, **environment: str) -> list[str]:
    """What `make demo` says in `clone`, with nothing but `path` and `environment` around it; it has to fail."""
    make = shutil.which("make")
    assert make
    done = subprocess.run(
        [make, "demo"], cwd=clone, env={"PATH": path, **environment}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode != 0
    return [line for line in done.stderr.splitlines() if not line.startswith("make")]


def folder_with(folder: Path, *commands: str) -> Path:
    """A folder for the PATH that holds `commands` of this machine and no others."""
    folder.mkdir()
    for command in commands:
        found = shutil.which(command)
        assert found
        (folder / command).symlink_to(os.path.realpath(found))
    return folder


def script(path: Path, body: str) -> None:
    """An executable shell script."""
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_make_demo_without_java_says_so_before_it_installs(clone: Path, tmp_path: Path) -> None:
    tools = folder_with(tmp_path / "tools", "sh", "dirname", "cmp")
    script(tools / "python3", f'exec "{sys.executable}" "$@"')
    assert make(clone, str(tools)) == ["No Java on the PATH: install Java 17 or 21 and put it on the PATH."]
    assert not (clone / ".venv").exists()


def test_make_demo_passes_over_a_python_that_does_not_run(clone: Path, tmp_path: Path) -> None:
    tools = folder_with(tmp_path / "tools", "sh", "dirname", "cmp")
    for shim in ("python3.13", "python3"):
        script(tools / shim, "echo 'command not found' >&2; exit 127")
    assert make(clone, str(tools)) == ["No Python 3.11, 3.12 or 3.13 on the PATH: install one of them and try again."]


def test_first_use_without_network(clone: Path, tmp_path: Path) -> None:
    tools = folder_with(tmp_path / "tools", "sh", "dirname", "cmp")
    script(tools / "python3", f'exec "{sys.executable}" "$@"')
    java = fake_java(tmp_path / "jdk", "17.0.15")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    said = make(clone, str(tools), JAVA_HOME=str(java.parents[1]), HOME=str(tmp_path), **nowhere)
    assert said == ["No network, which the first use needs: connect and run the same command again."]


def test_make_alone_lists_the_commands(clone: Path) -> None:
    done = subprocess.run(["make"], cwd=clone, capture_output=True, text=True)
    listed = {line.split()[1] for line in done.stdout.splitlines()}
    assert listed >= {"demo", "test", "test-fast", "up", "docs", "lint"}
    assert done.returncode == 0
