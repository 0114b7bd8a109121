"""docker-compose.yml, which this machine may not be able to run: what can be said of it without Docker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.options import Bucket
from contract.place import ROOT
from ingest.landing.health import Health, TopicHealth, served
from ingest.settings import parse_settings
from local.__main__ import _parser as local_parser
from local.checks import free_port
from local.jars import COORDINATES

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "local" / "Dockerfile").read_text(encoding="utf-8")


def test_all_parts_of_the_stack_are_there() -> None:
    assert set(SERVICES) >= {"kafka", "simulator", "ingest", "s3", "loop", "prometheus", "thrift"}


@pytest.mark.parametrize("name", SERVICES)
def test_images_have_an_exact_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+$", SERVICES[name]["image"])


def test_base_image_has_an_exact_version() -> None:
    assert re.search(r"^FROM python:3\.\d+\.\d+-slim-bookworm$", DOCKERFILE, re.MULTILINE)


def test_broker_is_the_one_that_runs_without_docker() -> None:
    version = SERVICES["kafka"]["image"].partition(":")[2]
    assert f"kafka_2.13:{version}" in COORDINATES["broker"]


@pytest.mark.parametrize("name", [name for name in SERVICES if SERVICES[name]["restart"] != "no"])
def test_what_keeps_running_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_order_comes_from_conditions_and_not_from_waiting() -> None:
    assert "sleep" not in TEXT + DOCKERFILE
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if SERVICES[other]["restart"] == "no" else "service_healthy"
            assert how["condition"] == expected, name


def test_volumes_are_declared() -> None:
    used = {mount.partition(":")[0] for service in SERVICES.values() for mount in service["volumes"]}
    assert used == set(COMPOSE["volumes"])
    configs = {config["source"] for service in SERVICES.values() for config in service.get("configs", [])}
    assert configs == set(COMPOSE["configs"])
    assert all((ROOT / config["file"]).exists() for config in COMPOSE["configs"].values())


def test_ports_are_open_to_this_machine_only() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_may_do_what_its_program_needs_and_no_more(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert 0 < service["pids_limit"] <= 4096
    assert re.fullmatch(r"[1-9]g", service["mem_limit"])
    assert all(not mount.startswith(("/", ".", "~")) for mount in service["volumes"]), "a folder of the host"


@pytest.mark.parametrize("name", [name for name in SERVICES if SERVICES[name]["image"].startswith("junction:")])
def test_our_containers_write_to_their_volume_and_to_tmp_only(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["volumes"] == ["state:/state"]
    (mount,) = service["tmpfs"]
    assert mount.startswith("/tmp:")
    size = re.search(r"[:,]size=(\d+)m(,|$)", mount)
    assert size, "by itself it may take half of the host's memory"
    assert 2 * int(size[1]) <= 1024 * int(service["mem_limit"].removesuffix("g"))
    assert service["environment"]["DBT_TARGET_PATH"].startswith("/state/")
    assert service["environment"]["DBT_LOG_PATH"].startswith("/state/")


def test_containers_run_as_a_user_who_does_not_own_the_code() -> None:
    *before, last = [line for line in DOCKERFILE.splitlines() if line.startswith(("USER ", "RUN useradd"))]
    assert re.fullmatch(r"USER [1-9]\d*:[1-9]\d*", last)
    assert not any("/junction" in line for line in before)


def test_no_secret_stands_in_the_file() -> None:
    """The Thrift server makes its password in its volume; a secret in the environment is in `docker inspect`."""
    names = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert not [name for name in names if re.search("SECRET|PASSWORD|TOKEN|KAFKA_OPTIONS$", name)]
    assert "$(cat /state/thrift.password)" in TEXT


@pytest.mark.parametrize("name", ["topics", "key", "bucket", "loop", "thrift"])
def test_commands_of_local_are_understood(name: str) -> None:
    python, dash_m, module, *arguments = SERVICES[name]["command"]
    assert (python, dash_m, module) == ("python", "-m", "local")
    assert local_parser().parse_args(arguments).command == name


def test_landing_job_reads_the_broker_and_writes_to_the_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    service = SERVICES["ingest"]
    in_image = dict(re.findall(r"(JUNCTION_\w+)=(\S+)", DOCKERFILE))
    for variable, value in {**in_image, **service["environment"]}.items():
        monkeypatch.setenv(variable, value)
    settings = parse_settings(service["command"][3:])
    assert settings.bootstrap_servers == "kafka:9092"
    mounted = [Path(mount.partition(":")[2]) for mount in service["volumes"]]
    assert settings.landing == Bucket("junction", "city")
    assert any(folder in settings.checkpoints.parents for folder in mounted)


@pytest.mark.parametrize(("failure", "code"), [("", 0), ("The disk is full.", 1)])
def test_the_landing_jobs_health_check_asks_whether_it_lands(failure: str, code: int) -> None:
    service, port = SERVICES["ingest"], free_port()
    address = parse_settings(service["command"][3:]).health_address
    assert address
    kind, program, *arguments = service["healthcheck"]["test"]
    asked = [argument.replace(f"ingest:{address[1]}", f"127.0.0.1:{port}") for argument in arguments]
    assert asked != arguments
    health = Health()
    health.found({"weather": TopicHealth(0, 0.0, None, failure)})
    with served(health, ("127.0.0.1", port)):
        done = subprocess.run([sys.executable, *asked], capture_output=True, check=False)
    assert (kind, program, done.returncode) == ("CMD", "python", code)
