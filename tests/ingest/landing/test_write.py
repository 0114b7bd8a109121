"""What a task writes of its Kafka partition: one file of rows, and one of dead letters, however many batches come."""

from __future__ import annotations

import importlib
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from contract.reading import load_contract
from ingest.folder.landing_folder import LandingFolder
from ingest.landing.batch import Batch, Schemas
from ingest.landing.kafka_time import held
from ingest.landing.write import writer
from testbed.landing.poison import PLAIN, records

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2261, 12, 31, 23, 59, 59, 999_999, UTC)
TICK = timedelta(microseconds=1)


def test_many_batches_of_a_partition_are_one_file(tmp_path: Path) -> None:
    contract = load_contract()
    topic = contract.topic("sensors-sample")
    staging = LandingFolder.at(tmp_path).begin(topic.topic, 0)
    batch = Batch(topic, "g" * 22, EPOCH, {0: (0, 80)}, staging, Schemas.of(contract, topic))
    chunk = records([*[PLAIN] * 15, b"nonsense"])
    chunks = [chunk.set_column(1, "offset", pa.array(range(at, at + 16), pa.int64())) for at in range(0, 80, 16)]
    (written,) = [row for part in writer(batch)(chunks) for row in part.to_pylist()]
    assert (written["row_count"], written["dead_letter_count"]) == (75, 5)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / staging.place).iterdir()) == sorted(
        [written["raw_file"], written["dead_letter_file"]]
    ), "a file that no partition owns"


def test_a_task_leaves_no_zip_that_the_next_one_would_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as made:
        made.writestr("one_of_a_zip.py", "")
        made.writestr("another_of_a_zip.py", "")
    monkeypatch.syspath_prepend(str(tmp_path / "some.zip"))
    importlib.import_module("one_of_a_zip")
    assert str(tmp_path / "some.zip") in sys.path_importer_cache
    contract = load_contract()
    topic = contract.topic("sensors-sample")
    staging = LandingFolder.at(tmp_path).begin(topic.topic, 0)
    assert not [*writer(Batch(topic, "g" * 22, EPOCH, {}, staging, Schemas.of(contract, topic)))([])]
    assert not [path for path in sys.path_importer_cache if path.endswith(".zip")]
    importlib.import_module("another_of_a_zip")  # what is on the path is found as before


def test_what_a_file_unpacks_to_is_in_its_footer(tmp_path: Path) -> None:
    """Or a compaction would take a thousand long texts, all the same, for one (ingest/retention/hour_copy.py)."""
    contract = load_contract()
    topic = contract.topic("sensors-sample")
    staging = LandingFolder.at(tmp_path).begin(topic.topic, 0)
    batch = Batch(topic, "g" * 22, EPOCH, {0: (0, 400)}, staging, Schemas.of(contract, topic))
    rescued = PLAIN[:-1] + b', "more": "' + b"x" * 60_000 + b'"}'
    broken = b"x" * 100_000
    (written,) = [row for part in writer(batch)([records([rescued, broken] * 200)]) for row in part.to_pylist()]
    for file, width in (("raw_file", 60_000), ("dead_letter_file", 100_000)):
        with staging.opened(written[file]) as opened:
            footer = opened.metadata
        groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
        assert sum(group.total_byte_size for group in groups) > 200 * width


@pytest.mark.parametrize(
    ("micros", "kept"),
    [
        (0, EPOCH), (1, EPOCH + TICK), (-1, None), (-(2**63), None), (2**63 - 1, None), (-1000, None),
        ((LAST - EPOCH) // TICK, LAST), ((LAST - EPOCH) // TICK + 1, None), (None, None),
    ],
)  # fmt: skip
def test_raw_holds_kafka_timestamps_of_1970_to_2261(micros: int | None, kept: datetime | None) -> None:
    fits = pa.array([EPOCH], pa.timestamp("us", "UTC"))
    given = pa.concat_arrays([pa.array([micros], pa.int64()).cast(fits.type), fits])
    assert held(given).to_pylist() == [kept, EPOCH]
