"""Some short races, on each store, and whether a race notices a protocol that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.folder import names
from ingest.folder.manifest import Manifest
from testbed.races import report
from testbed.races.__main__ import STORES, race
from testbed.races.race import Race


@pytest.mark.parametrize("store", STORES)
def test_jobs_at_once_land_each_record_once(store: str, s3_server: None, s3_environment: dict[str, str]) -> None:
    found = race(store, 1, 4, s3_environment)
    assert found.faults == []
    assert found.rows > 0
    assert found.looks > 5
    for what in ("batches", "crashes", "pauses"):
        assert found.seen[what] > 0, what
    assert found.seen["another job was first"] > 0, "no job lost a put"


@pytest.mark.parametrize("store", STORES)
def test_a_protocol_without_its_condition_is_noticed(
    store: str, s3_server: None, s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest of a name of its own, which no other job meets."""
    real, numbers = names.batch_manifest, iter(range(10**9))

    def unique(topic: str, previous: object) -> str:
        return real(topic, previous).replace(".json", f"-{next(numbers)}.json")  # type: ignore[arg-type]

    monkeypatch.setattr(names, "batch_manifest", unique)
    monkeypatch.setattr(Manifest, "publish", _publish_all)
    found = race(store, 1, 4, s3_environment)
    assert any("twice" in fault for fault in found.faults)


def _publish_all(manifest: Manifest) -> bool:
    for handle, key in manifest.moves() or []:
        manifest.store.publish(handle, key)
    return True


def test_the_report_counts_each_store_and_lists_faults(tmp_path: Path) -> None:
    races = [Race(1, "local", 10, 3), Race(2, "s3", 7, 2, faults=["1 rows twice, such as (0, 3)"])]
    races[0].seen["batches"] = 4
    report.write(races, tmp_path)
    page = (tmp_path / "races.md").read_text()
    assert "| | local | s3 |\n|---|--:|--:|\n| races | 1 | 1 |\n| records | 10 | 7 |\n| batches | 4 | 0 |" in page
    assert "- s3, seed 2: 1 rows twice, such as (0, 3)" in page
