"""Whatever bytes arrive become one raw row or one dead letter that holds them: by the code that Spark's task runs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.reading import load_contract
from contract.values import Reason
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.batch import Batch, Schemas
from ingest.landing.write import writer
from testbed.landing.bad_input import GOOD, KINDS, Kind

CONTRACT = load_contract()
TOPIC = CONTRACT.topic("sensors-sample")
AT = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = (b"c", json.dumps(GOOD).encode())


def written(records: Sequence[tuple[bytes | None, bytes | None]]) -> tuple[dict[int, dict], dict[int, dict]]:
    """Write (key, value) records as offsets 0, 1, … of one partition; raw rows and dead letters, by offset."""
    offsets = list(range(len(records)))
    chunk = pa.RecordBatch.from_pydict(
        {
            "partition": pa.array([0] * len(records), pa.int32()),
            "offset": pa.array(offsets, pa.int64()),
            "timestamp": pa.array([AT] * len(records), pa.timestamp("us", "UTC")),
            "key": pa.array([key for key, _ in records], pa.binary()),
            "value": pa.array([value for _, value in records], pa.binary()),
        }
    )
    with tempfile.TemporaryDirectory() as name:
        staging = LandingFolder.at(Path(name)).begin(TOPIC.topic, 0)
        batch = Batch(TOPIC, "g" * 22, AT, {0: (0, len(records))}, staging, Schemas.of(CONTRACT, TOPIC))
        (summary,) = list(writer(batch)([chunk]))
        (counts,) = summary.to_pylist()
        found = []
        for file in (counts["raw_file"], counts["dead_letter_file"]):
            with staging.opened(file) if file else nullcontext() as opened:
                rows = opened.read().to_pylist() if opened else []
            found.append({row["_kafka_offset"]: row for row in rows})
            assert len(found[-1]) == len(rows), "an offset stands in a file twice"
    raw, dead = found
    assert (counts["row_count"], counts["dead_letter_count"]) == (len(raw), len(dead))
    assert sorted([*raw, *dead]) == offsets
    for offset, letter in dead.items():
        assert (letter["key_bytes"], letter["value_bytes"]) == records[offset]
        assert letter["reason"] in set(Reason)
        assert letter["field"] is None or len(letter["field"].encode()) <= 128
    return raw, dead


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_has_its_outcome(kind: Kind) -> None:
    raw, dead = written([(kind.key, kind.value)])
    if kind.reason:
        assert (dead[0]["reason"], dead[0]["field"]) == (kind.reason, kind.field)
    else:
        assert raw[0]["event_id"] == "e"
        assert {name: raw[0][name] for name, _ in kind.row} == dict(kind.row)


def test_all_kinds_among_good_records_have_the_same_outcomes() -> None:
    """So that the fast parser meets each of them: 40 good records between any two."""
    records = [record for kind in KINDS for record in [*[PLAIN] * 40, (kind.key, kind.value)]]
    raw, dead = written(records)
    for number, kind in enumerate(KINDS):
        at = 41 * number + 40
        assert (at in dead) == bool(kind.reason), kind.name
        if kind.reason:
            assert (dead[at]["reason"], dead[at]["field"]) == (kind.reason, kind.field), kind.name
        else:
            assert {name: raw[at][name] for name, _ in kind.row} == dict(kind.row), kind.name


def test_every_reason_is_met_and_names_are_not_used_twice() -> None:
    assert {kind.reason for kind in KINDS if kind.reason} == {reason.value for reason in Reason}
    assert len({kind.name for kind in KINDS}) == len(KINDS)


SAMPLES = st.sampled_from([kind.value for kind in KINDS if kind.value and len(kind.value) < 10_000])
MANGLED = st.tuples(SAMPLES, st.integers(0, 200), st.integers(0, 8), st.binary(max_size=4)).map(
    lambda cut: cut[0][: cut[1]] + cut[3] + cut[0][cut[1] + cut[2] :]
)
VALUES = st.none() | st.binary(max_size=200) | st.text(max_size=80).map(str.encode) | SAMPLES | MANGLED
KEYS = st.none() | st.binary(max_size=20)
DEEP = st.tuples(st.integers(1, 60_000), st.sampled_from([b"[", b'{"a":', b"[{"]), st.booleans())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=80))
def test_any_bytes_are_one_row_or_one_dead_letter(records: list[tuple[bytes | None, bytes | None]]) -> None:
    written(records)


@settings(max_examples=30, deadline=None)
@given(DEEP)
def test_no_depth_stops_the_task(deep: tuple[int, bytes, bool]) -> None:
    """Among good records, so that Arrow's parser, which recurses without a limit, is tempted."""
    depth, opening, closed = deep
    value = b'{"more": ' + opening * depth + (b"]" * depth if closed else b"") + b"}"
    raw, dead = written([*[PLAIN] * 40, (None, value), *[PLAIN] * 40])
    assert (len(raw), list(dead)) == (80, [40])
    assert dead[40]["reason"] in ("not_json", "missing_field")
