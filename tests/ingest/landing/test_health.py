"""/healthz answers 503 for a topic that does not land what it has, and for a job that no longer looks."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ingest.errors import LandingError
from ingest.folder.local_store import LocalStore
from ingest.landing.health import Health, TopicHealth, patience, served
from ingest.landing.store_watch import StoreWatch
from local.checks import free_port


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def get(port: int, path: str = "/healthz") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("topic", "is_well"),
    [
        (TopicHealth(0, 0.0, None), True),
        (TopicHealth(7, 59.0, None), True),
        (TopicHealth(7, 61.0, None), False),
        (TopicHealth(7, 61.0, 61.0), True),  # a large batch is being landed
        (TopicHealth(7, 901.0, 901.0), False),
        (TopicHealth(7, 599.0, None, patience_s=patience(300)), True),
        (TopicHealth(7, 601.0, None, patience_s=patience(300)), False),
        (TopicHealth(7, 61.0, None, patience_s=patience(2)), False),
        (TopicHealth(None, 0.0, None), False),  # Kafka does not answer
        (TopicHealth(0, 0.0, None, "The disk is full."), False),
    ],
)
def test_a_topic_is_well_if_it_lands_what_it_has(topic: TopicHealth, is_well: bool) -> None:
    health = Health()
    health.found({"good": TopicHealth(0, 0.0, None), "t": topic})
    well, body = health.answer()
    assert well == is_well
    assert json.loads(body)["topics"]["t"]["is_well"] == is_well
    assert json.loads(body)["topics"]["good"]["is_well"]


@pytest.mark.parametrize(("silent", "is_well"), [(0.0, True), (40.0, True), (41.0, False)])
def test_a_store_that_is_silent_is_not_well(silent: float, is_well: bool) -> None:
    health = Health(store_silent_s=lambda: silent)
    health.found({"t": TopicHealth(0, 0.0, 3.0)})
    well, body = health.answer()
    assert well == is_well
    assert json.loads(body)["store_silent_s"] == silent


def test_the_watch_of_a_store_counts_from_its_last_answer(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level("INFO", "ingest")
    clock, folder = Clock(), tmp_path / "landing"
    watch = StoreWatch(LocalStore(folder), clock)
    clock.now += 10
    watch.ask()  # the folder is not there
    clock.now += 30
    watch.ask()
    assert watch.silent_s() == 40
    folder.mkdir()
    watch.ask()
    assert watch.silent_s() == 0
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        f"{folder} does not answer", f"{folder} answers again",
    ]  # fmt: skip


def test_a_job_that_has_not_looked_yet_is_not_well() -> None:
    assert not Health().answer()[0]


def test_a_job_that_no_longer_looks_at_its_topics_is_not_well() -> None:
    clock = Clock()
    health = Health(clock)
    health.found({"t": TopicHealth(0, 0.0, None)})
    clock.now += 59
    assert health.answer()[0]
    clock.now += 2
    assert not health.answer()[0]


def test_the_answer_is_served_as_long_as_the_job_runs() -> None:
    health, port = Health(), free_port()
    with served(health, ("127.0.0.1", port)):
        health.found({"t": TopicHealth(3, 1.0, None)})
        assert get(port) == (200, health.answer()[1])
        health.found({"t": TopicHealth(3, 1.0, None, "It is down.")})
        status, body = get(port)
        assert (status, json.loads(body)["topics"]["t"]["failure"]) == (503, "It is down.")
        assert get(port, "/else")[0] == 404
        assert get(port, "/readyz") == (503, '{"is_ready": false}')
        health.found({"t": TopicHealth(3, 100.0, None)})
        assert (get(port)[0], get(port, "/readyz")[0]) == (503, 200)
        health.is_ending = True
        assert get(port, "/readyz")[0] == 503
        with pytest.raises(LandingError, match=rf"cannot listen on 127.0.0.1:{port} .*choose another --health-address"):
            served(health, ("127.0.0.1", port)).__enter__()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
        pass


def test_a_client_that_sends_nothing_holds_up_nobody() -> None:
    health, port = Health(), free_port()
    health.found({"t": TopicHealth(0, 0.0, None)})
    with served(health, ("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port), 1):
        assert get(port)[0] == 200
