"""What Spark's checkpoint holds of a batch."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ingest.landing.checkpoint import batch_plan, initial_offsets


def test_a_batchs_plan_is_read_from_sparks_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "sources" / "0").mkdir(parents=True)
    (tmp_path / "sources" / "0" / "0").write_text('\0v1\n{"t":{"0":5,"1":0}}')
    (tmp_path / "offsets").mkdir()
    meta = '{"batchWatermarkMs":0,"batchTimestampMs":1767254400123,"conf":{}}'
    (tmp_path / "offsets" / "0").write_text(f'v1\n{meta}\n{{"t":{{"0":9,"1":0}}}}')
    (tmp_path / "offsets" / "1").write_text(f'v1\n{meta}\n{{"t":{{"0":9,"1":4,"2":6}}}}')
    at = datetime(2026, 1, 1, 8, 0, 0, 123_000, UTC)
    assert initial_offsets(tmp_path) == {0: 5, 1: 0}
    assert batch_plan(tmp_path, 0) == ({0: (5, 9)}, at)
    assert batch_plan(tmp_path, 1) == ({1: (0, 4), 2: (0, 6)}, at)
