"""After a power failure at any moment of a landing: what a reader sees is whole, and landing goes on exactly once."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from testbed.city.pieces import City
from testbed.power.landing import PIECES, TOPICS, events, go_on
from testbed.power.states import Disk, State, states
from testbed.power.trace import Act, traced

KEY = "_kafka_topic, _kafka_partition, _kafka_offset"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> City:
    return events(tmp_path_factory.mktemp("events"))


@pytest.fixture(scope="module")
def acts(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Act], Path]:
    """The acts of the whole landing, and the folder as it is after them."""
    folder = tmp_path_factory.mktemp("traced")
    landing = folder / "landing"
    landing.mkdir()
    command = ["-m", "testbed.power.landing", str(folder / "events"), str(landing)]
    return traced(command, landing, folder / "strace.log"), landing


def records(landing: Path) -> Counter[tuple]:
    """How often each record is there, by the files that a reader of folders finds."""
    found: Counter[tuple] = Counter()
    for table in ("weather", "dead_letters"):
        files = [str(file) for file in (landing / "raw" / table).rglob("*.parquet")]
        if files:
            found += Counter(duckdb.connect().execute(f"select {KEY} from read_parquet(?)", [files]).fetchall())
    return found


def laid_out(state: State, content: dict[int, bytes], folder: Path) -> None:
    """Make the folder that the state has."""
    names: dict[int, Path] = {}
    for path, number in state.tree:
        if number is None:
            (folder / path).mkdir(parents=True, exist_ok=True)
        elif number in names:
            (folder / path).hardlink_to(names[number])
        else:
            names[number] = folder / path
            names[number].write_bytes(b"" if number in state.torn else content.get(number, b""))


def test_the_trace_has_each_kind_of_act(acts: tuple[list[Act], Path]) -> None:
    kinds = Counter(act.kind for act in acts[0])
    assert kinds.keys() >= {"create", "write", "sync", "link", "unlink", "mkdir"}
    links = [act for act in acts[0] if act.kind == "link" and "/landed_batches/" in act.to]
    assert len(links) == len(TOPICS) * PIECES


@pytest.mark.long
def test_after_a_power_failure_each_record_is_landed_once(
    acts: tuple[list[Act], Path], sent: City, tmp_path: Path
) -> None:
    found, names = states(acts[0])
    content = {number: (acts[1] / path).read_bytes() for number, path in names.items() if (acts[1] / path).is_file()}
    expected = {(topic, row["partition"], row["offset"]): 1 for topic in TOPICS for row in sent.records[topic]}
    whole = records(acts[1])
    assert whole == expected
    print(f"{len(acts[0])} acts, {len(found)} different states")
    for number, state in enumerate(found):
        folder = tmp_path / str(number)
        laid_out(state, content, folder)
        seen = records(folder)  # fails at a torn file
        assert max(seen.values(), default=1) == 1, state
        go_on(sent, folder)
        assert records(folder) == expected, state
        assert not seen - records(folder), state
        shutil.rmtree(folder)


def test_a_state_keeps_what_was_synced_and_any_part_of_the_rest() -> None:
    disk = Disk()
    for act in (
        Act("mkdir", "a"), Act("sync", "."), Act("create", "a/x"), Act("write", "a/x"), Act("sync", "a/x"),
        Act("link", "a/x", "a/y"),
    ):  # fmt: skip
        disk.do(act)
    names = {tuple(path for path, _ in state.tree if path.startswith("a/")) for state in disk.states(6)}
    assert names == {(), ("a/x",), ("a/y",), ("a/x", "a/y")}
    disk.do(Act("sync", "a"))
    assert [path for state in disk.states(7) for path, _ in state.tree] == [".", "a", "a/x", "a/y"]
    disk.do(Act("write", "a/x"))
    assert sorted(len(state.torn) for state in disk.states(8)) == [0, 1]


def test_a_publication_before_the_sync_of_its_bytes_is_noticed() -> None:
    acts = [Act("mkdir", "raw"), Act("sync", "."), Act("create", "raw/x"), Act("write", "raw/x"), Act("sync", "raw")]
    found, _ = states(acts)
    assert any(dict(state.tree).get("raw/x") in state.torn for state in found)
